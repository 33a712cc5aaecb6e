"""A mark's outline is that of the magnified look; the rest is left to the mean over all scales."""

import cv2
import numpy as np

from synthetic import session_that_sees
from unveil.boxes import within
from unveil.location.looks import View, look_magnified
from unveil.location.marks import group_of
from unveil.location.outline import outlined
from unveil.odds import log_odds


def _bright(picture):
    """Sees bright pixels, and nothing else."""
    return np.where(picture[..., 0] > 0.5, 0.98, 0.02)


def _outlined(rgb, mask, odds, session):
    """The mask of the whole picture outlined, and what is seen by then."""
    view = View.nothing(mask.shape)
    view.odds[:] = odds
    group = group_of(mask, (0, 0))
    closeup = look_magnified(rgb, group, view, session)
    found = np.zeros(mask.shape, np.bool_)
    found[within(closeup.box_xyxy)] = outlined(group, view, closeup)
    return found, view.odds


def _picture(height=200, width=300):
    """Black, with two white bars of 4 px, and the blurred log odds of a network that sees them."""
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[60:64, 60:160] = rgb[100:104, 60:160] = 255
    bright = rgb[..., 0] > 0
    wide = cv2.dilate(bright.view(np.uint8), np.ones((5, 5))) > 0
    odds = log_odds(np.where(wide, np.float32(0.8), np.float32(0.02)))
    return rgb, bright, wide, odds


def test_the_rim_is_that_of_the_magnified_look():
    rgb, bright, wide, odds = _picture()
    mask, sharp = _outlined(rgb, wide, odds, session_that_sees(_bright))
    assert np.array_equal(mask, bright)
    near = cv2.dilate(wide.view(np.uint8), np.ones((25, 25))) > 0
    assert np.array_equal((sharp > 0) & near, bright)


def test_what_is_not_seen_again_stays_as_it_was():
    rgb, bright, wide, odds = _picture()
    rgb[100:104] = 0  # the second bar was seen at the other scales only
    mask, sharp = _outlined(rgb, wide, odds, session_that_sees(_bright))
    assert np.array_equal(mask[:80], bright[:80])
    assert np.array_equal(mask[80:], wide[80:])
    assert np.allclose(sharp[100:104, 60:160], odds[100:104, 60:160])


def test_the_inside_of_a_large_part_is_what_the_mean_says():
    rgb = np.zeros((200, 300, 3), np.uint8)
    rgb[50:150, 50:250] = 255
    whole = rgb[..., 0] > 0
    odds = log_odds(np.where(whole, np.float32(0.9), np.float32(0.02)))
    rgb[90:110, 100:200] = 0  # the magnified look does not see that this belongs to it
    mask, _ = _outlined(rgb, whole, odds, session_that_sees(_bright))
    assert np.array_equal(mask, whole)


def test_nothing_far_from_what_was_found_is_added():
    rgb, bright, wide, odds = _picture()
    rgb[180:184, 60:160] = 255
    mask, _ = _outlined(rgb, wide, odds, session_that_sees(_bright))
    assert np.array_equal(mask, bright)


def test_what_is_not_seen_again_must_have_been_likely():
    rgb, bright, wide, odds = _picture()
    rgb[100:104] = 0
    odds[80:] = np.where(wide[80:], log_odds(np.float32(0.2)), odds[80:])
    mask, _ = _outlined(rgb, wide, odds, session_that_sees(_bright))
    assert np.array_equal(mask[:80], bright[:80])
    assert not mask[80:].any()
