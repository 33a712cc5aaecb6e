"""Pictures for training, validation and test: 70, 20 and 10 in a hundred, decided by a hash.

Which part a picture belongs to depends on the bytes of its file alone, not on its name or on the
other pictures: adding pictures never moves one from one part to another, and a copy under another
name cannot leak into the test.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from unveil.errors import PictureError
from unveil.lab.synthesis.pictures import find_pictures

PARTS = {"train": 70, "validation": 20, "test": 10}
"""The parts and how many pictures in a hundred each gets."""

_FOLDERS = {"train": ("train",), "validation": ("validation", "val"), "test": ("test",)}
"""Names of subfolders that hold a part already."""


@dataclass(frozen=True)
class Split:
    """The paths of each part, sorted."""

    train: list[Path]
    validation: list[Path]
    test: list[Path]


def part_of(path: Path) -> str:
    """One of PARTS, by a hash of the file's bytes."""
    digest = hashlib.blake2b(path.read_bytes(), digest_size=8).digest()
    draw = int.from_bytes(digest, "big") % 100
    if draw < PARTS["train"]:
        return "train"
    return "validation" if draw < PARTS["train"] + PARTS["validation"] else "test"


def split_pictures(folder: Path) -> Split:
    """The pictures below a folder in three parts.

    Where it has subfolders ``train`` and ``validation`` (or ``val``), these are the parts, and
    ``test`` is the third if it is there; otherwise the hash decides. Where the hash would leave
    training or validation without any, validation gets one picture and training the rest; a single
    picture serves as both. Raises PictureError where there is no picture.
    """
    ready = {part: _ready(folder, part) for part in PARTS}
    if ready["train"] and ready["validation"]:
        return Split(**ready)
    parts: dict[str, list[Path]] = {part: [] for part in PARTS}
    everything = find_pictures(folder)
    for path in everything:
        parts[part_of(path)].append(path)
    if not parts["train"] or not parts["validation"]:
        return Split(everything[1:] or everything, everything[:1], [])
    return Split(**parts)


def _ready(folder: Path, part: str) -> list[Path]:
    for name in _FOLDERS[part]:
        if (folder / name).is_dir():
            try:
                return find_pictures(folder / name)
            except PictureError:
                return []
    return []
