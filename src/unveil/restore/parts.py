"""Which of a mark's colours its pixels have, also where no clean pixel is near.

A figure on a plate has no border with the clean surroundings, and the network that locates often
sees the plate's colour there. But unblended with the plate's colour W it differs from the
background by a * (V - W) / (1 - a), V being its own. A network that knows figures says where it
sees one, and in which colours (unveil.restore.figures). Its pixels are those whose background goes
on evenly if it is taken as V's there and as W's around (unveil.restore.field). For each colour
that is seen this is solved in a small size; the best is solved in full and taken if the steps that
vanish outweigh the border that comes, and so on until none is: an alpha expansion (Boykov, Veksler
and Zabih, "Fast approximate energy minimization via graph cuts", PAMI 2001).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.masks import nearest
from unveil.odds import log_odds
from unveil.pairs import ROUNDING, UNEVEN
from unveil.restore.colours import distinct_colours
from unveil.restore.field import Level, affordable, background_of, choose, enlarged
from unveil.restore.figures import Figures, FindFigures
from unveil.restore.opacity import Solution, enclosed_colour

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]

THICKNESS_PX = 6
"""Only marks with pixels deeper than this have parts that lie within others,"""
LEAST_PX = 150
"""and only with so many of them."""
MOST_OPAQUE = 0.9
"""Under more opaque marks too little is left to be compared."""
MOST_ROUNDS = 3
LIKELY = 0.25
"""From this probability on a figure that the network sees is tried as a part,"""
LEAST_SEEN_PX = 40
"""if it has so many pixels."""
OPINION = 0.6
"""The network is too sure: this part of its log odds counts,"""
LEAST_LIKELY = 0.02
"""for probabilities from this to 1 less this."""
SAME = 0.05
"""Colours no further apart than this are one."""


def with_parts(
    marked: Floats, inside: Bools, clean: Bools, solution: Solution, find_figures: FindFigures
) -> Solution:
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
        figures = find_figures(marked, inside, clean, solution.colour, solution.opacity)
        found = _expanded(marked, inside, clean, solution, levels, figures)
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
    figures: Figures,
) -> Solution | None:
    """The solution with more pixels of one colour; None if none fits."""
    opacity, colours = solution.opacity, solution.colours

    def measured(part: Bools) -> Floats:
        rest = clean | (inside & ~part)
        return enclosed_colour(marked, part, rest, solution.colour, clean, opacity)

    seen = [measured(part) for part in _seen_parts(figures)]
    if not seen:
        return None
    rounding = rounding_of(opacity)
    now = background_of(marked, inside, solution.colour, opacity)
    opinion = OPINION * log_odds(figures.probability, LEAST_LIKELY)

    def solved(
        colour: Floats, start: Floats, levels: Sequence[Level]
    ) -> tuple[float, Floats, Bools]:
        then = background_of(marked, inside, colour, opacity)
        gain, likely = choose(now, then, inside, clean, rounding, start, opinion, levels)
        part = inside & (enlarged(likely, inside.shape) > 0.5)
        return gain if part.any() else 0.0, likely, part

    first, *finer = levels
    tried = [solved(colour, figures.probability, [first]) for colour in seen]
    gain, likely, part = max(tried, key=lambda each: each[0])
    if finer and gain > 0:
        gain, _, part = solved(measured(part), likely, finer)
    if gain <= 0:
        return None
    colour = measured(part)
    distance = np.abs(colours - colour).max(-1)
    index = int(distance.argmin()) if distance.min() <= SAME else len(colours)
    colours = np.vstack([colours, colour]) if index == len(colours) else colours
    _, neighbour = nearest(inside)
    part = part.ravel()[neighbour]  # and its rim, outside
    return replace(solution, colours=colours, labels=np.where(part, index, solution.labels))


def _seen_parts(figures: Figures) -> Iterator[Bools]:
    """The parts of one colour, H x W, that the network sees."""
    likely = figures.probability > LIKELY
    if np.count_nonzero(likely) < LEAST_SEEN_PX:
        return
    colours, labels = distinct_colours(figures.colour, likely)
    for index in range(len(colours)):
        part = likely & (labels == index)
        if np.count_nonzero(part) >= LEAST_SEEN_PX:
            yield part


def rounding_of(opacity: float) -> float:
    """Mean square of the steps of a background that rounding makes, unblended at this opacity."""
    return 2 * (ROUNDING + UNEVEN * opacity**2) / (1 - opacity) ** 2
