"""A template from pictures that share a mark: nothing but the marked pictures is needed.

    template = from_pictures(sorted(Path("photos").glob("*.jpg")))

Reduced pictures tell where the mark is and how its place depends on the picture's size
(unveil.templates.agreement); that part alone of each picture, at full size, gives matte, colour and
blend mode (unveil.templates.decompose).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unveil.boxes import around, within
from unveil.codecs import Picture, from_array, read
from unveil.errors import PictureError, TemplateError, UsageError
from unveil.masks import Mask
from unveil.templates.agreement import Cell
from unveil.templates.alignment import Frame, SizeHW
from unveil.templates.decompose import Mark, decompose
from unveil.templates.finding import Reduced, find, nothing_shared
from unveil.templates.template import Place, Template

MOST_PICTURES = 64
"""More than these, evenly spread over the collection, would not make the template better."""
FEW_PICTURES = 8
"""Fewer are not enough to be sure."""
MOST_BYTES = 512 << 20
"""Memory for the pictures at full size."""
MOST_INSTANCES = 96
"""Instances of a tiled mark that are used."""
LEAST_AGREEING = 0.6
"""Fewer than this part of the pictures do not make a collection."""
MOST_NAMED = 12
"""So many pictures are named in the template's source, at most."""

Source = str | PathLike[str] | bytes | Picture | NDArray[np.uint8]


