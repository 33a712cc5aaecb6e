"""Whether the picture goes on under a mark."""

import cv2
import numpy as np
import pytest

from synthetic import lettering, photograph
from unveil.location.continuity import continuity

SIZE_HW = (160, 220)
MASK = lettering(*SIZE_HW)[..., 0] > 0.5
CLEAN = photograph(*SIZE_HW, seed=3) / np.float32(255)


def under(colour: np.ndarray, opacity: float) -> np.ndarray:
    matte = opacity * MASK[..., None].astype(np.float32)
    return matte * colour + (1 - matte) * CLEAN


@pytest.mark.parametrize("opacity", [0.2, 0.4, 0.6])
def test_it_goes_on_under_a_translucent_mark(opacity: float):
    assert continuity(under(np.float32([1, 1, 1]), opacity), MASK) > 6


def test_also_under_one_of_two_colours():
    colour = np.where(np.arange(SIZE_HW[1])[:, None] < SIZE_HW[1] / 2, [1, 0.2, 0], [0, 0.3, 1])
    assert continuity(under(colour.astype(np.float32), 0.4), MASK) > 4


def test_it_ends_at_a_thing():
    other = photograph(*SIZE_HW, seed=8)[::-1, ::-1] / np.float32(255)
    assert continuity(under(other, 1.0), MASK) < 3
    assert continuity(under(np.float32([1, 1, 1]), 1.0), MASK) == pytest.approx(0, abs=0.5)


def test_it_opposes_what_is_inverted():
    assert continuity(under(1 - 2 * CLEAN, 0.8), MASK) < -3


def test_by_chance_it_is_some_standard_errors_at_most():
    random = np.random.default_rng(0)
    found = []
    for _ in range(40):
        coarse = random.uniform(size=(2, 20, 28, 3)).astype(np.float32)
        inside, outside = (cv2.resize(part, SIZE_HW[::-1]) for part in coarse)
        found.append(continuity(np.where(MASK[..., None], inside, outside), MASK))
    assert abs(np.mean(found)) < 1
    assert 0.3 < np.std(found) < 3


def test_where_it_cannot_be_told_it_is_nothing():
    whole = np.ones(SIZE_HW, np.bool_)
    assert continuity(CLEAN, whole) == 0
    speck = np.zeros(SIZE_HW, np.bool_)
    speck[80:83, 80:83] = True
    assert continuity(CLEAN, speck) == 0
