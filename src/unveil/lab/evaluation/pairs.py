"""A folder of pairs as an exam: the same relative names in ``marked/``, ``clean/`` and ``mask/``,
or in the folders of CLWD.

The suffixes may differ (``marked/a.jpg``, ``clean/a.png``). ``mask/`` is optional; without it the
true mask is where the two pictures differ visibly, which for a lossy marked picture includes its
artefacts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from numpy.typing import NDArray

from unveil.codecs import SUFFIXES, read_mask
from unveil.errors import PictureError, UsageError
from unveil.lab.evaluation.protocols import Case, read_rgb, true_mask

LAYOUTS = (
    ("marked", "clean", "mask"),
    ("Watermarked_image", "Watermark_free_image", "Mask"),
)
"""Names of the three folders; the second ones are those of CLWD (Liu et al., arXiv 2012.07616)."""
SHOWN = 3
"""How many names an error lists before it says how many more there are."""


@dataclass(frozen=True)
class Pair:
    """The files of one case."""

    name: str
    """Path below the marked pictures' folder, with ``/``."""
    marked: Path
    clean: Path
    mask: Path | None = None


def list_pictures(folder: Path, recursive: bool = False) -> list[tuple[str, Path]]:
    """(name, path) of every picture in the folder, sorted by name; hidden ones left out.

    Raises UsageError when it is no folder or holds no picture.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: expected a folder with pictures, found none")
    found = folder.rglob("*") if recursive else folder.iterdir()
    named = [(path.relative_to(folder).as_posix(), path) for path in found]
    pictures = sorted(
        (name, path)
        for name, path in named
        if path.suffix.lower() in SUFFIXES and not _hidden(name) and path.is_file()
    )
    if not pictures:
        kinds = ", ".join(sorted(SUFFIXES))
        raise UsageError(f"{folder}: expected pictures ({kinds}), found none")
    return pictures


def pairs(folder: Path) -> list[Pair]:
    """The pairs of a folder, sorted by name.

    A file's partner has the same relative name, or failing that, is the only one that has it but
    for the suffix. Raises UsageError when a side is missing, a file has no partner or two: scores
    over part of a set would pass for scores over all of it.
    """
    layout = next((names for names in LAYOUTS if (folder / names[0]).is_dir()), LAYOUTS[0])
    marked, clean, mask = layout
    listed = list_pictures(folder / marked, recursive=True)

    def partners(side: str) -> dict[str, Path]:
        return _match(folder, marked, listed, side, list_pictures(folder / side, recursive=True))

    cleans = partners(clean)
    masks = partners(mask) if (folder / mask).is_dir() else {}
    return [Pair(name, path, cleans[name], masks.get(name)) for name, path in listed]


def pair_cases(listed: Sequence[Pair]) -> Iterator[Case]:
    """The pairs read from disk one at a time.

    Raises PictureError when the two pictures differ in size, MaskError when the mask does.
    """
    for pair in listed:
        marked, clean = read_rgb(pair.marked), read_rgb(pair.clean)
        if marked.shape != clean.shape:
            raise PictureError(
                f"{pair.marked}: expected {_size(clean)} pixels like {pair.clean}, got "
                f"{_size(marked)}: export both at one size, a resized pair cannot be scored"
            )
        size_hw = marked.shape[:2]
        mask = true_mask(marked, clean) if pair.mask is None else read_mask(pair.mask, size_hw)
        yield Case(pair.name, "", None, marked, clean, mask)


def _match(
    folder: Path,
    left: str,
    lefts: list[tuple[str, Path]],
    right: str,
    rights: list[tuple[str, Path]],
) -> dict[str, Path]:
    """The right-hand partner of each left-hand name; UsageError unless it is one to one."""
    partners = {name: path for name, path in rights if name in dict(lefts)}
    loose_lefts = [name for name, _ in lefts if name not in partners]
    loose_rights: dict[str, list[tuple[str, Path]]] = {}
    for name, path in rights:
        if name not in partners:
            loose_rights.setdefault(_stem(name), []).append((name, path))
    lonely = []
    for name in loose_lefts:
        candidates = loose_rights.pop(_stem(name), [])
        if len(candidates) > 1:
            names = ", ".join(candidate for candidate, _ in candidates)
            raise UsageError(
                f"{folder}: expected one partner of {left}/{name} in {right}/, found {names}: "
                f"keep one of them"
            )
        if candidates:
            partners[name] = candidates[0][1]
        else:
            lonely.append(f"{left}/{name}")
    lonely += [f"{right}/{name}" for rest in loose_rights.values() for name, _ in rest]
    if lonely:
        more = f" and {len(lonely) - SHOWN} more" if len(lonely) > SHOWN else ""
        raise UsageError(
            f"{folder}: expected the same names in {left}/ and {right}/, without a partner: "
            f"{', '.join(lonely[:SHOWN])}{more}; add the missing files or remove these"
        )
    return partners


def _stem(name: str) -> str:
    return name.removesuffix(Path(name).suffix)


def _hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))


def _size(picture: NDArray) -> str:
    height, width = picture.shape[:2]
    return f"{width} x {height}"