def from_pictures(
    pictures: Sequence[Source],
    *,
    region_xywh: tuple[int, int, int, int] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Template:
    """Solve a template from pictures that share a mark.

    pictures: paths, bytes or uint8 H x W x 3 RGB arrays, eight or more, better thirty; the mark
    lies at one place in them, or at one from a corner, an edge or the centre, or grows with the
    width, or is tiled. Each is read twice. region_xywh: where the mark is in the first of them.
    progress: is called with the pictures done and all to be done.

    Pictures that cannot be read, or do not agree with the others, are left out, and named in the
    template's source.
    Raises TemplateError where no mark is shared, UsageError where the region does not fit.
    """
    if len(pictures) < 2:
        raise TemplateError(
            f"expected at least {FEW_PICTURES} pictures that share a mark; got {len(pictures)};"
            " give more, or make the template from flats"
        )
    if region_xywh is not None and min(region_xywh[2:]) <= 0:
        raise UsageError(f"expected a region x, y, width, height; got {region_xywh}")
    chosen = _Chosen(pictures, progress)
    small = chosen.reduced()
    frame, cell = find(small, region_xywh)
    cut = chosen.cut(frame, cell)
    scaled = frame.alignment.scaled
    mark = decompose(cut.pictures, cell.inside, subpixel=scaled, told_apart=True)
    agreeing = {owner for owner, kept in zip(cut.owners, mark.kept, strict=True) if kept}
    visible = mark.visible()
    if len(agreeing) < LEAST_AGREEING * len(chosen.names) or not visible.any():
        raise nothing_shared(len(chosen.names))
    left_out = set(range(len(chosen.names))) - agreeing - cut.unused
    odd = [chosen.names[owner] for owner in sorted(left_out)] + chosen.unreadable
    size_hw = next(size for size in small.sizes_hw if frame.holds(size))
    source = _source(frame, cell, len(agreeing), chosen.total, odd)
    return _template(mark, visible, frame, cell, size_hw, source)


class _Chosen:
    """The pictures that are used, evenly spread; only one is in memory at a time."""

    def __init__(
        self, pictures: Sequence[Source], progress: Callable[[int, int], None] | None
    ) -> None:
        self.total = len(pictures)
        count = min(self.total, MOST_PICTURES)
        indices = [round(index) for index in np.linspace(0, self.total - 1, count)]
        self._sources = [pictures[index] for index in indices]
        self.names = [
            str(source) if isinstance(source, str | PathLike) else f"picture {index + 1}"
            for index, source in zip(indices, self._sources, strict=True)
        ]
        self.unreadable: list[str] = []
        self._progress = progress
        self._reads = 2 * count
        self._done = 0

    def _pixels(self, source: Source) -> NDArray[np.uint8]:
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._reads)
        return (from_array(source) if isinstance(source, np.ndarray) else _read(source)).rgb

    def reduced(self) -> Reduced:
        """All of them, in small; what cannot be read is left out from here on."""
        small, sources, names = Reduced([], []), [], []
        for source, name in zip(self._sources, self.names, strict=True):
            try:
                small.add(self._pixels(source))
            except PictureError:
                self.unreadable.append(name)
            else:
                sources.append(source)
                names.append(name)
        self._sources, self.names = sources, names
        if len(names) < 2:
            raise TemplateError(
                f"expected pictures that can be read; {len(self.unreadable)} of {self.total} cannot"
            )
        return small

    def cut(self, frame: Frame, cell: Cell) -> "_Cut":
        """The mark's region of each picture, or several where it is tiled."""
        x0, y0, x1, y1 = cell.box
        places = [(0, 0), *cell.others]
        each = max(1, min(len(places), MOST_INSTANCES // len(self.names)))
        room = max(FEW_PICTURES, MOST_BYTES // (3 * each * (x1 - x0) * (y1 - y0)))
        every = -(-len(self.names) // room)
        cut = _Cut([], [])
        for owner, source in enumerate(self._sources):
            rgb = self._pixels(source)
            if owner % every:
                cut.unused.add(owner)
            elif frame.holds((rgb.shape[0], rgb.shape[1])):
                for turn in range(each):
                    x, y = places[(owner * each + turn) % len(places)]
                    part = frame.cut(rgb, (x0 + x, y0 + y, x1 + x, y1 + y))
                    cut.pictures.append(np.ascontiguousarray(part))
                    cut.owners.append(owner)
        return cut


def _read(source: Any) -> Picture:
    return source if isinstance(source, Picture) else read(source)


@dataclass(frozen=True)
class _Cut:
    """Regions in register."""

    pictures: list[NDArray[np.uint8]]
    owners: list[int]
    """The number of the picture that each is from."""
    unused: set[int] = field(default_factory=set)
    """Pictures for which memory was too short."""


def _template(
    mark: Mark, visible: Mask, frame: Frame, cell: Cell, size_hw: SizeHW, source: str
) -> Template:
    matte = np.where(visible, mark.matte, 0)[..., None]
    colour = np.where(visible[..., None], mark.premultiplied / np.maximum(matte, 1e-6), 0)
    box = around(visible)
    (left, top), area = box[:2], within(box)
    return Template(
        matte=np.asarray(matte[area][..., 0], np.float32),
        colour=np.asarray(np.clip(colour[area], 0, 1), np.float32),
        blend=mark.blend,
        light=mark.light,
        place=_place(frame, size_hw, cell.box[0] + left, cell.box[1] + top),
        source=source,
        error=round(mark.error, 5),
    )


def _place(frame: Frame, size_hw: SizeHW, x: int, y: int) -> Place:
    """Where a place of the frame is in a picture of this size, after scaling."""
    scale, left, top = frame.origin(size_hw)
    width, height = round(size_hw[1] * scale), round(size_hw[0] * scale)
    return Place(x + round(left), y + round(top), width, height)


def _source(frame: Frame, cell: Cell, used: int, total: int, odd: list[str]) -> str:
    """How the template was made, in words."""
    words = f"{used} of {total} pictures that share a mark {frame.alignment}"
    if cell.others:
        words += f", tiled {len(cell.others) + 1} times"
    if used < FEW_PICTURES:
        words += f"; {FEW_PICTURES} or more would be surer"
    if odd:
        more = f" and {len(odd) - MOST_NAMED} others" if len(odd) > MOST_NAMED else ""
        named = ", ".join(odd[:MOST_NAMED]) + more
        words += f"; these do not agree or cannot be read, and were left out: {named}"
    return words
