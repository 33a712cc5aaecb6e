"""From what a network says to what is so: the log odds of pixels, the confidence of marks, and from
which confidence on a mark is reported. Fitted on pictures and marks that training has not seen."""

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
from unveil.location.confidence import features, log_odds
from unveil.location.marks import within
from unveil.location.network import candidates, find_marks, look
from unveil.models.catalogue import Card
from unveil.models.session import Session

FALSE_ALARMS = 0.05
"""Part of the clean pictures that may be reported as marked."""
CROP_PX = 256
CLEAN_CROPS = 0.3
RIDGE = 1.0
"""Weight of the squared coefficients of standardised features, in observations."""
PIXEL_STRIDE = 7
"""Every so many pixels count for the calibration of pixels."""

Example = tuple[NDArray[np.uint8], NDArray[np.bool_]]
"""A marked picture, H x W x 3, and its visibly marked pixels, H x W."""


def calibrated(card: Card, pictures: list[Path], sprites: Textures, crops: int = 1000) -> Card:
    """The card with its calibration fitted, and written again.

    pictures: clean ones. sprites: marks to draw over them. crops: how many marked
    examples are drawn. Raises ModelError for a network that finds nothing.
    """
    examples = _examples(pictures, sprites, crops)
    card = _save(replace(card, odds_slope=1.0, odds_offset=0.0))
    slope, offset = _pixels(examples, Session(card.path))
    card = _save(replace(card, odds_slope=slope, odds_offset=offset))
    session = Session(card.path)
    clean = [decoded(path) for path in pictures]
    card = _save(replace(card, confidence_weights=_marks(examples, clean, session)))
    session = Session(card.path)
    surest = [
        max((mark.confidence for mark in find_marks(picture, session, least=0)), default=0.0)
        for picture in clean
    ]
    least = float(np.quantile(surest, 1 - FALSE_ALARMS, method="higher"))
    return _save(replace(card, confidence=round(min(least + 1e-3, 0.999), 4)))


def _save(card: Card) -> Card:
    card.save()
    return card


def _examples(pictures: list[Path], sprites: Textures, crops: int) -> list[Example]:
    batch_size = 16
    config = SynthesisConfig(size_px=CROP_PX, clean=CLEAN_CROPS)
    textures = load_pictures(pictures, CROP_PX)
    draw = MarkedPictures(textures, sprites, config, batch_size, seed=0)
    examples = []
    for _ in range(-(-crops // batch_size)):
        batch = draw.draw()
        levels = (batch.marked * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
        examples += list(zip(levels, batch.visible[:, 0].numpy(), strict=True))
    return examples


def _pixels(examples: list[Example], session: Session) -> tuple[float, float]:
    """Slope and offset of the pixels' log odds."""
    odds, truth = [], []
    for rgb, visible in examples:
        odds.append(log_odds(look(rgb, session).probability).reshape(-1)[::PIXEL_STRIDE])
        truth.append(visible.reshape(-1)[::PIXEL_STRIDE])
    x, y = np.concatenate(odds), np.concatenate(truth)
    slope, offset = logistic_regression(x[:, None], y)
    return round(float(slope), 4), round(float(offset), 4)


def _marks(
    examples: list[Example], clean: list[NDArray[np.uint8]], session: Session
) -> tuple[float, ...]:
    """Weights of the confidence: a group is a mark where most of its pixels are marked.

    An error counts with the root of its area: a large false alarm does more harm than a small one.
    """
    rows, truth, areas = [], [], []
    nowhere = [(rgb, np.zeros(rgb.shape[:2], np.bool_)) for rgb in clean]
    for rgb, visible in examples + nowhere:
        seen = look(rgb, session)
        for group in candidates(seen, session.card.threshold):
            rows.append(features(group, seen))
            areas.append(np.count_nonzero(group.mask))
            truth.append(visible[within(group.box_xyxy)][group.mask].mean() > 0.5)
    if not rows:
        raise ModelError(
            f"{session.card.path}: expected a network that finds marks, to calibrate it; this one"
            " finds nothing at all; train it longer"
        )
    matrix = np.array(rows, np.float64)
    counts = np.sqrt(np.array(areas, np.float64))
    weights = logistic_regression(matrix, np.array(truth, np.bool_), counts / counts.mean())
    return tuple(round(float(weight), 4) for weight in weights)


def logistic_regression(
    features: NDArray[np.floating],
    truth: NDArray[np.bool_],
    counts: NDArray[np.floating] | float = 1.0,
) -> NDArray[np.float64]:
    """Coefficients of N x K features and a constant, K + 1, by Newton's method with a ridge.

    counts: N, how often each observation counts.
    """
    mean, spread = features.mean(0), features.std(0) + 1e-9
    design = np.column_stack([(features - mean) / spread, np.ones(len(features))])
    ridge = RIDGE * np.eye(design.shape[1])
    ridge[-1, -1] = 1e-6
    beta = np.zeros(design.shape[1])
    for _ in range(25):
        expected = 1 / (1 + np.exp(-design @ beta))
        gradient = design.T @ (counts * (expected - truth)) + ridge @ beta
        hessian = (design * (counts * expected * (1 - expected))[:, None]).T @ design + ridge
        beta -= np.linalg.solve(hessian, gradient)
    slopes = beta[:-1] / spread
    return np.append(slopes, beta[-1] - slopes @ mean)
