"""A mark's colour that changes evenly from one side to the other: a plane for each channel,
W(x) = W(m) + G (x - m), fitted to pairs of pixels as one even colour is (unveil.pairs).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unveil.channels import channel_sum
from unveil.pairs import (
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
LEAST_SLOPE = 1e-6
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

    def moments(values: Floats, weight: Floats) -> Floats:
        """A x 3 x C: weighted sums of N x C values times each term."""
        products = (terms[:, :, None] * values[:, None]).reshape(len(terms), -1)
        return (weight.T @ products).reshape(len(opacity), 3, -1)

    far = np.zeros_like(inner)
    planes = np.zeros((len(opacity), 3, 3))
    ridge = LEAST_SLOPE * np.diag([0, 1, 1])
    for _ in range(ROUNDS):
        weight = 1 / (inner + far)
        share = weight.sum(0)[:, None, None]
        normal = moments(terms, weight) / share + ridge
        drawn = moments(inside, weight) - through[:, None, None] * moments(outside, weight)
        planes = np.linalg.solve(normal, drawn / share) / opacity[:, None, None]
        colour = np.einsum("nt,atc->nac", terms, planes).clip(0, 1)
        off = inside[:, None] - opacity[:, None] * colour - through[:, None] * outside[:, None]
        far = channel_sum(off**2) * (CHANNELS / 3 / (FREEDOM * CORE))
    unlikely = (FREEDOM + CHANNELS) * np.log1p(far / inner) + CHANNELS * np.log(inner / variance)
    some = terms[:: max(1, len(terms) // SAMPLES)]
    colour = np.einsum("nt,atc->nac", some, planes)
    beyond = np.maximum(np.maximum(-colour, colour - 1), 0).max((0, 2))
    impossible = np.minimum((beyond / IMPOSSIBLE) ** 2, MOST_IMPOSSIBLE)
    return Gradients(planes, unlikely.sum(0) / len(inside), impossible, place)
