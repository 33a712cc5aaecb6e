"""Pictures that the tests make themselves, and networks that see what they are told."""

from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np

from unveil.blending import compose
from unveil.models.session import Prediction


def photograph(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Something with the statistics of a photograph: noise whose power falls with frequency."""
    random = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    spectrum = random.normal(size=(3, *frequency.shape, 2)) @ np.array([1, 1j])
    planes = np.fft.irfft2(spectrum / (frequency + 2 / max(height, width)) ** 1.9, (height, width))
    planes = planes[:1] + 0.3 * planes[1:2] + 0.3 * planes
    planes = (planes - planes.mean()) / planes.std() * 0.17 + 0.45
    return np.rint(np.clip(planes, 0, 1).transpose(1, 2, 0) * 255).astype(np.uint8)


def lettering(height: int, width: int) -> np.ndarray:
    """A matte of full opacity, float32 H x W x 1: two lines of text, anti-aliased."""
    canvas = np.zeros((height, width), np.uint8)
    scale = width / 300
    for row, text in enumerate(("SAMPLE", "(c) Nobody")):
        place = (int(0.12 * width), int((0.42 + 0.26 * row) * height))
        cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_DUPLEX, (1.6 - 0.5 * row) * scale, 255,
                    max(2, round(5 * scale)), cv2.LINE_AA)  # fmt: skip
    return (canvas / 255).astype(np.float32)[..., None]


def stamped(picture: np.ndarray, matte: np.ndarray, colour: tuple[float, ...]) -> np.ndarray:
    """The picture, uint8, under a mark of one colour."""
    marked = compose(picture / 255, np.array(colour), matte)
    return np.rint(marked * 255).astype(np.uint8)


def session_that_sees(probability) -> Any:
    """A session whose network says probability(picture), H x W, and notes what it is shown."""
    shown = []

    def run(picture):
        shown.append(picture.shape[:2])
        plane = probability(picture).astype(np.float32)
        return Prediction(plane, plane, picture)

    card = SimpleNamespace(odds_slope=1.0, odds_offset=0.0)
    return SimpleNamespace(run=run, card=card, shown=shown)
