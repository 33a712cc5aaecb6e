"""Which of a mark's colours its pixels have, also where no clean pixel is near.

A figure on a plate has no border with the clean surroundings, and the network often sees the
plate's colour there. But unblended with the plate's colour W it differs from the background by
a * (V - W) / (1 - a), V being its own, a step along all of its border. So its pixels are those
whose background goes on evenly if it is taken as V's there and as W's around
(unveil.restore.field). For each colour that may be V this is solved in a small size; the best is
solved in full and taken if the steps that vanish outweigh the border that comes, and so on until
none is: an alpha expansion (Boykov, Veksler and Zabih, "Fast approximate energy minimization via
graph cuts", PAMI 2001).
"""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.masks import nearest
from unveil.pairs import ROUNDING, UNEVEN
from unveil.restore.field import Level, affordable, choose, enlarged
from unveil.restore.opacity import Solution, enclosed_colour

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]

USUAL = np.array([[1, 1, 1], [0, 0, 0]], np.float32)
"""Colours that a part may have though nobody has seen them,"""
DIFFERENT = 0.2
"""if the mark's other colours differ from them by so much."""
NEAR = 0.12
"""A part has just such a colour if what is measured is no further from it."""
THICKNESS_PX = 6
"""Only marks with pixels deeper than this have parts that lie within others,"""
LEAST_PX = 150
"""and only with so many of them."""
MOST_OPAQUE = 0.9
"""Under more opaque marks too little is left to be compared."""
MOST_ROUNDS = 3


def with_parts(marked: Floats, inside: Bools, clean: Bools, solution: Solution) -> Solution:
    """The solution with the colours inside the mark decided by the picture itself.

    marked: H x W x 3, the picture around the mark. inside: H x W, pixels that the mark covers
    fully. clean: H x W, pixels certainly without any mark.
    """
    levels = affordable(inside.size)
    if not levels or not clean.any() or solution.opacity > MOST_OPAQUE:
        return solution
    depth = cv2.distanceTransform((~clean).view(np.uint8), cv2.DIST_L2, 3)
    if np.count_nonzero(inside & (depth > THICKNESS_PX)) < LEAST_PX:
        return solution
    for _ in range(MOST_ROUNDS):
        found = _expanded(marked, inside, clean, solution, levels)
        if found is None:
            break
        solution = found
    return solution


def _expanded(
    marked: Floats,
    inside: Bools,
    clean: Bools,
    solution: Solution,
    levels: Sequence[Level],
) -> Solution | None:
    """The solution with more pixels of one colour, which may be new; None if none fits."""
    opacity, colours = solution.opacity, solution.colours
    rounding = rounding_of(opacity)
    now = background_of(marked, inside, colours[solution.labels], opacity)

    def solved(
        colour: Floats, levels: Sequence[Level], start: Floats | None = None
    ) -> tuple[float, Floats, Bools]:
        then = background_of(marked, inside, colour, opacity)
        gain, likely = choose(now, then, inside, clean, rounding, levels, start)
        part = inside & (enlarged(likely, inside.shape) > 0.5)
        return gain if part.any() else 0.0, likely, part

    def measured(part: Bools, usual: Floats) -> Floats:
        rest = clean | (inside & ~part)
        colour = enclosed_colour(marked, part, rest, colours[solution.labels], clean, opacity)
        return usual if np.abs(colour - usual).max() <= NEAR else colour

    first, *finer = levels
    tried = [(*solved(colour, [first]), index, colour) for index, colour in _candidates(colours)]
    gain, likely, part, index, colour = max(tried, key=lambda each: each[0])
    is_new = index == len(colours)
    if is_new and gain > 0:
        colour = measured(part, colour)
    if finer and gain > 0:
        gain, _, part = solved(colour, finer, likely)
    if gain <= 0:
        return None
    if is_new:
        colours = np.vstack([colours, measured(part, colour)])
    _, neighbour = nearest(inside)
    part = part.ravel()[neighbour]  # and its rim, outside
    return replace(solution, colours=colours, labels=np.where(part, index, solution.labels))


def _candidates(colours: Floats) -> list[tuple[int, Floats]]:
    """The colours that a part may have, with their indices: one of the mark's, if there are
    several, or a usual one, which would be a new one."""
    known = list(enumerate(colours)) if len(colours) > 1 else []
    new = [one for one in USUAL if np.abs(colours - one).max(-1).min() > DIFFERENT]
    return known + [(len(colours), colour) for colour in new]


def rounding_of(opacity: float) -> float:
    """Mean square of the steps of a background that rounding makes, unblended at this opacity."""
    return 2 * (ROUNDING + UNEVEN * opacity**2) / (1 - opacity) ** 2


def background_of(
    marked: Floats, inside: Bools, colour: Floats, opacity: float
) -> NDArray[np.float32]:
    """The background, H x W x 3, if the mark is of this colour; not cut off at 0 and 1."""
    inverse = (marked - opacity * colour) / (1 - opacity)
    return np.where(inside[..., None], inverse, marked).astype(np.float32)
