"""A mark's colour that changes evenly from one side to the other: a plane for each channel,
W(x) = W(m) + G (x - m), fitted to pairs of pixels as one even colour is (unveil.pairs).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unveil.channels import channel_sum
from unveil.pairs import (
    BLOCK,
    CHANNELS,
    CORE,
    FREEDOM,
    MOST_PAIRS,
    OPACITIES,
    ROUNDS,
    Floats,
    Pairs,
    inside_variance,
)

SPAN_PX = 100.0
"""Unit of length: slopes are of the size of colours."""
RIDGE = np.diag([0, 1e-6, 1e-6]).astype(np.float32)
"""Keeps the slope across a straight line, of which nothing is known, near 0."""
IMPOSSIBLE = 0.02
"""Standard error of the limits of a colour, 0 and 1,"""
MOST_IMPOSSIBLE = 100.0
"""whose violation costs no more than this."""
SAMPLES = 60
"""It is looked for in so many pairs."""


@dataclass(frozen=True, eq=False)
class Gradient:
    """A colour that changes evenly over a mark."""

    middle: Floats
    """3: the colour at the place."""
    slope: Floats
    """2 x 3: how it changes in SPAN_PX down, and across."""
    place: Floats
    """2: row and column."""

    def over(self, size_hw: tuple[int, ...]) -> NDArray[np.float32]:
        """The colour at every pixel, H x W x 3 in [0, 1]."""
        down, across = (np.arange(size) - at for size, at in zip(size_hw, self.place, strict=True))
        change = down[:, None, None] * self.slope[0] + across[:, None] * self.slope[1]
        return np.clip(self.middle + change / SPAN_PX, 0, 1).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Gradients:
    """The gradient that pairs have, for each of A opacities."""

    planes: Floats
    """A x 3 x 3: colour at the place, its change down and across, by channel."""
    unlikely: Floats
    """A: -2 log likelihood of a pair with it, to be compared with :meth:`Pairs.fitted`'s."""
    impossible: Floats
    """A: what colours below 0 or above 1 cost."""
    place: Floats
    """2."""

    def __getitem__(self, index: int) -> Gradient:
        middle, *slope = self.planes[index]
        return Gradient(middle, np.array(slope), self.place)


def fitted_gradients(pairs: Pairs, opacities: NDArray[np.float64] = OPACITIES) -> Gradients:
    """The gradient that all pairs have, for each of these opacities: weighted least squares, the
    weights following from it, as those of an even colour."""
    every = max(1, len(pairs) // MOST_PAIRS)
    inside, outside = pairs.inside[::every], pairs.outside[::every]
    place = pairs.place.mean(0)
    away = (pairs.place[::every] - place) / SPAN_PX
    terms = np.column_stack([np.ones(len(away)), away]).astype(np.float32)
    variance, opacity = pairs.variance[::every, None], opacities.astype(np.float32)
    through, inner = 1 - opacity, inside_variance(variance, opacity)
    values = np.dstack([terms[:, None], inside[:, None], outside[:, None]])
    products = (terms[:, :, None] * values).reshape(len(terms), 3 * 9)
    blocks = [slice(start, start + BLOCK) for start in range(0, len(terms), BLOCK)]
    far = np.zeros_like(inner)
    planes = np.zeros((len(opacity), 3, 3), np.float32)
    for _ in range(ROUNDS):
        parts = [(1 / (inner[block] + far[block])).T @ products[block] for block in blocks]
        sums = np.sum(parts, 0)
        means = (sums / sums[:, :1]).reshape(-1, 3, 9)
        normal, within, without = np.split(means, 3, axis=2)
        drawn = within - through[:, None, None] * without
        planes = np.linalg.solve(normal + RIDGE, drawn) / opacity[:, None, None]
        for block in blocks:
            colour = _colours(terms[block], planes).clip(0, 1)
            behind = through[:, None] * outside[block][:, None]
            off = inside[block][:, None] - opacity[:, None] * colour - behind
            far[block] = channel_sum(off**2) * np.float32(CHANNELS / 3 / (FREEDOM * CORE))
    unlikely = (FREEDOM + CHANNELS) * np.log1p(far / inner) + CHANNELS * np.log(inner / variance)
    colour = _colours(terms[:: max(1, len(terms) // SAMPLES)], planes)
    beyond = np.maximum(np.maximum(-colour, colour - 1), 0).max((0, 2))
    impossible = np.minimum((beyond / IMPOSSIBLE) ** 2, MOST_IMPOSSIBLE)
    return Gradients(planes, unlikely.sum(0) / len(inside), impossible, place)


def _colours(terms: Floats, planes: Floats) -> Floats:
    """N x A x 3: what A planes, A x 3 x 3, are at N places, N x 3."""
    flat = np.moveaxis(planes, 1, 0).reshape(3, -1)
    return (terms @ flat).reshape(len(terms), -1, 3)
