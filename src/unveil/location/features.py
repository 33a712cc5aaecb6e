"""What a group of pixels is judged by: the numbers that tell a mark from a thing.

How sure the network is of its pixels, and how sure where they are magnified; how surely the
picture goes on under them, and how well a mark would explain their border; and what one sees who
compares the group with what is around it, in the picture as it is and in the one that taking the
mark off would reveal: under a mark the revealed picture is as smooth and as varied as its
surroundings, under a thing it is neither. That comparison is made in a square of SQUARE_PX around
the group, whatever the group's size: size itself tells nothing that holds for small pictures and
large ones alike (docs/experiments.md). And how crisp and how even it is, and how much of its
outline is the picture's: what the border cuts off along its whole length is a wall or a sky.
"""

from itertools import compress
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.boxes import inside, within
from unveil.channels import channel_mean
from unveil.location.continuity import WINDOW_PX, continuity
from unveil.location.crispness import crispness
from unveil.location.explained import Explanation, explained
from unveil.location.looks import Closeup, View
from unveil.location.marks import Group, surrounded
from unveil.masks import dilated, eroded
from unveil.odds import probability_of
from unveil.pairs import core_of, sure_of

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]

FEATURES = 32
"""Numbers of a group."""
UNCLEAN = 0.2
"""A group's border is not compared with pixels from this probability on: they may be a mark's."""
QUANTILES = (0.1, 0.9, 1.0)
"""Of the log odds of a group's pixels."""
UNKNOWN = Explanation(10.0, 0.5, np.full(3, 0.5), 0)
"""Taken where there are too few pairs: such groups are rarely marks."""
LEAST_MATTE = 0.02
MOST_MATTE = 0.95
"""Nothing is revealed under more than this."""
SQUARE_PX = 96
"""Side of the square that the group is seen in, larger ones being reduced,"""
SQUARE = 1.5
"""and as a part of the group's longer side."""
NEAR_PX = 2
"""So far from a group in the square, pixels are beside it;"""
RING_PX = 10
"""and from there on up to this far, they are its surroundings."""
BESIDE_PX = 6
"""The same in the picture, where the group is seen magnified."""
FAINT = 0.01
"""Added to slopes and deviations that are compared: less is noise."""


class _Square(NamedTuple):
    """A group and its surroundings, n x n or n x n x 3, in [0, 1]."""

    picture: Floats
    revealed: Floats
    """The picture without the mark, if it is one."""
    colour: Floats
    probability: Floats
    mask: Bools


