"""The words of phrases.py: fixed phrases by script, invented names, syllables of each script.

A line is a text that watermark makers use, or one like it; names are invented.
"""

# ruff: noqa: RUF001, SIM905 - the letters of other scripts are meant; tables of syllables

FIXED: dict[str, tuple[str, ...]] = {
    "latin": (
        "sample", "preview", "proof", "do not copy", "copyright", "all rights reserved", "draft",
        "confidential", "watermark", "demo", "demo version", "trial version", "unregistered",
        "not for sale", "for review only", "for preview only", "do not reproduce", "do not use",
        "property of the artist", "stock photo", "evaluation copy", "limited edition",
        "low resolution",
        "original", "approved", "void", "specimen", "comp image", "for position only",
        "layout only",
        "do not distribute", "licensed to", "unlicensed", "free version", "created with love",
        "wedding photography", "fine art prints", "portrait studio",
        "visual arts", "image library", "press photo", "for editorial use only", "exclusive",
        "official", "premium", "protected", "image protected", "buy now", "sold", "sale", "new",
        "best",
        "top quality", "handmade", "since 1987", "est. 2004", "no. 1", "special offer",
        "made by hand",
        "real estate", "for rent", "virtual tour", "virtually staged", "breaking news", "live",
        "exclusive footage", "all rights", "rights managed", "royalty free", "screener",
        "property of",
        "subscribe", "follow us", "like and share", "visit our site", "download", "please credit",
        "credit the photographer", "private", "internal use only", "top secret", "classified",
        "copy", "duplicate", "paid", "cancelled", "final", "test", "test image", "beta", "example",
        "muestra", "no copiar", "todos los derechos reservados", "vista previa", "borrador",
        "Muster", "Vorschau", "Entwurf", "nicht kopieren", "alle Rechte vorbehalten", "Probedruck",
        "échantillon", "aperçu", "ne pas copier", "tous droits réservés", "épreuve", "brouillon",
        "anteprima", "campione", "non copiare", "tutti i diritti riservati", "bozza",
        "amostra", "não copiar", "todos os direitos reservados", "rascunho",
        "próbka", "nie kopiować", "wszelkie prawa zastrzeżone", "szkic", "ukázka", "náhled",
        "örnek", "kopyalamayın", "tüm hakları saklıdır", "prov", "kopiera inte", "näyte", "prøve",
        "voorbeeld", "niet kopiëren", "concept", "minta", "piszkozat", "mostră", "bản mẫu",
        "xem trước", "contoh", "jangan disalin", "hak cipta", "mfano", "sýnishorn", "paraugas",
    ),
    "cyrillic": (
        "образец", "не копировать", "все права защищены", "предпросмотр", "черновик", "фото",
        "авторское право", "демо-версия", "только для просмотра", "фотостудия", "пример", "копия",
        "зразок", "не копіювати", "усі права захищено", "попередній перегляд", "преглед",
        "образец №1",
        "узорак", "сва права задржана", "проба", "Фотограф Мирон Лесной", "Студия Светлый Лес",
        "конфиденциально", "защищено", "авторский снимок", "не для продажи",
    ),
    "greek": (
        "δείγμα", "μην αντιγράφετε", "προεπισκόπηση", "πρόχειρο", "φωτογραφία", "αντίγραφο",
        "πνευματικά δικαιώματα", "δοκιμή", "εμπιστευτικό", "στούντιο", "παράδειγμα", "πρωτότυπο",
        "δοκιμαστική έκδοση", "απαγορεύεται η αντιγραφή", "όλα τα δικαιώματα", "τέχνη", "νέα",
    ),
    "arabic": (
        "عينة", "معاينة", "لا تنسخ", "جميع الحقوق محفوظة", "مسودة", "حقوق النشر", "تصوير", "نسخة",
        "سري", "استوديو", "مثال", "تجربة", "للعرض فقط", "غير مخصص للبيع", "صورة", "محمي", "أصلي",
        "نمونه", "پیش نمایش", "نمائش", "خبر عاجل",
    ),
    "hebrew": (
        "דוגמה", "תצוגה מקדימה", "אין להעתיק", "כל הזכויות שמורות", "טיוטה", "צילום", "עותק",
        "סודי", "סטודיו", "לצפייה בלבד", "גרסת ניסיון", "זכויות יוצרים", "מוגן", "מקור", "תמונה",
        "לא למכירה", "חדש",
    ),
    "devanagari": (
        "नमूना", "पूर्वावलोकन", "कॉपी न करें", "सर्वाधिकार सुरक्षित", "प्रारूप", "फोटो",
        "प्रतिलिपि", "गोपनीय",
        "स्टूडियो", "उदाहरण", "परीक्षण", "केवल देखने के लिए", "चित्र", "मूल", "बिक्री के लिए नहीं",
        "सुरक्षित", "समाचार",
    ),
    "thai": (
        "ตัวอย่าง", "ห้ามคัดลอก", "สงวนลิขสิทธิ์", "ดูตัวอย่าง", "ฉบับร่าง", "ภาพถ่าย", "สำเนา",
        "ลับ", "สตูดิโอ",
        "ทดลองใช้", "ห้ามจำหน่าย", "ลิขสิทธิ์", "ต้นฉบับ", "รูปภาพ", "ข่าวด่วน",
        "เพื่อการดูเท่านั้น", "ของแท้",
    ),
    "chinese": (
        "样图", "预览", "请勿复制", "版权所有", "样品", "草稿", "摄影", "工作室", "仅供参考",
        "试用版", "机密",
        "禁止转载", "原创", "水印", "图片", "复制", "樣本", "預覽", "請勿複製", "版權所有", "攝影",
        "范例",
        "翻版必究", "盗图必究", "非卖品", "新闻", "独家", "实拍图", "保留所有权利", "测试",
    ),
    "japanese": (
        "サンプル", "見本", "プレビュー", "無断転載禁止", "複製禁止", "写真", "スタジオ", "下書き",
        "著作権",
        "試用版", "参考画像", "社外秘", "非売品", "撮影", "テスト", "コピー禁止", "転載厳禁",
        "イメージ",
        "ウォーターマーク", "お試し版", "全著作権所有", "原本", "校正用",
    ),
    "korean": (
        "샘플", "미리보기", "복사 금지", "무단 전재 금지", "저작권", "초안", "사진", "스튜디오",
        "견본",
        "시험판", "대외비", "비매품", "이미지", "원본", "참고용", "모든 권리 보유", "불펌 금지",
        "예시",
        "테스트", "촬영", "속보", "워터마크",
    ),
}  # fmt: skip

