"""Holes in a mark that are none: parts of a plate within a figure on it, taken for background.

The ring that a figure draws around a part of its plate separates it from the rest, and so it looks
untouched. Taken for clean it would mislead the solver: the figure's colour would be solved against
the plate's. So plates are solved without their holes first, and a hole belongs to the mark if the
background goes on more evenly there when it is unblended as well (unveil.restore.field).
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.boxes import grown, within
from unveil.masks import dilated, eroded
from unveil.restore.field import background_of, gained
from unveil.restore.opacity import Solution
from unveil.restore.parts import (
    LEAST_PX,
    MOST_OPAQUE,
    THICKNESS_PX,
    rounding_of,
)

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]

LEAST_HOLE_PX = 12
"""Smaller holes are left as they are."""
AROUND_PX = 30
"""The background in a hole is compared with that so far around it."""
EVENNESS = 0.5
"""Log odds by which a hole is likelier part of the mark for each unit of what is gained, over the
root of its pixels: neighbours tell the same."""
LIKELY = -1.0
"""From these log odds on it is."""


def holes_of(mask: Bools) -> Bools:
    """The holes of a mark, H x W, if it is a plate; pixels on the arrays' border lie in none."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        (~mask).view(np.uint8), connectivity=4
    )
    left, top, width, height, area = stats.T
    inner = (left > 0) & (top > 0) & (left + width < mask.shape[1]) & (top + height < mask.shape[0])
    inner &= (area >= LEAST_HOLE_PX) & (np.arange(count) > 0)
    holes = inner[labels]
    depth = cv2.distanceTransform(mask.view(np.uint8), cv2.DIST_L2, 3)
    is_plate = np.count_nonzero(depth > THICKNESS_PX) >= LEAST_PX
    return holes if is_plate else np.zeros_like(mask)


def marked_holes(
    marked: Floats, mask: Bools, others: Bools, holes: Bools, probability: Floats, plate: Solution
) -> tuple[Bools, Floats]:
    """The holes that belong to the mark, H x W, and its colour in them, H x W x 3.

    marked: H x W x 3, the picture around the mark. mask, others: H x W, its pixels, and those of
    other marks. holes: see holes_of. probability: the network's, H x W. plate: the mark solved as
    if nothing was known of the holes.
    """
    belong = np.zeros_like(holes)
    colour = plate.colour.copy()
    if plate.opacity > MOST_OPAQUE:
        return belong, colour
    colours = [plate.drawn(index) for index in range(len(plate.colours))]
    rounding = rounding_of(plate.opacity)
    now = background_of(marked, mask, colour, plate.opacity)
    known = (eroded(mask, 1) | ~dilated(mask, 1)) & ~others & ~holes
    count, labels, stats, _ = cv2.connectedComponentsWithStats(holes.view(np.uint8), connectivity=4)
    for index in range(1, count):
        left, top, width, height, _ = stats[index].tolist()
        box = grown((left, top, left + width, top + height), AROUND_PX, holes.shape)
        here, hole = within(box), labels[within(box)] == index
        inner = hole & ~dilated(mask[here], 1)
        inner = inner if inner.any() else hole
        before = now[here]
        gains = []
        for one in colours:
            unblended = background_of(marked[here], hole, one[here], plate.opacity)
            then = np.where(hole[..., None], unblended, before)
            gains.append(gained(before, then, inner, known[here], rounding))
        best = int(np.argmax(gains))
        prior = float(probability[here][hole].mean().clip(0.01, 0.99))
        evenness = gains[best] / math.sqrt(np.count_nonzero(inner))
        if math.log(prior / (1 - prior)) + EVENNESS * evenness > LIKELY:
            belong[here] |= hole
            colour[here][hole] = colours[best][here][hole]
    return belong, colour
