"""Where a shared mark may lie in pictures of different sizes, and the frame that brings them into
register: at a fixed size from a corner, an edge or the centre, or scaled with the width."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

SizeHW = tuple[int, int]
Box = tuple[int, int, int, int]
"""x0, y0, x1, y1."""

SMALLEST = 0.1
"""This part of the pictures may be too small for a frame; they are left out of it."""
COLUMNS = {0.0: "left", 0.5: "centre", 1.0: "right"}
ROWS = {0.0: "top", 0.5: "middle", 1.0: "bottom"}


@dataclass(frozen=True)
class Alignment:
    """What the mark's place is relative to."""

    scaled: bool
    """Whether the mark grows with the picture's width."""
    along_x: float
    """0 from the left border, 0.5 from the centre, 1 from the right one."""
    along_y: float

    def __str__(self) -> str:
        row = ROWS[self.along_y]
        if self.scaled:
            return f"scaled with the width, from the {row}"
        return f"at one place from the {row} {COLUMNS[self.along_x]}"


def alignments(sizes_hw: Sequence[SizeHW]) -> list[Alignment]:
    """Those that differ for pictures of these sizes."""
    if len(set(sizes_hw)) == 1:
        return [Alignment(False, 0.0, 0.0)]
    fixed = [Alignment(False, x, y) for x in COLUMNS for y in ROWS]
    return [*fixed, *(Alignment(True, 0.0, y) for y in ROWS)]


@dataclass(frozen=True)
class Frame:
    """The part that all pictures have in common in one alignment, in pixels of its own."""

    alignment: Alignment
    height: int
    width: int

    @classmethod
    def of(cls, alignment: Alignment, sizes_hw: Sequence[SizeHW]) -> "Frame":
        """The largest frame into which but the smallest pictures fit; a mark scaled with them has
        the size that it has in the picture of median width."""
        width = sorted(width for _, width in sizes_hw)[int(SMALLEST * len(sizes_hw))]
        heights = [height for height, _ in sizes_hw]
        if alignment.scaled:
            width = sorted(width for _, width in sizes_hw)[len(sizes_hw) // 2]
            heights = [round(height * width / own) for height, own in sizes_hw]
        return cls(alignment, sorted(heights)[int(SMALLEST * len(heights))], width)

    def origin(self, size_hw: SizeHW) -> tuple[float, float, float]:
        """Scale, in pixels of the frame per pixel of the picture, and x and y of the frame's corner
        in the picture times that scale."""
        scale = self.width / size_hw[1] if self.alignment.scaled else 1.0
        x = (size_hw[1] * scale - self.width) * self.alignment.along_x
        y = (size_hw[0] * scale - self.height) * self.alignment.along_y
        return (scale, x, y) if self.alignment.scaled else (scale, int(x), int(y))

    def holds(self, size_hw: SizeHW) -> bool:
        """Whether a picture of this size covers the frame."""
        scale, *_ = self.origin(size_hw)
        return round(size_hw[0] * scale) >= self.height and round(size_hw[1] * scale) >= self.width

    def cut(self, rgb: NDArray[np.uint8], box: Box | None = None) -> NDArray[np.uint8]:
        """The part of a picture under a box of the frame, by default under all of it."""
        x0, y0, x1, y1 = box or (0, 0, self.width, self.height)
        scale, x, y = self.origin((rgb.shape[0], rgb.shape[1]))
        if scale == 1:
            x, y = round(x), round(y)
            return rgb[y + y0 : y + y1, x + x0 : x + x1]
        if scale < 1:  # what a pixel of the frame averages
            sigma_px = 0.5 * np.sqrt(1 / scale**2 - 1)
            rgb = np.asarray(cv2.GaussianBlur(rgb, (0, 0), sigma_px), np.uint8)
        matrix = np.array(
            [
                [1 / scale, 0, (x + x0 + 0.5) / scale - 0.5],
                [0, 1 / scale, (y + y0 + 0.5) / scale - 0.5],
            ]
        )
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        size_wh = (x1 - x0, y1 - y0)
        cut = cv2.warpAffine(rgb, matrix, size_wh, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(cut, np.uint8)
