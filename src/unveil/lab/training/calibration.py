"""From what a network says to what is so: the log odds of pixels, and from which confidence on a
mark is reported. Fitted on pictures and marks that training has not seen."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from unveil.errors import ModelError
from unveil.lab.synthesis.config import SynthesisConfig
from unveil.lab.synthesis.marked import MarkedPictures
from unveil.lab.synthesis.pictures import decoded, load_pictures
from unveil.lab.synthesis.textures import Textures
from unveil.location.looks import look
from unveil.location.network import find_marks
from unveil.models.catalogue import Card
from unveil.models.session import Session

FALSE_ALARMS = 0.01
"""Part of the clean pictures that may be reported as marked."""
CROP_PX = 256
CLEAN_CROPS = 0.3
RIDGE = 1.0
"""Weight of the squared slope of the standardised log odds, in observations."""
PIXEL_STRIDE = 7
"""Every so many pixels count for the calibration of pixels."""

Example = tuple[NDArray[np.uint8], NDArray[np.bool_]]
"""A marked picture, H x W x 3, and its visibly marked pixels, H x W."""


def calibrated(card: Card, pictures: list[Path], examples: list[Example]) -> Card:
    """The card with its calibration fitted, and written again.

    pictures: clean ones. examples: what :func:`draw_examples` made of them. Raises ModelError for a
    network that finds nothing.
    """
    card = _save(replace(card, odds_slope=1.0, odds_offset=0.0))
    slope, offset = _pixels(examples, Session(card.path))
    card = _save(replace(card, odds_slope=slope, odds_offset=offset))
    session = Session(card.path)
    clean = [decoded(path) for path in pictures]
    surest = [
        max((mark.confidence for mark in find_marks(picture, session, least=0)), default=0.0)
        for picture in clean
    ]
    least = float(np.quantile(surest, 1 - FALSE_ALARMS, method="midpoint"))
    return _save(replace(card, confidence=round(min(least + 1e-3, 0.999), 4)))


def _save(card: Card) -> Card:
    card.save()
    return card


def draw_examples(pictures: list[Path], sprites: Textures, crops: int) -> list[Example]:
    """Crops of clean pictures, at least so many, most of them under sprites."""
    batch_size = 16
    config = SynthesisConfig(size_px=CROP_PX, clean=CLEAN_CROPS)
    textures = load_pictures(pictures, CROP_PX // 2)
    draw = MarkedPictures(textures, sprites, config, batch_size, seed=0)
    examples = []
    for _ in range(-(-crops // batch_size)):
        batch = draw.draw()
        levels = (batch.marked * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
        examples += list(zip(levels, batch.visible[:, 0].numpy(), strict=True))
    return examples


def _pixels(examples: list[Example], session: Session) -> tuple[float, float]:
    """Slope and offset of the pixels' log odds. Raises ModelError where no pixel looks marked."""
    odds, truth = [], []
    for rgb, visible in examples:
        odds.append(look(rgb, session).odds.reshape(-1)[::PIXEL_STRIDE])
        truth.append(visible.reshape(-1)[::PIXEL_STRIDE])
    x, y = np.concatenate(odds), np.concatenate(truth)
    if x.max() <= 0:
        raise ModelError(
            f"{session.card.path}: expected a network that finds marks, to calibrate it; this one"
            " finds nothing at all; train it longer"
        )
    slope, offset = logistic_regression(x, y)
    return round(slope, 4), round(offset, 4)


def logistic_regression(x: NDArray[np.floating], truth: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and offset of the log odds of N observations' truth over their x, by Newton's method
    with a ridge (Platt, 1999)."""
    mean, spread = float(x.mean()), float(x.std()) + 1e-9
    design = np.column_stack([(x - mean) / spread, np.ones(len(x))])
    ridge = np.diag([RIDGE, 1e-6])
    beta = np.zeros(2)
    for _ in range(25):
        expected = 1 / (1 + np.exp(-design @ beta))
        gradient = design.T @ (expected - truth) + ridge @ beta
        hessian = (design * (expected * (1 - expected))[:, None]).T @ design + ridge
        beta -= np.linalg.solve(hessian, gradient)
    slope = float(beta[0]) / spread
    return slope, float(beta[1]) - slope * mean
