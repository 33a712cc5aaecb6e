"""Looking at pictures: first everywhere, then closer, without a seam."""

import numpy as np
import pytest

from synthetic import session_that_sees
from unveil.location.looks import (
    CONTEXT_PX,
    OVERVIEW_PX,
    SCALES,
    View,
    look,
    look_closer,
    look_magnified,
)
from unveil.location.marks import group_of, group_pixels
from unveil.odds import probability_of


def _red(picture):
    return 0.02 + 0.9 * picture[..., 0]


def test_a_picture_without_candidates_is_looked_at_once():
    session = session_that_sees(lambda picture: np.full(picture.shape[:2], 0.05))
    view = look(np.zeros((200, 300, 3), np.uint8), session)
    assert session.shown == [(200, 300)]
    assert probability_of(view.odds) == pytest.approx(0.05, abs=1e-3)


def test_a_candidate_is_looked_at_closer_and_all_scales_count_alike():
    rgb = np.zeros((600, 700, 3), np.uint8)
    rgb[280:320, 330:380, 0] = 255
    session = session_that_sees(_red)
    view = look(rgb, session)
    assert session.shown[0] == (600, 700)
    assert len(session.shown) == len(SCALES)
    assert all(height * width < 300 * 400 for height, width in session.shown[1:])
    assert probability_of(view.odds)[300, 355] == pytest.approx(0.92, abs=0.01)


def test_a_large_picture_is_seen_at_full_size_only_around_candidates():
    side = 2048
    assert side**2 > OVERVIEW_PX
    rgb = np.zeros((side, side, 3), np.uint8)
    rgb[1001:1101, 1500:1600, 0] = 255
    view = look(rgb, session_that_sees(_red))
    found = probability_of(view.odds) > 0.5
    assert found[1001:1101, 1500:1600].all()
    assert np.count_nonzero(found) == pytest.approx(100 * 100, rel=0.03)
    assert probability_of(view.odds)[0, 0] < 1e-3
    assert view.colour[1050, 1550, 0] == 1.0


def test_what_is_large_in_a_large_picture_is_looked_at_reduced():
    rgb = np.zeros((2048, 2048, 3), np.uint8)
    rgb[600:1400, 500:1300, 0] = 255
    session = session_that_sees(_red)
    view = look(rgb, session)
    assert session.shown[0] == (1024, 1024)
    assert [max(size) for size in session.shown[1:]] == [464, round(464 * 2**0.5)]
    assert np.count_nonzero(probability_of(view.odds) > 0.5) == pytest.approx(800 * 800, rel=0.01)
    assert view.colour[1000, 900, 0] == 1.0


def test_tiles_join_without_a_seam():
    ramp = np.linspace(0, 255, 1500).astype(np.uint8)
    rgb = np.broadcast_to(ramp[None, :, None], (300, 1500, 3)).copy()
    view = View.nothing((300, 1500))
    look_closer(rgb, (0, 0, 1500, 300), session_that_sees(_red), view)
    expected = 0.02 + 0.9 * ramp / 255
    assert np.abs(probability_of(view.odds) - expected).max() < 0.02


@pytest.mark.parametrize(("side", "scale"), [(20, 2.0), (200, 1.6), (400, 1.0)])
def test_groups_are_magnified_to_one_length_and_a_part_of_that_length_is_shown_too(side, scale):
    rgb = np.zeros((1100, 800, 3), np.uint8)
    rgb[150 : 150 + side, 200 : 200 + side, 0] = 255
    (group,) = group_pixels(rgb[..., 0] > 0, gap_px=2)
    session = session_that_sees(_red)
    closeup = look_magnified(rgb, group, View.nothing(rgb.shape[:2]), session)
    assert max(session.shown[-1]) == pytest.approx(scale * (side + 2 * CONTEXT_PX), abs=1)
    middle = CONTEXT_PX + side // 2
    assert closeup.odds[middle, middle] > 0 > closeup.odds[5, 5]
    assert closeup.shows(group, rgb.shape[:2])
    half = group_of(group.mask[:, : side // 2], group.box_xyxy[:2])
    assert closeup.shows(half, rgb.shape[:2])
    corner = group_of(group.mask[: side // 8 + 1, : side // 8 + 1], group.box_xyxy[:2])
    seen_as_well = scale > 1  # alone it would be seen at twice its size
    assert closeup.shows(corner, rgb.shape[:2]) == seen_as_well
    elsewhere = group_of(group.mask, (200, 210 + side))
    assert not closeup.shows(elsewhere, rgb.shape[:2])


@pytest.mark.parametrize(("side", "looks"), [(200, 1), (400, 0)])
def test_what_was_seen_at_its_own_size_is_not_looked_at_once_more(side, looks):
    rgb = np.zeros((700, 800, 3), np.uint8)
    rgb[150 : 150 + side, 200 : 200 + side, 0] = 255
    session = session_that_sees(_red)
    view = look(rgb, session)
    first = len(session.shown)
    (group,) = group_pixels(view.odds > 0, gap_px=2)
    view.odds[:] = 0  # what is corrected later is not what was seen
    closeup = look_magnified(rgb, group, view, session)
    assert len(session.shown) == first + looks
    anew = look_magnified(rgb, group, View.nothing(rgb.shape[:2]), session)
    assert closeup.box_xyxy == anew.box_xyxy
    np.testing.assert_allclose(closeup.odds, anew.odds, atol=1e-5)
