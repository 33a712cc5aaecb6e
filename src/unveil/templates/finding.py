"""Find where the mark of a collection is, and how its place depends on the picture's size."""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.boxes import around
from unveil.errors import TemplateError
from unveil.masks import Mask, connected
from unveil.templates.agreement import (
    RIM_PX,
    Agreement,
    Cell,
    is_mark,
    main_group,
    tile,
)
from unveil.templates.alignment import Alignment, Box, Frame, SizeHW, alignments
from unveil.templates.decompose import decompose

SEARCH_PX = 640
"""Longer side of the pictures in which the mark is looked for."""
COMPARED_PX = 320
"""The same while the alignments are compared."""
COMPARED = 24
"""So many pictures are compared."""
EXTENT_PX = 112
"""Longer side of the regions in which the mark's extent is looked for."""
MORE = 0.7
"""Around what agrees there may be more of the mark, as a part of its longer side;"""
ATTEMPTS = 4
"""where it is, one looks further, so often."""
MARGIN = 0.08
"""Background around the mark, likewise,"""
LEAST_MARGIN_PX = 12
"""and at least."""


class Reduced(NamedTuple):
    """Pictures, no longer than SEARCH_PX each, and their sizes before."""

    pictures: list[NDArray[np.uint8]]
    sizes_hw: list[SizeHW]

    def add(self, rgb: NDArray[np.uint8]) -> None:
        """One picture, H x W x 3."""
        height, width = rgb.shape[:2]
        factor = max(1.0, max(height, width) / SEARCH_PX)
        self.pictures.append(_resized(rgb, (round(height / factor), round(width / factor))).copy())
        self.sizes_hw.append((height, width))

    def view(self, alignment: Alignment, longer_px: int, most: int) -> "_View":
        """The pictures in one alignment."""
        longer = sorted(max(size) for size in self.sizes_hw)[3 * len(self.sizes_hw) // 4]
        factor = max(1.0, longer / longer_px)
        sizes = [(round(height / factor), round(width / factor)) for height, width in self.sizes_hw]
        step = max(1, len(sizes) // most)
        return _View(Frame.of(alignment, sizes), factor, self.pictures[::step], sizes[::step])


class _View(NamedTuple):
    """Pictures reduced by one factor, at least 1, in one alignment."""

    frame: Frame
    factor: float
    pictures: list[NDArray[np.uint8]]
    sizes_hw: list[SizeHW]

    def cut(self, box: Box | None = None) -> Iterator[NDArray[np.uint8]]:
        for picture, size_hw in zip(self.pictures, self.sizes_hw, strict=True):
            if self.frame.holds(size_hw):
                yield self.frame.cut(_resized(picture, size_hw), box)

    def agreement(self) -> Agreement:
        agreement = Agreement((self.frame.height, self.frame.width))
        for picture in self.cut():
            agreement.add(picture)
        return agreement

    def place(self, region_xywh: Box | None) -> Box | None:
        """The region of the first picture in the frame."""
        if region_xywh is None:
            return None
        scale, x, y = self.frame.origin(self.sizes_hw[0])
        left, top, width, height = (value * scale / self.factor for value in region_xywh)
        corners = np.array([[left - x, top - y], [left + width - x, top + height - y]])
        limits = self.frame.width, self.frame.height
        (x0, y0), (x1, y1) = np.clip(np.rint(corners), 0, limits).astype(int)
        return int(x0), int(y0), int(x1), int(y1)


def nothing_shared(count: int) -> TemplateError:
    """What is raised where the pictures have no mark in common."""
    return TemplateError(
        f"expected a mark that 8 pictures or more share; found none in {count}; leave out pictures"
        " without it, say where it is, or make the template from flats"
    )


def find(small: Reduced, region_xywh: Box | None = None) -> tuple[Frame, Cell]:
    """The frame that brings the pictures into register at full size, and where the mark is in it.

    region_xywh: where the mark is in the first picture. Raises TemplateError where there is none.
    """
    tried = alignments(small.sizes_hw)
    alignment = tried[0]
    if len(tried) > 1:
        views = [small.view(each, COMPARED_PX, COMPARED) for each in tried]
        contrasts = [view.agreement().contrast(view.place(region_xywh)) for view in views]
        alignment = tried[int(np.argmax(contrasts))]
    view = small.view(alignment, SEARCH_PX, len(small.pictures))
    agreement, region = view.agreement(), view.place(region_xywh)
    limits = agreement.without_rims()
    excess = agreement.excess(region)
    if not is_mark(excess):
        raise nothing_shared(len(small.pictures))
    frame = Frame.of(alignment, small.sizes_hw)
    full = _Enlargement(view.frame, frame, limits)
    if region is not None:
        return frame, full.cell(region)
    tiled = tile(agreement, excess)
    if tiled is not None:
        return frame, full.tiled(tiled)
    box = _extent(view, main_group(excess), limits)
    return frame, full.cell(_wider(box, MARGIN, limits))


def _extent(view: _View, box: Box, limits: Box) -> Box:
    """Around the whole mark, of which the box holds a part."""
    for _ in range(ATTEMPTS):
        wide = _wider(box, MORE, limits)
        reduction = max(1.0, max(wide[2] - wide[0], wide[3] - wide[1]) / EXTENT_PX)
        size_hw = round((wide[3] - wide[1]) / reduction), round((wide[2] - wide[0]) / reduction)
        pictures = [_resized(picture, size_hw) for picture in view.cut(wide)]
        mark = decompose(pictures, _inside(wide, size_hw, limits), subpixel=True)
        visible = _but_rims(mark.visible(), wide, limits, reduction)
        if not visible.any():
            return box
        found = [round(value * reduction) for value in around(visible)]
        found = (wide[0] + found[0], wide[1] + found[1], wide[0] + found[2], wide[1] + found[3])
        touching = [abs(a - b) <= 3 * reduction for a, b in zip(found, wide, strict=True)]
        box = found
        if not any(t and a != b for t, a, b in zip(touching, wide, limits, strict=True)):
            break
    return box


def _but_rims(visible: Mask, wide: Box, limits: Box, reduction: float) -> Mask:
    """The parts that lie not only at the frame's ends, where scans share parts of a rim."""
    inner = np.ones(visible.shape, np.bool_)
    rim = round(RIM_PX / reduction) + 1
    for axis in (0, 1):
        along = np.moveaxis(inner, 1 - axis, 0)
        along[:rim] &= wide[axis] > limits[axis]
        along[-rim:] &= wide[axis + 2] < limits[axis + 2]
    return connected(visible, inner)


def _wider(box: Box, part: float, limits: Box) -> Box:
    x0, y0, x1, y1 = box
    margin = round(max(LEAST_MARGIN_PX, part * max(x1 - x0, y1 - y0)))
    x0, y0, x1, y1 = x0 - margin, y0 - margin, x1 + margin, y1 + margin
    left, top, right, bottom = limits
    return max(left, x0), max(top, y0), min(right, x1), min(bottom, y1)


def _inside(box: Box, size_hw: SizeHW, limits: Box) -> Mask:
    """True but at the box's border, where the mark has ended, unless the limits have, too."""
    inside = np.ones(size_hw, np.bool_)
    inside[:, :2] &= box[0] <= limits[0]
    inside[:2] &= box[1] <= limits[1]
    inside[:, -2:] &= box[2] >= limits[2]
    inside[-2:] &= box[3] >= limits[3]
    return inside


class _Enlargement:
    """From a frame of reduced pictures to that of full size."""

    def __init__(self, small: Frame, full: Frame, limits: Box) -> None:
        self._factor = full.width / small.width, full.height / small.height
        self._full = full
        self._limits = self._box(limits)

    def cell(self, box: Box) -> Cell:
        """All of the box but its border."""
        large = self._box(box)
        size_hw = large[3] - large[1], large[2] - large[0]
        return Cell(large, _inside(large, size_hw, self._limits), [])

    def tiled(self, cell: Cell) -> Cell:
        """The cell, and the others of which all is in the frame."""
        x0, y0, x1, y1 = self._box(cell.box)
        mask = cv2.resize(
            cell.inside.view(np.uint8), (x1 - x0, y1 - y0), interpolation=cv2.INTER_NEAREST
        )
        inside = np.asarray(mask, np.uint8) > 0
        inside[[0, 1, -2, -1]] = inside[:, [0, 1, -2, -1]] = False
        steps = [(round(x * self._factor[0]), round(y * self._factor[1])) for x, y in cell.others]
        others = [
            (x, y)
            for x, y in steps
            if x0 + x >= 0 and x1 + x <= self._full.width
            if y0 + y >= 0 and y1 + y <= self._full.height
        ]
        return Cell((x0, y0, x1, y1), inside, others)

    def _box(self, box: Box) -> Box:
        across, down = self._factor
        x1, y1 = round(box[2] * across), round(box[3] * down)
        x1, y1 = min(x1, self._full.width), min(y1, self._full.height)
        return int(box[0] * across), int(box[1] * down), x1, y1


def _resized(rgb: NDArray[np.uint8], size_hw: SizeHW) -> NDArray[np.uint8]:
    if rgb.shape[:2] == size_hw:
        return rgb
    return np.asarray(cv2.resize(rgb, size_hw[::-1], interpolation=cv2.INTER_AREA), np.uint8)
