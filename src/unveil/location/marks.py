"""From a mask to marks: which marked pixels belong together."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.boxes import Box, around, grown, inside, within
from unveil.masks import dilated


@dataclass(frozen=True)
class Group:
    """Pixels that make up one mark: the letters of a word, the parts of a logo."""

    box_xyxy: Box
    mask: NDArray[np.bool_]
    """The group's pixels within its box."""


def group_of(mask: NDArray[np.bool_], corner_xy: tuple[int, int]) -> Group:
    """The pixels of a mask, not empty, whose upper left corner lies there, as one group."""
    left, top, right, bottom = around(mask)
    x, y = corner_xy
    box = (int(x + left), int(y + top), int(x + right), int(y + bottom))
    return Group(box, mask[top:bottom, left:right])


def surrounded(
    group: Group, margin_px: int, size_hw: tuple[int, int]
) -> tuple[Box, NDArray[np.bool_]]:
    """A box around the group, and its mask in it."""
    region = grown(group.box_xyxy, margin_px, size_hw)
    mask = np.zeros((region[3] - region[1], region[2] - region[0]), np.bool_)
    mask[inside(group.box_xyxy, region)] = group.mask
    return region, mask


def group_pixels(mask: NDArray[np.bool_], gap_px: int, least_px: int = 1) -> list[Group]:
    """Connected parts of the mask, parts closer than gap_px taken as one; largest first.

    Groups of fewer than least_px pixels are dropped.
    """
    if not mask.any():
        return []
    box = around(mask)  # labels of a large picture take much memory
    mask = mask[within(box)]
    joined = dilated(mask, gap_px // 2).view(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    groups = []
    for label in range(1, len(stats)):
        x, y, width, height = stats[label][:4]
        area = np.s_[y : y + height, x : x + width]
        pixels = mask[area] & (labels[area] == label)
        if np.count_nonzero(pixels) >= max(1, least_px):
            groups.append(group_of(pixels, (box[0] + int(x), box[1] + int(y))))
    return sorted(groups, key=lambda group: -int(np.count_nonzero(group.mask)))
