"""Where two colours of a mark meet, against the mixture that is there."""

import numpy as np
import pytest

from synthetic import photograph
from unveil.blending import compose
from unveil.masks import dilated, eroded
from unveil.restore.opacity import Solution
from unveil.restore.seams import filled_part, seams_of, unmixed

SIZE_HW = (120, 160)
ROWS, COLUMNS = np.mgrid[: SIZE_HW[0], : SIZE_HW[1]]
MASK = (np.abs(ROWS - 60) < 40) & (np.abs(COLUMNS - 80) < 60)
SHARE = np.clip((COLUMNS - 78 + 0.1 * ROWS) / 2.5, 0, 1)[..., None].astype(np.float32)
"""Of the second colour: a slanting border two pixels wide."""
RED, WHITE = np.float32([0.8, 0.1, 0.1]), np.float32([1, 1, 1])
COLOUR = RED + SHARE * (WHITE - RED)
LABELS = (SHARE[..., 0] > 0.5).astype(np.intp)
BACKGROUND = photograph(*SIZE_HW, seed=2) / np.float32(255)


@pytest.mark.parametrize("opacity", [0.3, 0.5])
def test_the_mixture_at_a_seam(opacity: float):
    marked = compose(BACKGROUND, COLOUR, opacity * MASK[..., None].astype(np.float32))
    solution = Solution(opacity, 0.01, np.stack([RED, WHITE]), LABELS)
    hard = solution.colours[LABELS]
    seams = seams_of(hard, MASK)
    mixed = unmixed(marked, solution, seams, eroded(MASK, 1), ~dilated(MASK, 1))
    within = seams & eroded(MASK, 3)
    assert np.abs(mixed - COLOUR)[within].mean() < 0.5 * np.abs(hard - COLOUR)[within].mean()
    assert (mixed == hard)[~seams].all()


def test_seams_lie_where_colours_meet_and_nowhere_else():
    colour = np.stack([RED, WHITE])[LABELS]
    seams = seams_of(colour, MASK)
    border = np.abs(SHARE[..., 0] - 0.5) < 0.3
    assert seams[border & eroded(MASK, 1)].all()
    assert not seams[~MASK].any()
    assert not seams[np.abs(COLUMNS - 78 + 0.1 * ROWS) > 6].any()
    assert not seams_of(np.broadcast_to(RED, (*SIZE_HW, 3)), MASK).any()


def test_a_mark_whose_second_colour_is_nowhere_pure_is_left_alone():
    solution = Solution(0.5, 0.01, np.stack([RED, WHITE]), LABELS)
    everywhere = np.ones(SIZE_HW, np.bool_)
    mixed = unmixed(BACKGROUND, solution, everywhere, MASK, ~MASK)
    assert (mixed == solution.colours[LABELS]).all()


def test_the_more_opaque_the_more_is_filled():
    parts = [filled_part(opacity) for opacity in (0.0, 0.3, 0.5, 0.7, 1.0)]
    assert parts == sorted(parts)
    assert (parts[0], parts[2], parts[-1]) == (0, 0.5, 1)
