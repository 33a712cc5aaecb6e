"""What pairs of pixels across a mark's border tell of one colour."""

import numpy as np
import pytest

from unveil.pairs import OPACITIES, Pairs

COUNT = 1500
DEVIATION = 0.03
"""Of the background, from one side of the border to the other."""


def drawn(opacity: float, colour: np.ndarray, torn: float) -> Pairs:
    """Pairs under a mark; of this part of them the background ends at the border."""
    random = np.random.default_rng(3)
    outside = random.uniform(0.2, 0.7, (COUNT, 3))
    below = outside + random.normal(0, DEVIATION, (COUNT, 3))
    below[: int(torn * COUNT)] = 0.95
    inside = opacity * colour + (1 - opacity) * below
    variance = np.full(COUNT, DEVIATION**2)
    nothing = np.zeros((COUNT, 2), np.intp)
    return Pairs(inside, outside, variance, nothing, nothing[:, 0], inside)


@pytest.mark.parametrize("torn", [0.0, 0.25])
@pytest.mark.parametrize("opacity", [0.3, 0.5, 0.7])
def test_opacity_and_colour_are_those_of_most_pairs(opacity: float, torn: float):
    colour = np.array([0.1, 0.6, 0.9])
    solved, unlikely = drawn(opacity, colour, torn).fitted()
    best = int(unlikely.argmin())
    assert OPACITIES[best] == pytest.approx(opacity, abs=0.03)
    assert opacity * solved[:, best] == pytest.approx(opacity * colour, abs=0.02)


def test_pairs_of_another_colour_are_unlikelier():
    colour = np.array([0.1, 0.6, 0.9])
    pairs = drawn(0.5, colour, 0.0)
    assert (pairs.misfit(colour, 0.5) < pairs.misfit(1 - colour, 0.5)).mean() > 0.99
