"""Fonts found on the machine, and which of them can draw a text: asked of the cmap."""

import io
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTCollection, TTFont, TTLibError
from PIL import ImageFont, features

FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.fonts",
    "~/.local/share/fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "~/Library/Fonts",
    "C:/Windows/Fonts",
)
"""Where operating systems keep fonts; those that do not exist are passed over."""

SAMPLES = {
    "latin": "ABCXYZabcxyz0189",
    "cyrillic": "АБЯабяж",
    "greek": "ΑΒΩαβω",
    "arabic": "ابتيه",
    "hebrew": "אבגתש",
    "devanagari": "कखगमि",
    "thai": "กขคมา",
    "chinese": "的版权所有样图",
    "japanese": "あアの写真",
    "korean": "가나한국",
}
"""The scripts, and characters that a font must have to be listed for each."""

SHAPED = frozenset({"arabic", "hebrew", "devanagari", "thai"})
"""Scripts whose letters must be laid out together (joined, reordered or stacked)."""

_IGNORED = (
    "symbol",
    "dingbat",
    "emoji",
    "d050000l",
    "lastresort",
    "nastaliq",
    "opensymbol",
    "icons",
)


@dataclass(frozen=True)
class Face:
    """One face of a font file; path None is Pillow's own font."""

    path: str | None
    index: int
    family: str
    codepoints: frozenset[int]

    def can_draw(self, text: str) -> bool:
        """True when the cmap has every character of the text."""
        return all(ord(c) in self.codepoints for c in text if c not in "\n ")


class FontBook:
    """Faces by script and family; a family is drawn first, so large families do not dominate."""

    def __init__(self, faces: Iterable[Face]) -> None:
        self.faces = tuple(faces) or (default_face(),)
        shaping = bool(features.check("raqm"))
        self._families: dict[str, list[list[Face]]] = {}
        for script, sample in SAMPLES.items():
            if script in SHAPED and not shaping:
                continue
            families: dict[str, list[Face]] = {}
            for face in self.faces:
                if face.can_draw(sample):
                    families.setdefault(face.family, []).append(face)
            if families:
                self._families[script] = [families[name] for name in sorted(families)]

    @classmethod
    def scan(cls, folders: Iterable[str | os.PathLike[str]] = FOLDERS) -> "FontBook":
        """The fonts under the folders; Pillow's own font when there are none."""
        paths: set[Path] = set()
        for folder in folders:
            root = Path(folder).expanduser()
            if root.is_dir():
                found = (p for p in root.rglob("*") if p.suffix.lower() in {".ttf", ".otf", ".ttc"})
                paths.update(p for p in found if not any(w in p.name.lower() for w in _IGNORED))
        return cls(face for path in sorted(paths) for face in _read(path))

    @property
    def scripts(self) -> tuple[str, ...]:
        """Scripts that at least one face can draw."""
        return tuple(self._families)

    def choose(self, rng: np.random.Generator, script: str, text: str) -> Face | None:
        """A face that has every character of the text, or None when six tries found none."""
        families = self._families.get(script)
        for _ in range(6 if families else 0):
            assert families is not None
            family = families[int(rng.integers(len(families)))]
            face = family[int(rng.integers(len(family)))]
            if face.can_draw(text):
                return face
        return None


@lru_cache(maxsize=256)
def load(face: Face, size_px: int) -> ImageFont.FreeTypeFont:
    """The face at a size, ready for Pillow."""
    if face.path is None:
        font = ImageFont.load_default(size_px)
        assert isinstance(font, ImageFont.FreeTypeFont)
        return font
    return ImageFont.truetype(face.path, size_px, index=face.index)


def default_face() -> Face:
    """Pillow's own font, with the characters that it really has."""
    points: frozenset[int] = frozenset(range(0x20, 0x7F))
    source = getattr(ImageFont.load_default(16), "path", None)
    if isinstance(source, io.BytesIO):
        cmap = TTFont(io.BytesIO(source.getvalue()), lazy=True).getBestCmap()
        points = frozenset(cmap or points)
    return Face(None, 0, "Pillow", points)


def _read(path: Path) -> list[Face]:
    """The faces of one file that serve one of the scripts; a damaged file gives none."""
    try:
        if path.suffix.lower() == ".ttc":
            fonts = list(TTCollection(str(path), lazy=True).fonts)[:4]
        else:
            fonts = [TTFont(str(path), lazy=True)]
        faces = []
        for index, font in enumerate(fonts):
            points = frozenset(font.getBestCmap() or ())
            family = _family(str(font["name"].getBestFamilyName() or path.stem))
            face = Face(str(path), index, family, points)
            if any(face.can_draw(sample) for sample in SAMPLES.values()):
                faces.append(face)
        return faces
    except (OSError, TTLibError, KeyError, AssertionError, ValueError):
        return []


def _family(name: str) -> str:
    """The first two words: "Noto Sans Thai" and "Noto Sans Hebrew" share their Latin letters."""
    return " ".join(name.split()[:2])
