"""How well a mark would explain a border."""

import numpy as np
import pytest

from synthetic import lettering, photograph
from unveil.location.explained import unexplained
from unveil.masks import dilated

SIZE_HW = (160, 220)
MASK = lettering(*SIZE_HW)[..., 0] > 0.5
CLEAN = photograph(*SIZE_HW, seed=3) / np.float32(255)
COLOUR = np.float32([0.9, 0.8, 0.1])


def seen(inside: np.ndarray) -> float:
    """What is unexplained of a picture that shows this under the mask, the network being sure."""
    marked = np.where(MASK[..., None], inside, CLEAN).astype(np.float32)
    matte = 0.5 * MASK.astype(np.float32)
    colour = np.broadcast_to(COLOUR, marked.shape)
    probability = MASK.astype(np.float32)
    return unexplained(marked, MASK, ~dilated(MASK, 1), probability, matte, colour)


def mixed(opacity: float, background: np.ndarray) -> np.ndarray:
    return opacity * COLOUR + (1 - opacity) * background


@pytest.mark.parametrize("other", [5, 6, 7, 8])
def test_a_mark_explains_a_border_under_which_the_picture_goes_on(other: int):
    elsewhere = photograph(*SIZE_HW, seed=other)[::-1, ::-1] / np.float32(255)
    assert seen(mixed(0.5, CLEAN)) < seen(mixed(0.5, elsewhere)) - 0.25
    assert seen(mixed(0.5, CLEAN)) < seen(elsewhere) - 0.5


def test_what_hardly_shows_is_rarely_a_mark():
    assert seen(mixed(0.1, CLEAN)) > seen(mixed(0.4, CLEAN)) + 0.2


def test_few_pairs_speak_slightly_against_a_mark():
    speck = np.zeros(SIZE_HW, np.bool_)
    speck[80:82, 80:82] = True
    matte = 0.5 * speck.astype(np.float32)
    found = unexplained(CLEAN, speck, ~dilated(speck, 1), 2 * matte, matte, CLEAN)
    assert 0 < found < 0.5
