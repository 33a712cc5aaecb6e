"""Figures within a plate, of which the network has seen nothing but the plate."""

import numpy as np
import pytest

from synthetic import photograph
from unveil.blending import compose
from unveil.masks import dilated, eroded
from unveil.models.session import Session
from unveil.restore.field import choose
from unveil.restore.figures import MODEL, FigureFinder
from unveil.restore.opacity import Solution
from unveil.restore.parts import with_parts

SIZE_HW = (220, 260)
ROWS, COLUMNS = np.mgrid[: SIZE_HW[0], : SIZE_HW[1]]
PLATE = np.hypot(ROWS - 110, COLUMNS - 130) < 85
RADIUS = np.hypot(ROWS - 110, COLUMNS - 130)
RING = (RADIUS < 48) & (RADIUS > 30) | (np.abs(ROWS - 110) < 8) & (RADIUS < 48)
NOTHING = np.zeros(SIZE_HW, np.bool_)
BACKGROUND = photograph(*SIZE_HW, seed=6) / np.float32(255)
FIND_FIGURES = FigureFinder(Session(MODEL))
WHITE, BLACK, BLUE, ORANGE, NAVY = (
    np.array(colour, np.float32)
    for colour in ((1, 1, 1), (0, 0, 0), (0.1, 0.4, 0.8), (0.95, 0.6, 0.1), (0.05, 0.1, 0.35))
)


def solved(
    opacity: float, plate: np.ndarray, figure: np.ndarray, where: np.ndarray = RING
) -> tuple[Solution, Solution]:
    """Before and after, of a mark of which the plate is known exactly."""
    colour = np.where(where[..., None], figure, plate)
    marked = compose(BACKGROUND, colour, opacity * PLATE[..., None].astype(np.float32))
    marked = np.rint(255 * marked).astype(np.float32) / 255
    before = Solution(opacity, 0.01, plate[None], np.zeros(SIZE_HW, np.intp))
    return before, with_parts(marked, eroded(PLATE, 1), ~dilated(PLATE, 1), before, FIND_FIGURES)


@pytest.mark.parametrize("opacity", [0.3, 0.6])
@pytest.mark.parametrize(
    ("plate", "figure"), [(BLUE, WHITE), (ORANGE, BLACK), (WHITE, BLACK), (NAVY, ORANGE)]
)
def test_the_figure_has_its_own_colour(opacity: float, plate: np.ndarray, figure: np.ndarray):
    _, after = solved(opacity, plate, figure)
    inside = eroded(PLATE, 1)
    assert np.abs(after.colours[1] - figure).max() < 0.06 / opacity
    assert (after.labels == RING)[inside].mean() > 0.95
    assert np.abs(after.colour - np.where(RING[..., None], figure, plate))[inside].mean() < 0.03


@pytest.mark.parametrize("opacity", [0.3, 0.6])
@pytest.mark.parametrize("plate", [BLUE, WHITE, NAVY])
def test_a_plate_without_a_figure_keeps_its_colour(opacity: float, plate: np.ndarray):
    _, after = solved(opacity, plate, plate, NOTHING)
    assert (after.labels == 0)[eroded(PLATE, 1)].mean() > 0.98


def test_nearly_opaque_marks_stay_as_they_are():
    before, after = solved(0.95, BLUE, WHITE)
    assert after is before


def test_thin_marks_stay_as_they_are():
    lines = (ROWS % 12 < 5) & PLATE
    marked = compose(BACKGROUND, WHITE, 0.5 * lines[..., None]).astype(np.float32)
    before = Solution(0.5, 0.01, BLUE[None], np.zeros(SIZE_HW, np.intp))
    assert with_parts(marked, eroded(lines, 1), ~dilated(lines, 1), before, FIND_FIGURES) is before


def test_a_mark_with_nothing_clean_around_it_stays_as_it_is():
    before = Solution(0.5, 0.01, BLUE[None], np.zeros(SIZE_HW, np.intp))
    assert with_parts(BACKGROUND, ~NOTHING, NOTHING, before, FIND_FIGURES) is before


def test_a_mark_across_a_narrow_picture():
    narrow = np.s_[:14]
    inside = np.zeros((14, SIZE_HW[1]), np.bool_)
    inside[:, 40:200] = True
    before = Solution(0.5, 0.01, BLUE[None], np.zeros(inside.shape, np.intp))
    after = with_parts(BACKGROUND[narrow], inside, ~dilated(inside, 1), before, FIND_FIGURES)
    assert after.labels.shape == inside.shape


def test_another_background_that_is_the_same_gains_nothing():
    even = np.full(SIZE_HW, 0.5, np.float32)
    gain, likely = choose(BACKGROUND, BACKGROUND, PLATE, ~PLATE, 1e-4, even, 0 * even)
    assert gain == pytest.approx(0, abs=1e-3)
    assert not (likely > 0.5).any()


def test_parts_of_large_marks_are_found_in_smaller_sizes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("unveil.restore.field.MOST_PX", RING.size // 4)
    _, after = solved(0.6, BLUE, WHITE)
    assert (after.labels == RING)[eroded(PLATE, 1)].mean() > 0.9


def test_marks_too_large_for_any_size_stay_as_they_are(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("unveil.restore.field.MOST_PX", RING.size // 100)
    before, after = solved(0.6, BLUE, WHITE)
    assert after is before
