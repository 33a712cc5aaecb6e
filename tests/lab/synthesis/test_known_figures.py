"""What finding figures is learnt from: the truth fits the equation, and what is known is known."""

import numpy as np
import pytest
import torch

from synthetic import photograph
from unveil.lab.synthesis.figures import OTHER, FigureConfig, MarksWithFigures
from unveil.lab.synthesis.plates import Plates, fitted
from unveil.lab.synthesis.textures import Textures
from unveil.restore.figures import EVIDENCE

EXACT = FigureConfig(size_px=64, longest_px=(36.0, 50.0), opacity_error=0.0, colour_error=0.0)


def target() -> np.ndarray:
    """A red square on a green one."""
    sprite = np.zeros((90, 90, 4), np.uint8)
    sprite[5:85, 5:85] = (20, 160, 40, 255)
    sprite[30:60, 30:60, :3] = (220, 30, 30)
    return sprite


def source(config: FigureConfig, seed: int = 0) -> MarksWithFigures:
    pictures = Textures([photograph(140, 160, seed=number) for number in range(3)])
    return MarksWithFigures(pictures, Textures([target()], 4), config, 8, seed)


@pytest.fixture(scope="module")
def batch():
    return source(EXACT).draw()


def test_the_picture_is_the_clean_one_under_the_true_colours(batch):
    marked, inside, opacity = batch.marked[:, :3], batch.marked[:, 9:10], batch.marked[:, 11:]
    expected = opacity * batch.colour + (1 - opacity) * batch.clean
    error = ((marked - expected).abs() * inside).amax((1, 2, 3))
    assert error.max() < 0.06  # five times the noise
    assert error.median() < 0.02


def test_the_background_that_is_known_is_right_but_for_the_figures(batch):
    assert batch.marked.shape == (8, EVIDENCE, 64, 64)
    inside, opacity = batch.marked[:, 9:10], batch.marked[:, 11:]
    known = batch.marked[:, 6:9]
    right = inside * ((known - batch.colour).abs().amax(1, keepdim=True) < 1e-3)
    error = ((batch.marked[:, 3:6] - batch.clean).abs() * right) * (1 - opacity)
    assert right.mean() > 0.1
    assert error.max() < 0.06


def test_figures_are_where_the_colour_is_another_than_is_known(batch):
    inside = batch.marked[:, 9:10] > 0
    different = (batch.marked[:, 6:9] - batch.colour).abs().amax(1, keepdim=True) > OTHER
    assert torch.equal(batch.visible > 0, inside & different)
    assert 0 < batch.visible.mean() < 0.3
    assert not (batch.marked[:, 9] * batch.marked[:, 10]).any()


def test_the_same_seed_gives_the_same_batches():
    one, same, other = (source(FigureConfig(size_px=64), seed).draw() for seed in (4, 4, 5))
    assert torch.equal(one.marked, same.marked)
    assert not torch.equal(one.marked, other.marked)


@pytest.mark.parametrize("size_hw", [(40, 90), (90, 33)])
def test_plates_have_their_size_and_are_solid(size_hw):
    plates = Plates(Textures([target()], 4), np.random.default_rng(1))
    for _ in range(20):
        plate = plates.draw(*size_hw)
        assert plate.shape == (*size_hw, 4)
        assert plate.min() >= 0
        assert plate.max() <= 1
        assert (plate[..., 3] > 0.5).mean() > 0.2


def test_a_fitted_sprite_keeps_colours_to_its_rim():
    drawn = fitted(target() / np.float32(255), (30, 60))
    assert drawn.shape == (30, 30, 4)
    rim = (drawn[..., 3] > 0.1) & (drawn[..., 3] < 0.9)
    assert rim.any()
    assert np.abs(drawn[rim][:, :3] * 255 - (20, 160, 40)).max() < 2
