"""Calibration against what is known of simulated networks."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from synthetic import photograph
from unveil import remove
from unveil.errors import ModelError
from unveil.lab.networks.flagship import FlagshipNetwork
from unveil.lab.synthesis.textures import Textures
from unveil.lab.training.calibration import (
    _pixels,
    calibrated,
    draw_examples,
    logistic_regression,
)
from unveil.lab.training.export import card_for, export_network
from unveil.lab.training.flagship import FlagshipRecipe
from unveil.models.catalogue import get
from unveil.models.session import Prediction


def test_logistic_regression_finds_the_coefficients_that_made_the_data():
    random = np.random.default_rng(0)
    x = random.normal(3, 2, 20000)
    truth = random.random(20000) < 1 / (1 + np.exp(-(1.5 * x - 4)))
    assert logistic_regression(x, truth) == pytest.approx((1.5, -4), rel=0.06)


def test_separable_data_do_not_break_it():
    found = logistic_regression(np.arange(4.0), np.array([False, False, True, True]))
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


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed in range(4):
        Image.fromarray(photograph(260, 300, seed)).save(folder / f"{seed}.png")
    return folder


def _exported(folder, bias):
    torch.manual_seed(0)
    network = FlagshipNetwork()
    with torch.no_grad():
        network.head[2].bias[0] = bias
    task = FlagshipRecipe().model_task
    return export_network(network, card_for(network, task, folder / "tiny.onnx", "", "", ""))


@pytest.mark.heavy
def test_a_calibrated_card_is_written_and_touches_few_clean_pictures(tmp_path, pictures):
    sprites = Textures([np.full((30, 40, 4), 255, np.uint8)], 4)
    clean = sorted(pictures.iterdir())
    card = calibrated(_exported(tmp_path, 0.0), clean, draw_examples(clean, sprites, 16))
    assert get(card.path) == card
    assert np.isfinite([card.confidence, card.odds_slope, card.odds_offset]).all()
    touched = [remove(path, model=card.path).found for path in pictures.iterdir()]
    assert sum(touched) <= 1


@pytest.mark.heavy
def test_a_network_that_finds_nothing_cannot_be_calibrated(tmp_path, pictures):
    sprites = Textures([np.zeros((30, 40, 4), np.uint8)], 4)
    clean = sorted(pictures.iterdir())
    with pytest.raises(ModelError, match="finds nothing at all"):
        calibrated(_exported(tmp_path, -30.0), clean, draw_examples(clean, sprites, 16))
