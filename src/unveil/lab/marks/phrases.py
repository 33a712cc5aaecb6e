"""What marks say: phrases in ten scripts, made-up names, and endless generated words and dates.

Every part that carries letters passes the held-out split: a phrase, a name or a generated word is
either for training or held out, by its hash (see split.py). Numbers and dates are split as whole
texts. Names are invented, and addresses use example domains, so no one's mark is drawn.
"""

import string

import numpy as np

from unveil.lab.marks.phrase_lists import ALPHABETS, FIRST_NAMES, FIXED, SURNAMES, TRADES
from unveil.lab.marks.split import HELD_OUT_WORDS, is_held_out

SCRIPTS = tuple(FIXED)
"""The scripts that have phrases."""


class Phrasebook:
    """Draws texts from one side of the split."""

    def __init__(self, held_out: bool = False) -> None:
        self.held_out = held_out
        self._fixed = {script: self._side(texts) for script, texts in FIXED.items()}
        self._first_names = self._side(FIRST_NAMES)
        self._surnames = self._side(SURNAMES)

    def draw(self, rng: np.random.Generator, script: str = "latin") -> str:
        """One line of text in the script."""
        kind = rng.random()
        if script != "latin":
            if kind < 0.6 and self._fixed[script]:
                return _pick(rng, self._fixed[script])
            words = " ".join(self.word(rng, script) for _ in range(int(rng.integers(1, 3))))
            return f"{words} {self.number(rng)}" if kind < 0.7 else words
        makers = (self._fixed_latin, self.copyright_line, self.name, self.address, self.handle)
        makers += (self.date, self.number, self.words, self.initials)
        shares = (0.26, 0.14, 0.14, 0.09, 0.05, 0.1, 0.05, 0.13, 0.04)
        return makers[int(rng.choice(len(makers), p=shares))](rng)

    def short(self, rng: np.random.Generator, script: str = "latin") -> str:
        """A text short enough for a logo: a word, a name or initials."""
        if script != "latin" or rng.random() < 0.35:
            return self.word(rng, script)
        makers = (self._fixed_short, self.name, self._title_word, self.initials, self._surname)
        return makers[int(rng.choice(len(makers), p=(0.2, 0.15, 0.35, 0.12, 0.18)))](rng)

    def word(self, rng: np.random.Generator, script: str = "latin") -> str:
        """A random word of the script: two to four syllables."""
        onsets, vowels, tails = ALPHABETS[script]
        while True:
            parts = []
            for _ in range(int(rng.integers(2, 5))):
                parts.append(_pick(rng, onsets) + (_pick(rng, vowels) if vowels else ""))
            text = "".join(parts) + (_pick(rng, tails) if tails and rng.random() < 0.5 else "")
            if is_held_out(text, HELD_OUT_WORDS) == self.held_out:
                return text

    def words(self, rng: np.random.Generator) -> str:
        """One to three random Latin words in title, upper or lower case."""
        text = " ".join(self.word(rng) for _ in range(int(rng.integers(1, 4))))
        return _pick(rng, (text.title(), text.upper(), text))

    def name(self, rng: np.random.Generator) -> str:
        """A made-up person or studio."""
        person = f"{_pick(rng, self._first_names)} {self._surname(rng)}"
        kind = rng.random()
        if kind < 0.3:
            return person
        if kind < 0.65:
            return f"{person} {_pick(rng, TRADES)}"
        owner = self._surname(rng) if kind < 0.8 else self._title_word(rng)
        return f"{owner} {_pick(rng, TRADES)}"

    def copyright_line(self, rng: np.random.Generator) -> str:
        """A copyright line with a made-up owner."""
        year, owner = int(rng.integers(1985, 2031)), self.name(rng)
        forms = ("© {y} {o}", "© {o}", "(c) {y} {o}", "Copyright {y} {o}", "© {o} {y}")
        forms += ("Photo: {o}", "Photo by {o}", "Image © {o}")
        return _pick(rng, forms).format(y=year, o=owner)

    def address(self, rng: np.random.Generator) -> str:
        """An address under a domain reserved for examples, so it is nobody's."""
        site = self.word(rng) if rng.random() < 0.6 else self._surname(rng).lower()
        end = _pick(rng, (".example", ".example", "-photo.example", ".example.com", ".example.org"))
        return _pick(rng, ("www.{}", "{}", "https://{}", "{}", "info@{}")).format(site + end)

    def handle(self, rng: np.random.Generator) -> str:
        """An account name with @ or #."""
        text = self.word(rng) + _pick(rng, ("", "", "_" + self.word(rng), ".pics", "_photo"))
        return (
            _pick(rng, ("@", "@", "@", "#")) + text + _pick(rng, ("", "", str(rng.integers(100))))
        )

    def date(self, rng: np.random.Generator) -> str:
        """A date stamp in one of many layouts."""
        while True:
            year, month, day = (
                int(rng.integers(a, b)) for a, b in ((1985, 2031), (1, 13), (1, 29))
            )
            hour, minute, second = (int(rng.integers(n)) for n in (24, 60, 60))
            text = _pick(rng, _DATES).format(
                y=year, yy=year % 100, m=month, d=day, h=hour, i=minute, s=second,
                b=_MONTHS[month - 1],
            )  # fmt: skip
            if is_held_out(text, HELD_OUT_WORDS) == self.held_out:
                return text

    def number(self, rng: np.random.Generator) -> str:
        """A number, a price, a share or a serial number."""
        while True:
            low, high = int(rng.integers(1, 1000)), int(rng.integers(100, 10**7))
            letters = "".join(_pick(rng, string.ascii_uppercase) for _ in range(3))
            forms = (f"{low}", f"{high}", f"{low}.99", f"${low}", f"{low} €", f"-{low % 95}%")
            forms += (
                f"No. {high}",
                f"#{high}",
                f"{letters}-{high}",
                f"ID {high}",
                f"IMG_{high:07d}",
            )
            text = _pick(rng, forms)
            if is_held_out(text, HELD_OUT_WORDS) == self.held_out:
                return text

    def initials(self, rng: np.random.Generator) -> str:
        """One to four capitals, at times with & or dots."""
        while True:
            letters = [_pick(rng, string.ascii_uppercase) for _ in range(int(rng.integers(1, 5)))]
            text = _pick(rng, ("", "", "&", ".", " ")).join(letters)
            if is_held_out(text, HELD_OUT_WORDS) == self.held_out:
                return text

    def _side(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(t for t in texts if is_held_out(t, HELD_OUT_WORDS) == self.held_out)

    def _fixed_latin(self, rng: np.random.Generator) -> str:
        text = _pick(rng, self._fixed["latin"])
        return _pick(rng, (text, text, text.upper(), text.title()))

    def _fixed_short(self, rng: np.random.Generator) -> str:
        return min((self._fixed_latin(rng) for _ in range(4)), key=len)

    def _surname(self, rng: np.random.Generator) -> str:
        return _pick(rng, self._surnames)

    def _title_word(self, rng: np.random.Generator) -> str:
        text = self.word(rng)
        return _pick(rng, (text.title(), text.upper(), text))


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_DATES = (
    "{y}/{m:02d}/{d:02d}", "{y}-{m:02d}-{d:02d}", "{d:02d}.{m:02d}.{y}", "{m:02d}/{d:02d}/{y}",
    "'{yy:02d} {m} {d}", "{yy:02d}.{m:2d}.{d:2d}", "{d} {b} {y}", "{b} {d}, {y}",
    "{m}/{d}/{yy:02d}",
    "{y}/{m:02d}/{d:02d} {h:02d}:{i:02d}", "{d:02d}.{m:02d}.{y} {h:02d}:{i:02d}:{s:02d}",
    "{y}-{m:02d}-{d:02d} {h:02d}:{i:02d}:{s:02d}", "{h:02d}:{i:02d}", "{b} {y}", "{y}",
)  # fmt: skip


def _pick(rng: np.random.Generator, choices: tuple[str, ...] | str) -> str:
    return choices[int(rng.integers(len(choices)))]
