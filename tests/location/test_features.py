"""What a group of pixels is judged by."""

import numpy as np
import pytest

from synthetic import lettering, photograph, session_that_sees, stamped
from unveil.location.features import FEATURES, SQUARE_PX, features_of
from unveil.location.looks import Closeup, View, look_magnified
from unveil.location.marks import Group, group_pixels
from unveil.odds import log_odds

SIZE_HW = (160, 220)
COVER = lettering(*SIZE_HW)
CLEAN = photograph(*SIZE_HW, seed=3)
WHITE = (1.0, 1.0, 1.0)
COMPARED = slice(-15, -3)
REVEALED = FEATURES - 15 + np.array([5, 7, 9, 11])
"""Features of the picture without the mark: the step of its mean at the group's border, its slopes
there and under the group, its liveliness; those before each are of the picture as it is."""


def features(group: Group, view: View, rgb: np.ndarray) -> np.ndarray:
    """Of a group of which the closeup shows nothing."""
    height, width = view.odds.shape
    unseen = Closeup((0, 0, width, height), 1.0, np.full((height, width), -4, np.float32))
    return features_of(group, view, unseen, rgb)


def seen_as(opacity: float, probability: float = 0.9) -> tuple[Group, View]:
    """The lettering as a sure group, and a view that sees it white and of this opacity."""
    (group,) = group_pixels(COVER[..., 0] > 0.5, gap_px=40)
    view = View.nothing(COVER.shape[:2])
    view.odds[COVER[..., 0] > 0.5] = log_odds(np.float32(probability))
    view.matte[:] = opacity * COVER[..., 0]
    view.colour[:] = 1
    return group, view


@pytest.mark.parametrize("opacity", [0.3, 0.6])
def test_under_a_mark_the_picture_without_it_is_like_its_surroundings(opacity):
    numbers = features(*seen_as(opacity), stamped(CLEAN, opacity * COVER, WHITE))
    without = features(*seen_as(opacity), CLEAN)
    as_it_is, revealed = numbers[REVEALED - 1], numbers[REVEALED]
    assert numbers.shape == (FEATURES,)
    assert revealed[0] < 0.5 * as_it_is[0]
    assert abs(revealed[1]) < 0.5 * abs(as_it_is[1])
    assert revealed == pytest.approx(without[REVEALED - 1], abs=0.3)


def test_what_the_network_sees_wrongly_is_put_right_by_the_border():
    """It is told .3 of a mark of .6: the revealed picture is still the clean one, nearly."""
    marked = stamped(CLEAN, 0.6 * COVER, WHITE)
    right, wrong = (features(*seen_as(opacity), marked) for opacity in (0.6, 0.3))
    assert wrong[REVEALED] == pytest.approx(right[REVEALED], abs=0.1)


def test_no_feature_grows_with_the_group():
    """Twice the size is the same group, once it is larger than the square."""
    size_hw = (3 * SQUARE_PX, 4 * SQUARE_PX)
    clean, cover = photograph(*size_hw, seed=3), lettering(*size_hw)
    marked = stamped(clean, 0.5 * cover, WHITE)
    vectors = []
    for scale in (1, 2):
        rgb, matte = (np.repeat(np.repeat(x, scale, 0), scale, 1) for x in (marked, 0.5 * cover))
        view = View.nothing(rgb.shape[:2])
        view.odds[matte[..., 0] > 0.25] = 2
        view.matte[:], view.colour[:] = matte[..., 0], 1
        (group,) = group_pixels(matte[..., 0] > 0.25, gap_px=80)
        vectors.append(features(group, view, rgb))
    assert vectors[1][COMPARED] == pytest.approx(vectors[0][COMPARED], abs=0.12)


@pytest.mark.parametrize("size_hw", [(40, 50), (3, 900)])
def test_a_group_that_is_all_of_a_picture_has_features_too(size_hw):
    (group,) = group_pixels(np.ones(size_hw, np.bool_), gap_px=2)
    view = View.nothing(size_hw)
    view.odds[:] = 1
    rgb = np.full((*size_hw, 3), 90, np.uint8)
    assert np.isfinite(features(group, view, rgb)).all()


def test_a_group_is_seen_magnified_and_compared_with_what_is_beside_it():
    rgb = np.zeros((300, 400, 3), np.uint8)
    rgb[150:200, 200:260, 0] = 255
    (group,) = group_pixels(rgb[..., 0] > 0, gap_px=2)
    view = View.nothing(rgb.shape[:2])
    session = session_that_sees(lambda picture: 0.1 + 0.8 * picture[..., 0])
    closeup = look_magnified(rgb, group, view, session)
    *_, there, beside, _ = features_of(group, view, closeup, rgb)
    assert there == pytest.approx(log_odds(0.9) / 3, abs=0.1)
    assert beside == pytest.approx(log_odds(0.1) / 3, abs=0.1)


@pytest.mark.parametrize(
    ("rows", "columns", "cut_off"),
    [
        ((20, 60), (30, 90), 0),
        ((0, 40), (30, 70), 1 / 4),
        ((0, 20), (0, 100), 7 / 12),
        ((80, 100), (0, 100), 7 / 12),
        ((0, 100), (80, 100), 7 / 12),
        ((30, 50), (0, 100), 1 / 6),
    ],
)
def test_how_much_of_a_group_the_border_cuts_off(rows, columns, cut_off):
    mask = np.zeros((100, 100), np.bool_)
    mask[slice(*rows), slice(*columns)] = True
    (group,) = group_pixels(mask, gap_px=2)
    rgb = np.full((100, 100, 3), 90, np.uint8)
    assert features(group, View.nothing((100, 100)), rgb)[-1] == pytest.approx(cut_off, abs=0.03)
