"""Calibration against what is known of simulated networks."""

from types import SimpleNamespace

import numpy as np
import pytest

from unveil.lab.training.calibration import _pixels, logistic_regression
from unveil.models.session import Prediction


def test_logistic_regression_finds_the_coefficients_that_made_the_data():
    random = np.random.default_rng(0)
    features = random.normal(3, [1, 20], (20000, 2))
    odds = 1.5 * features[:, 0] - 0.1 * features[:, 1] - 4
    truth = random.random(20000) < 1 / (1 + np.exp(-odds))
    found = logistic_regression(features, truth)
    assert found == pytest.approx([1.5, -0.1, -4], rel=0.06)


def test_separable_data_do_not_break_it():
    features = np.array([[0.0], [1.0], [2.0], [3.0]])
    found = logistic_regression(features, np.array([False, False, True, True]))
    assert np.isfinite(found).all()
    assert found[0] > 0


def test_a_network_that_is_too_sure_is_brought_to_the_truth():
    random = np.random.default_rng(1)
    odds = random.normal(-1, 2, (12, 48, 48)).astype(np.float32)
    truth = random.random(odds.shape) < 1 / (1 + np.exp(-odds))
    said = 1 / (1 + np.exp(-(2 * odds + 1)))

    def run(picture):
        chosen = said[round(float(picture[0, 0, 0]) * 255)]
        return Prediction(chosen, chosen, np.zeros((*chosen.shape, 3), np.float32))

    session = SimpleNamespace(run=run, card=SimpleNamespace(odds_slope=1.0, odds_offset=0.0))
    examples = [(np.full((48, 48, 3), i, np.uint8), truth[i]) for i in range(12)]
    slope, offset = _pixels(examples, session)  # type: ignore[arg-type]
    assert slope == pytest.approx(0.5, abs=0.05)
    assert offset == pytest.approx(-0.5, abs=0.1)