FIRST_NAMES = (
    "Alma", "Anders", "Amara", "Bela", "Bruno", "Carla", "Cosmo", "Dalia", "Dmitri", "Edda", "Elio",
    "Esme", "Farid", "Fenna", "Gita", "Greta", "Hanno", "Hilde", "Imre", "Ines", "Ivo", "Jana",
    "Jonas",
    "Kaito", "Kira", "Lars", "Leila", "Lotta", "Malik", "Mara", "Mika", "Nadia", "Nils", "Noor",
    "Odile",
    "Oskar", "Pablo", "Petra", "Quinn", "Rafael", "Rosa", "Runa", "Sami", "Selma", "Sven", "Tariq",
    "Tessa", "Timo", "Uma", "Vera", "Viggo", "Wanda", "Xenia", "Yara", "Yusuf", "Zeno", "Zoe",
    "José",
    "Zoë", "Björn", "René", "Łucja", "Čeněk",
)  # fmt: skip

SURNAMES = (
    "Abelow", "Arkwell", "Bellmare", "Birkholt", "Blackmere", "Brandvik", "Calloway", "Corvane",
    "Dahlgren", "Delmora", "Dunmore", "Eastwick", "Ellisar", "Fairbourne", "Falkner", "Fenwick",
    "Galdara", "Greymoor", "Hallstead", "Hartvig", "Hollowell", "Iversund", "Jarlow", "Kestrel",
    "Kirova", "Kowalin", "Lachmere", "Lindqvar", "Lorimer", "Maddern", "Marovic", "Mistral",
    "Nakamori", "Northcote", "Oakhurst", "Okonjo", "Orsini", "Pellgrave", "Penrose", "Quillfeather",
    "Rasmark", "Ravenhall", "Rosendal", "Sandoval", "Seabright", "Silvane", "Stormark", "Tallgren",
    "Thornbury", "Umbrano", "Valdemar", "Vanterpool", "Wexcombe", "Whitlock", "Winterbourne",
    "Yamazato", "Yarrow", "Zellner", "Zimmerley", "O'Dunleary", "Müllerin", "Åkermark", "Peñalosa",
)  # fmt: skip

