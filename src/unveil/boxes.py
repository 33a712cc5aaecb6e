"""Boxes in pictures: where to work, and in which order of tiles."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels; x1 and y1 lie just outside."""

TILE_PX = 768
"""Side of a tile at full size."""
OVERLAP_PX = 64
"""Tiles overlap by this; the outer half of it is not used, for lack of context."""


def around(mask: NDArray[np.bool_]) -> Box:
    """The smallest box that holds a mask, not empty."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def grown(box: Box, margin_px: int, size_hw: tuple[int, int]) -> Box:
    """The box with a margin all around, cut at the picture's border."""
    x0, y0, x1, y1 = box
    height, width = size_hw
    return (
        max(0, x0 - margin_px),
        max(0, y0 - margin_px),
        min(width, x1 + margin_px),
        min(height, y1 + margin_px),
    )


def within(box: Box) -> tuple[slice, slice]:
    """The box as an index of an array's first two axes."""
    x0, y0, x1, y1 = box
    return slice(y0, y1), slice(x0, x1)


def inside(box: Box, region: Box) -> tuple[slice, slice]:
    """The box as an index of what :func:`within` cuts out for a region around it."""
    left, top = region[:2]
    x0, y0, x1, y1 = box
    return within((x0 - left, y0 - top, x1 - left, y1 - top))


def tiles(box: Box) -> Iterator[tuple[Box, Box]]:
    """Overlapping tiles that cover the box, each with the part of it that is used."""
    x0, y0, x1, y1 = box
    for top, upper, lower, bottom in _spans(y0, y1):
        for left, first, last, right in _spans(x0, x1):
            yield (left, top, right, bottom), (first, upper, last, lower)


def _spans(start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Overlapping spans over [start, end): begin, first used, end of use, end."""
    count = max(1, math.ceil((end - start - OVERLAP_PX) / (TILE_PX - OVERLAP_PX)))
    edges = [start + round(i * (end - start - OVERLAP_PX) / count) for i in range(count + 1)]
    half = OVERLAP_PX // 2
    for index in range(count):
        begin, stop = edges[index], edges[index + 1] + OVERLAP_PX
        used_from = begin if index == 0 else begin + half
        used_to = stop if index == count - 1 else stop - half
        yield begin, used_from, min(used_to, end), min(stop, end)
