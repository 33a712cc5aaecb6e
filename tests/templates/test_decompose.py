"""The blend mode and the light of a mark that pictures share."""

import numpy as np
import pytest

from synthetic import photograph
from unveil.blending import compose, to_linear, to_srgb, unblend
from unveil.templates.decompose import Mark, decompose

SIDE_PX = 72
ROWS, COLUMNS = np.mgrid[:SIDE_PX, :SIDE_PX] - SIDE_PX / 2
MATTE = 0.6 * np.clip(22.5 - np.hypot(ROWS, COLUMNS), 0, 1)[..., None].astype(np.float32)
COLOUR = np.where(COLUMNS[..., None] < 0, (0.9, 0.5, 0.2), (0.1, 0.4, 0.8))
INSIDE = np.pad(np.ones((SIDE_PX - 8, SIDE_PX - 8), np.bool_), 4)


def varied(count: int) -> list[np.ndarray]:
    """Pictures from dark to bright ones."""
    offsets = np.linspace(-70, 70, count)
    return [
        np.clip(photograph(SIDE_PX, SIDE_PX, seed=seed) + offset, 0, 255).astype(np.uint8)
        for seed, offset in enumerate(offsets)
    ]


def marked(clean: np.ndarray, mode: str, light: str) -> np.ndarray:
    if light == "linear":
        values = to_srgb(compose(to_linear(clean / 255), COLOUR, MATTE, mode))
    else:
        values = compose(clean / 255, COLOUR, MATTE, mode)
    return np.rint(255 * values).astype(np.uint8)


def unmarked(picture: np.ndarray, mark: Mark) -> np.ndarray:
    colour = mark.premultiplied / np.maximum(mark.matte, 1e-6)[..., None]
    if mark.light == "linear":
        return to_srgb(unblend(to_linear(picture / 255), colour, mark.matte[..., None], mark.blend))
    return unblend(picture / 255, colour, mark.matte[..., None], mark.blend)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("mode", "light"),
    [
        ("normal", "srgb"),
        ("multiply", "srgb"),
        ("screen", "srgb"),
        ("normal", "linear"),
    ],
)
def test_blend_mode_and_light_are_told_apart(mode, light):
    clean = varied(13)
    pictures = [marked(picture, mode, light) for picture in clean]
    others = pictures[:6] + pictures[7:]
    mark = decompose(others, INSIDE, subpixel=False, told_apart=True)
    left = unmarked(pictures[6], mark) - clean[6] / 255
    assert (mark.blend, mark.light) == (mode, light)
    assert -10 * np.log10(np.mean(left**2)) >= 32
