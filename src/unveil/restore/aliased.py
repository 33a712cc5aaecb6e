"""Marks that cover every pixel fully or not at all.

Most marks are drawn with soft borders. But one that was forced to a single opacity, or that had
transparent pixels instead of an alpha channel, has none. On the line from the background B to
a*W + (1-a)*B, pixels at the border of such a mark lie at either end, those of a soft border
anywhere between. Both are mixtures of normal distributions around the background that is seen
nearby; where the first explains the border clearly better, every pixel of it belongs to the end
that it is nearer to.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unveil.masks import dilated, eroded
from unveil.restore.matte import CHANNELS, RIM_REACH_PX, covered, surroundings

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]

INSIDE_PX, OUTSIDE_PX = 2, 1
"""The border of a mask, from so far within to so far beyond."""
LEAST_ERROR = 0.03
"""Of a pixel's cover, however even the background is."""
TELLING = 0.2
"""Pixels whose cover is known with less than this standard error tell which border it is,"""
LEAST_PX = 40
"""so many of them;"""
KNOWN = 0.35
"""those below this go to one of the two ends."""
PARTIAL = np.linspace(0.1, 0.9, 9)
"""Covers of a soft border"""
PARTLY = 0.4
"""and how many of its pixels have them, the others being covered fully or not at all."""
WRONG = 0.1
"""Pixels whose background is not like that nearby: their cover seems anything"""
ANYWHERE = 3.0
"""in a range of this length."""
CLEARLY = 0.12
"""Mean log-likelihood ratio of a pixel that is asked for."""


class Border(NamedTuple):
    """Pixels at the border of an aliased mark, H x W each; none where it is not aliased."""

    covered: Bools
    """Those that it covers fully."""
    uncovered: Bools
    """Those that it does not cover."""


def aliased_border(
    marked: Floats, background: Floats, mask: Bools, others: Bools, colour: Floats, opacity: float
) -> Border:
    """Which pixels at the border of a mark it covers, if it is aliased.

    marked, background: H x W x 3, the picture and what was restored. mask, others: H x W, the
    pixels of the mark and of other ones. colour: H x W x 3, the mark's at every pixel.
    """
    inner, near = eroded(mask, INSIDE_PX), dilated(mask, OUTSIDE_PX)
    below = np.where(mask[..., None], background, marked)
    mean, variance, known = surroundings(below, inner | ~(near | others), RIM_REACH_PX)
    cover, length = covered(marked, mean, colour, opacity)
    error = np.sqrt(CHANNELS * variance / length) + LEAST_ERROR
    border = near & ~inner & ~others & known
    telling = border & (error < TELLING)
    if not is_aliased(cover[telling], error[telling]):
        return Border(np.zeros_like(mask), np.zeros_like(mask))
    border &= error < KNOWN
    return Border(border & (cover >= 0.5), border & (cover < 0.5))


def is_aliased(cover: Floats, error: Floats) -> bool:
    """Whether the pixels of a border, [N], are covered fully or not at all, as far as their covers
    are known: error, [N], is the standard error."""
    if len(cover) < LEAST_PX:
        return False

    def likelihood(true: Floats) -> Floats:
        normal = np.exp(-0.5 * ((cover - true[:, None]) / error) ** 2) / error
        return normal.mean(0) / np.sqrt(2 * np.pi)

    ends, partial = likelihood(np.array([0.0, 1.0])), likelihood(PARTIAL)
    soft = (1 - PARTLY) * ends + PARTLY * partial
    anywhere = WRONG / ANYWHERE
    ratio = np.log((1 - WRONG) * ends + anywhere) - np.log((1 - WRONG) * soft + anywhere)
    return bool(ratio.mean() > CLEARLY)
