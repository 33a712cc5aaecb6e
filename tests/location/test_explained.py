"""How well a mark would explain a border."""

import numpy as np
import pytest

from synthetic import lettering, photograph
from unveil.location.explained import Explanation, explained
from unveil.masks import dilated

SIZE_HW = (160, 220)
MASK = lettering(*SIZE_HW)[..., 0] > 0.5
CLEAN = photograph(*SIZE_HW, seed=3) / np.float32(255)
COLOUR = np.float32([0.9, 0.8, 0.1])


def seen(inside: np.ndarray) -> Explanation:
    """The explanation of a picture that shows this under the mask."""
    marked = np.where(MASK[..., None], inside, CLEAN).astype(np.float32)
    found = explained(marked, MASK, ~dilated(MASK, 1), np.broadcast_to(COLOUR, marked.shape))
    assert found is not None
    return found


def mixed(opacity: float, background: np.ndarray) -> np.ndarray:
    return opacity * COLOUR + (1 - opacity) * background


@pytest.mark.parametrize("other", [5, 6, 7, 8])
def test_a_mark_explains_a_border_under_which_the_picture_goes_on(other: int):
    elsewhere = photograph(*SIZE_HW, seed=other)[::-1, ::-1] / np.float32(255)
    mark = seen(mixed(0.5, CLEAN))
    assert mark.misfit < seen(mixed(0.5, elsewhere)).misfit - 3
    assert mark.misfit < seen(elsewhere).misfit - 6


@pytest.mark.parametrize("opacity", [0.3, 0.5, 0.7])
def test_it_is_the_mark_that_was_laid(opacity: float):
    found = seen(mixed(opacity, CLEAN))
    assert found.opacity == pytest.approx(opacity, abs=0.05)
    assert found.opacity * found.colour == pytest.approx(opacity * COLOUR, abs=0.05)


def test_few_pairs_explain_nothing():
    speck = np.zeros(SIZE_HW, np.bool_)
    speck[80:82, 80:82] = True
    assert explained(CLEAN, speck, ~dilated(speck, 1), CLEAN) is None
