"""Parts of a plate that a ring on it encloses, and holes that are clean."""

import numpy as np
import pytest

from synthetic import photograph
from unveil.blending import compose
from unveil.models.session import Session
from unveil.restore.figures import MODEL, FigureFinder
from unveil.restore.holes import holes_of, marked_holes
from unveil.restore.mark import restore
from unveil.restore.opacity import Solution

SIZE_HW = (220, 260)
ROWS, COLUMNS = np.mgrid[: SIZE_HW[0], : SIZE_HW[1]]
RADIUS = np.hypot(ROWS - 110, COLUMNS - 130)
PLATE = RADIUS < 85
RING = (RADIUS < 48) & (RADIUS > 30)
HOLE = RADIUS <= 30
BACKGROUND = photograph(*SIZE_HW, seed=6) / np.float32(255)
BLUE, WHITE = np.array((0.1, 0.4, 0.8), np.float32), np.ones(3, np.float32)
COLOUR = np.where(RING[..., None], WHITE, BLUE)
NOTHING = np.zeros(SIZE_HW, np.bool_)


def marked(covered: np.ndarray, opacity: float) -> np.ndarray:
    picture = compose(BACKGROUND, COLOUR, opacity * covered[..., None].astype(np.float32))
    return np.rint(255 * picture).astype(np.float32) / 255


def probability(inside: float) -> np.ndarray:
    """A network's that sees the plate and the ring, and is not sure of the hole."""
    return np.where(HOLE, inside, np.where(PLATE, 0.98, 0.01)).astype(np.float32)


@pytest.mark.parametrize("opacity", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("inside", [0.1, 0.5])
def test_a_hole_is_marked_where_the_background_goes_on_more_evenly_so(opacity, inside):
    solution = Solution(opacity, 0.01, np.stack([BLUE, WHITE]), RING.astype(np.intp))
    for covered, expected in ((PLATE, HOLE), (PLATE & ~HOLE, NOTHING)):
        picture, mask = marked(covered, opacity), PLATE & ~HOLE
        part, colour = marked_holes(
            picture, mask, NOTHING, holes_of(mask), probability(inside), solution
        )
        assert np.array_equal(part, expected)
        assert np.allclose(colour[part], BLUE)


@pytest.mark.parametrize("opacity", [0.3, 0.7])
def test_a_plate_is_restored_as_if_no_part_of_it_had_looked_clean(opacity):
    picture = marked(PLATE, opacity)
    find_figures = FigureFinder(Session(MODEL))
    left = []
    for mask in (PLATE, PLATE & ~HOLE):
        matte = opacity * mask.astype(np.float32)
        restored = restore(
            picture, mask, NOTHING, probability(0.2), matte, COLOUR, find_figures=find_figures
        )
        assert restored.mask[HOLE].all()
        left.append(np.abs(restored.background - BACKGROUND)[PLATE].mean())
    assert left[1] < 1.05 * left[0]


def test_only_plates_have_holes():
    assert np.array_equal(holes_of(PLATE & ~HOLE), HOLE)
    assert not holes_of((RADIUS < 34) & ~HOLE).any()  # a thin ring
    outer = np.zeros_like(PLATE)
    outer[:, :100] = True  # cut off by the border, nothing is enclosed
    assert not holes_of(PLATE & ~outer & ~HOLE)[outer].any()


def test_a_hole_that_is_touched_by_the_border_is_none():
    mask = np.ones(SIZE_HW, np.bool_)
    mask[:20, 100:140] = False
    assert not holes_of(mask).any()


def test_other_marks_within_a_hole_are_left_to_themselves():
    other = RADIUS < 12
    mask = PLATE & ~HOLE
    matte = 0.5 * mask.astype(np.float32)
    restored = restore(marked(PLATE, 0.5), mask, other, probability(0.5), matte, COLOUR)
    assert not restored.mask[other].any()
    assert restored.mask[HOLE & (RADIUS > 16)].mean() > 0.9
