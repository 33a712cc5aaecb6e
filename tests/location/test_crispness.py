"""How crisp borders are, and how even what they enclose."""

import cv2
import numpy as np
import pytest

from unveil.location.crispness import FAR_PX, USUAL, crispness

SIZE = 80
DISC = cv2.circle(np.zeros((SIZE, SIZE), np.float32), (40, 40), 18, 1.0, -1)
EVERYWHERE = np.ones((SIZE, SIZE), np.bool_)


def drawn(cover: np.ndarray, inside: int = 220, outside: int = 60) -> np.ndarray:
    """A disc of one level on another, H x W x 3."""
    grey = np.rint(outside + (inside - outside) * cover).astype(np.uint8)
    return np.dstack([grey] * 3)


def soft(radius_px: float) -> np.ndarray:
    return cv2.GaussianBlur(DISC, (0, 0), radius_px)


def test_a_sudden_end_is_as_crisp_as_can_be_whatever_its_contrast():
    for levels in ((220, 60), (60, 220), (100, 80)):
        found = crispness(drawn(DISC, *levels), DISC > 0.5, EVERYWHERE)
        assert found.border.tolist() == [1, 1, 1]


def test_a_slope_has_the_part_that_a_pixel_has_of_it():
    column = np.clip(np.arange(SIZE) / 40.0 - 0.5, 0, 1).astype(np.float32)
    slope = np.tile(column, (SIZE, 1))
    border = crispness(drawn(slope), slope > 0.5, EVERYWHERE).border
    assert border == pytest.approx(1 / (2 * FAR_PX), abs=0.05)


def test_the_softer_the_less_crisp():
    found = [crispness(drawn(soft(px)), DISC > 0.5, EVERYWHERE).border for px in (0.6, 1.2, 2.4)]
    assert (np.diff(found, axis=0) < 0).all()
    assert (found[0] - found[-1] > 0.2).all()


def test_the_surroundings_are_measured_where_they_are_clean():
    stripes = (np.indices((SIZE, SIZE))[1] // 4 % 2).astype(np.float32)
    rgb = drawn(np.where(cv2.dilate(DISC, np.ones((13, 13))) > 0, soft(2.4), stripes))
    found = crispness(rgb, DISC > 0.5, EVERYWHERE)
    assert found.border[1] < 0.5
    assert found.around > found.border[1] + 0.2
    assert crispness(rgb, DISC > 0.5, ~EVERYWHERE).around == USUAL[1]


def test_an_opaque_mark_is_even_and_grain_is_not():
    grain = np.random.default_rng(0).normal(0, 6, (SIZE, SIZE, 3))
    flat = drawn(DISC)
    grainy = np.clip(np.rint(flat + grain), 0, 255).astype(np.uint8)
    under = np.where(DISC[..., None] > 0.5, flat, grainy)
    assert crispness(under, DISC > 0.5, EVERYWHERE).even == 1
    assert crispness(grainy, DISC > 0.5, EVERYWHERE).even < 0.3


def test_where_all_is_alike_no_border_is_known():
    found = crispness(drawn(DISC, 60, 60), DISC > 0.5, EVERYWHERE)
    assert found.border.tolist() == USUAL.tolist()
    assert (found.around, found.even) == (USUAL[1], 1)


def test_a_group_of_single_pixels_has_no_neighbours_to_be_like():
    dots = np.zeros((SIZE, SIZE), np.bool_)
    dots[::4, ::4] = True
    assert crispness(drawn(DISC), dots, EVERYWHERE).even == 0.5