def features_of(
    group: Group, seen: View, closeup: Closeup, rgb: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """The numbers of one group of a picture, H x W x 3 uint8: FEATURES of them, most within
    [-1, 1]. closeup: of this group, or of a larger one that it is a part of."""
    odds = seen.odds[within(group.box_xyxy)][group.mask]
    region, mask = surrounded(group, WINDOW_PX, rgb.shape[:2])
    area = within(region)
    picture = rgb[area].astype(np.float32) / 255
    probability, matte = probability_of(seen.odds[area]), seen.matte[area]
    colour = seen.colour[area]
    core = core_of(sure_of(mask, probability), matte)
    clean = ~dilated(mask | (probability > UNCLEAN), 1)
    found = explained(picture, core, clean, colour)
    opacity = float(np.median(matte[core]))
    low, high, most = np.quantile(odds, QUANTILES)
    if found is None:
        mark, scale, shift, apart = UNKNOWN, 1.0, np.zeros(3), 0.0
    else:
        mark, scale = found, found.opacity / max(LEAST_MATTE, opacity)
        shift, apart = found.colour - colour[core].mean(0), opacity - found.opacity
    numbers = (
        odds.mean() / 3,
        low / 3,
        high / 3,
        most / 4 - 1,
        continuity(picture, mask) / 4,
        mark.misfit / 10,
        2 * mark.opacity - 1,
        4 * abs(mark.opacity - 0.5) - 1,
        np.log1p(mark.pairs) / 4 - 1,
        2 * opacity - 1,
        5 * matte[mask].std() - 1,
        apart,
    )
    crisp = crispness(rgb[area], mask, probability <= UNCLEAN)
    drawn = (*(2 * crisp.border - 1), 2 * (crisp.border[1] - crisp.around), crisp.even)
    compared = _compared(_square(group, seen, rgb, scale, shift))
    looked = (*_magnified(group, closeup), _cut_off(group, rgb.shape[:2]))
    return np.array([*numbers, *drawn, *compared, *looked], np.float32)


def _cut_off(group: Group, size_hw: tuple[int, int]) -> float:
    """The part of a group's outline that lies on the border of its picture, of H x W pixels."""
    x0, y0, x1, y1 = group.box_xyxy
    mask, (height, width) = group.mask, size_hw
    edges = (mask[:, 0], mask[0], mask[:, -1], mask[-1])
    at_border = (x0 == 0, y0 == 0, x1 == width, y1 == height)
    cut = sum(np.count_nonzero(edge) for edge in compress(edges, at_border))
    return cut / (np.count_nonzero(mask) - np.count_nonzero(eroded(np.pad(mask, 1), 1)))


def _magnified(group: Group, closeup: Closeup) -> tuple[float, float]:
    """How sure the network is of the group, and of what is beside it, when they are magnified."""
    mask = np.zeros(closeup.odds.shape, np.bool_)
    mask[inside(group.box_xyxy, closeup.box_xyxy)] = group.mask
    beside = dilated(mask, BESIDE_PX) & ~dilated(mask, NEAR_PX)
    odds = closeup.odds / 3
    return float(odds[mask].mean()), float(odds[beside].mean()) if beside.any() else -1.0


def _square(
    group: Group, seen: View, rgb: NDArray[np.uint8], scale: float, shift: Floats
) -> _Square:
    """The square around a group; beyond the picture it is continued by the outermost pixels.

    scale, shift: what brings the network's matte and colour to those that explain the border.
    """
    x0, y0, x1, y1 = group.box_xyxy
    side = max(SQUARE_PX, int(SQUARE * max(x1 - x0, y1 - y0)))
    left, top = (x0 + x1) // 2 - side // 2, (y0 + y1) // 2 - side // 2
    height, width = rgb.shape[:2]
    box = (max(0, left), max(0, top), min(width, left + side), min(height, top + side))
    mask = np.zeros((box[3] - box[1], box[2] - box[0]), np.bool_)
    mask[inside(group.box_xyxy, box)] = group.mask
    area, factor = within(box), SQUARE_PX / side
    lies = [round(factor * at) for at in np.subtract(box, (left, top, left, top))]
    around = ((lies[1], SQUARE_PX - lies[3]), (lies[0], SQUARE_PX - lies[2]), (0, 0))

    def fitted(plane: NDArray) -> Floats:
        size_wh = (max(1, lies[2] - lies[0]), max(1, lies[3] - lies[1]))
        reduced = cv2.resize(plane, size_wh, interpolation=cv2.INTER_AREA)
        return np.pad(reduced, around[: plane.ndim], mode="edge").astype(np.float32)

    picture, colour = fitted(rgb[area]) / 255, (fitted(seen.colour[area]) + shift).clip(0, 1)
    covered = fitted(seen.matte[area] * dilated(mask, NEAR_PX + 1))
    matte = (scale * covered).clip(0, MOST_MATTE)[..., None]
    revealed = ((picture - matte * colour) / (1 - matte)).clip(0, 1)
    probability = fitted(probability_of(seen.odds[area]))
    share = fitted(mask.astype(np.float32))  # thin strokes of a large group are below one half
    return _Square(picture, revealed, colour, probability, share > min(0.5, share.max() / 2))


def _compared(square: _Square) -> tuple[float, ...]:
    """How the group differs from its surroundings; zeros where it fills the square."""
    picture, revealed, colour, probability, mask = square
    near = dilated(mask, NEAR_PX) & ~mask
    ring = dilated(mask, RING_PX) & ~dilated(mask, NEAR_PX)
    if not ring.any():
        return (0.0,) * 12
    edge = dilated(mask, 1) & ~eroded(mask, 1)
    slopes, revealed_slopes = _slopes(picture), _slopes(revealed)

    def step(planes: Floats) -> float:
        return float(np.abs(planes[mask].mean(0) - planes[ring].mean(0)).mean())

    def steeper(planes: Floats, where: Bools) -> float:
        return float(np.log((planes[where].mean() + FAINT) / (planes[ring].mean() + FAINT)))

    def livelier(planes: Floats) -> float:
        inner, outer = (planes[where].std(0).mean() + FAINT for where in (mask, ring))
        return float(np.log(inner / outer))

    return (
        float(probability[ring].mean()),
        float(probability[near].mean()),
        float(np.quantile(probability[ring], 0.95)),
        float(colour[mask].std(0).mean()),
        step(picture),
        step(revealed),
        steeper(slopes, edge),
        steeper(revealed_slopes, edge),
        steeper(slopes, mask),
        steeper(revealed_slopes, mask),
        livelier(picture),
        livelier(revealed),
    )


def _slopes(planes: Floats) -> Floats:
    """Length of the gradient, mean over the channels."""
    planes = np.asarray(planes, np.float32)
    across, down = cv2.Sobel(planes, cv2.CV_32F, 1, 0), cv2.Sobel(planes, cv2.CV_32F, 0, 1)
    return channel_mean(np.hypot(across, down))
