"""Marks that cover every pixel fully or not at all."""

import numpy as np
import pytest

from synthetic import lettering, photograph, stamped
from unveil.masks import dilated, eroded
from unveil.restore.aliased import aliased_border, is_aliased
from unveil.restore.mark import restore

SIZE_HW = (240, 360)
CLEAN = photograph(*SIZE_HW, seed=5)
SOFT = lettering(*SIZE_HW)
HARD = (SOFT > 0.5).astype(np.float32)
WHITE = np.ones((*SIZE_HW, 3), np.float32)
NONE = np.zeros(SIZE_HW, bool)


def border(cover: np.ndarray, opacity: float, wider_px: int = 1):
    """Of a mark whose mask is wider than it is, perfectly restored."""
    mask = dilated(cover[..., 0] > 0.5, wider_px)
    marked = stamped(CLEAN, opacity * cover, (1.0, 1.0, 1.0)).astype(np.float32) / 255
    return aliased_border(marked, CLEAN / 255, mask, NONE, WHITE, opacity), mask


@pytest.mark.parametrize("opacity", [0.4, 0.7, 1.0])
def test_what_an_aliased_mark_does_not_cover_is_told(opacity):
    found, mask = border(HARD, opacity)
    true = HARD[..., 0] > 0.5
    before = np.count_nonzero(mask & ~true)
    left = mask & ~found.uncovered
    assert np.count_nonzero(left & ~true) < 0.2 * before
    assert np.count_nonzero(true & found.uncovered) < 0.02 * np.count_nonzero(true)
    assert np.count_nonzero(found.covered & ~true) < 0.15 * np.count_nonzero(found.covered)


@pytest.mark.parametrize("opacity", [0.4, 0.7, 1.0])
def test_a_soft_mark_is_left_as_it_is(opacity):
    found, _ = border(SOFT, opacity)
    assert not found.covered.any()
    assert not found.uncovered.any()


@pytest.mark.parametrize("error", [0.04, 0.12])
def test_borders_are_told_apart_by_where_their_covers_lie(error):
    random = np.random.default_rng(0)
    noise = random.normal(0, error, 4000)
    errors = np.full(4000, error)
    assert is_aliased(random.integers(2, size=4000) + noise, errors)
    assert not is_aliased(random.random(4000) + noise, errors)


def test_of_few_pixels_nothing_is_said():
    assert not is_aliased(np.array([0.0, 1.0] * 10), np.full(20, 0.05))


def test_an_aliased_mark_is_restored_to_its_border_and_no_further():
    true = HARD[..., 0] > 0.5
    mask = dilated(true, 1)
    marked = (stamped(CLEAN, 0.6 * HARD, (1.0, 1.0, 1.0)) / 255).astype(np.float32)
    seen = np.where(mask, 0.9, 0.02).astype(np.float32)
    found = restore(marked, mask, NONE, seen, np.float32(0.6) * mask, WHITE)
    assert np.count_nonzero(found.mask & ~true) < 0.1 * np.count_nonzero(true)
    assert np.count_nonzero(true & ~found.mask) < 0.02 * np.count_nonzero(true)
    border = true & ~eroded(true, 1) & found.mask
    assert np.abs(found.background - CLEAN / 255)[border].mean() < 3 / 255
