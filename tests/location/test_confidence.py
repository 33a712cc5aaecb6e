"""What tells a mark from a thing, and the nearest pixel."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from unveil.location.confidence import FEATURES, confidence, features
from unveil.location.marks import group_pixels
from unveil.masks import nearest
from unveil.models.session import Prediction


def _group(mask):
    (group,) = group_pixels(mask, gap_px=40)
    return group


def _seen(mask, probability=0.9, matte=0.5):
    certain = np.where(mask, probability, 0.1).astype(np.float32)
    colour = np.full((*mask.shape, 3), 0.5, np.float32)
    return Prediction(certain, np.where(mask, matte, 0.0).astype(np.float32), colour)


def _measured(mask, **seen):
    return dict(zip(FEATURES, features(_group(mask), _seen(mask, **seen)), strict=True))


@given(hnp.arrays(np.bool_, (9, 14), elements=st.booleans()).filter(np.any))
def test_the_nearest_pixel_is_what_a_search_finds(mask):
    distance, index = nearest(mask)
    rows, columns = np.indices(mask.shape)
    true = np.argwhere(mask)
    exact = np.hypot(rows[..., None] - true[:, 0], columns[..., None] - true[:, 1]).min(-1)
    assert np.abs(distance - exact).max() < 0.25  # OpenCV's 5 x 5 mask is off by some percent
    assert mask.reshape(-1)[index].all()
    reached = np.hypot(rows - index // mask.shape[1], columns - index % mask.shape[1])
    assert np.abs(reached - exact).max() < 1.0


def test_features_of_a_square_are_those_computed_by_hand():
    mask = np.zeros((60, 60), np.bool_)
    mask[20:30, 20:30] = True
    measured = _measured(mask, probability=0.9, matte=0.5)
    assert measured["log_area"] == pytest.approx(math.log(100))
    assert measured["log_area_squared"] == pytest.approx(math.log(100) ** 2)
    assert measured["log_radius"] == pytest.approx(math.log(5), abs=0.05)
    assert measured["log_odds"] == pytest.approx(math.log(9), abs=1e-4)
    assert measured["colour_spread"] == measured["matte_spread"] == 0
    assert measured["matte"] == 0.5
    assert measured["thickness"] == pytest.approx(1.0)  # the border of the box does not erode
    assert measured["fill"] == 0


def test_confidence_with_a_single_weight_is_that_of_the_average_pixel():
    mask = np.zeros((60, 60), np.bool_)
    mask[20:30, 20:30] = True
    weights = tuple(float(name == "log_odds") for name in (*FEATURES, "constant"))
    sure = confidence(_group(mask), _seen(mask, probability=0.8), weights)
    assert sure == pytest.approx(0.8, abs=1e-4)
    without = confidence(_group(mask), _seen(mask), (*[0.0] * len(FEATURES), -1000.0))
    assert 0 <= without < 1e-9