TRADES = (
    "Photography", "Photo", "Studio", "Studios", "Images", "Pictures", "Media", "Art", "Design",
    "Films", "Prints", "Gallery", "Visuals", "Fotografie", "Fotografía", "Weddings", "Creative",
    "Stock", "Travel", "Press", "Archive", "Illustration", "& Co.", "& Sons", "Productions", "Lab",
    "Digital", "Realty", "Records", "Coffee", "Bakery", "Sports", "News", "TV", "Magazine",
)  # fmt: skip
"""Words that both sides of the split may use: a name before them decides."""

ALPHABETS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "latin": (
        tuple("b c d f g h j k l m n p r s t v w z br ch cl dr fl gr kr pl pr sh sl st tr".split()),
        tuple("a e i o u a e i o ai ea io ou y".split()),
        tuple("n r s l t x m k nd rt sk th ck ns".split()),
    ),
    "cyrillic": (
        tuple("б в г д ж з к л м н п р с т ф х ц ч ш щ ст пр кр вл".split()),
        tuple("а е и о у ы э ю я".split()),
        tuple("й н р ск т в ль".split()),
    ),
    "greek": (
        tuple("β γ δ ζ θ κ λ μ ν ξ π ρ σ τ φ χ ψ στ πρ".split()),
        tuple("α ε η ι ο υ ω ου αι".split()),
        tuple("ς ν ρ".split()),
    ),
    "arabic": (tuple("ب ت ج ح د ر س ش ص ع ف ق ك ل م ن ه و ي".split()), ("", "ا", "ي", "و"), ("ة",)),
    "hebrew": (tuple("א ב ג ד ה ו ז ח ט י כ ל מ נ ס ע פ צ ק ר ש ת".split()), (), ("ם", "ן")),
    "devanagari": (
        tuple("क ख ग घ च ज ट ड त द न प ब म य र ल व श स ह".split()),
        ("", "", "ा", "ि", "ी", "ु", "े", "ो"),
        (),
    ),
    "thai": (tuple("ก ข ค ง จ ช ด ต ท น บ ป พ ม ย ร ล ว ส ห อ".split()), ("", "า", "ิ", "ี", "ุ"),
    ()),
    "chinese": (
        tuple("山水光影天地人和风云花月星海春秋文华美艺图片摄像馆社网新金玉龙凤青红白大小中东西南北"),
        (),
        tuple("社馆网号"),
    ),
    "japanese": (
        tuple("あいうえおかきくけこさしすせそたちつてとなにのはひふまみやゆらりアイカキクコサシスタテナミメモラリルロン"
              "山川花月星光影写真美雪桜空海風"),
        (),
        tuple("社堂館屋"),
    ),
    "korean": (
        tuple("가나다라마바사아자차하거너도로모보소오조고구누두루무부수우주기니디리미비시이지한국진영은별빛달"),
        (),
        tuple("사관집원"),
    ),
}  # fmt: skip
"""Per script: beginnings of syllables, vowels that follow them, endings of words."""
