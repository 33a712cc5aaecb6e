"""Inverting a known mark in a JPEG: the noise of quantisation, and colour at half the size."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from synthetic import lettering, photograph
from unveil.blending import compose, unblend
from unveil.codecs import read
from unveil.templates.jpeg import COSINES, denoised, unblend_jpeg

COLOUR = np.array([0.9, 0.2, 0.1])


def stored(pixels: np.ndarray, **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def error(values: np.ndarray, clean: np.ndarray, where: np.ndarray) -> float:
    return float(np.sqrt(np.mean((values - clean / 255)[where] ** 2)))


def test_the_transform_is_the_discrete_cosine_transform():
    block = np.random.default_rng(0).random((8, 8))
    assert COSINES @ block @ COSINES.T == pytest.approx(cv2.dct(block))


@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("opacity", [0.3, 0.7])
def test_it_is_closer_to_the_background_than_plain_inversion(subsampling, opacity):
    clean = photograph(120, 200, 1)
    matte = opacity * lettering(120, 200)
    marked = np.rint(255 * compose(clean / 255, COLOUR, matte)).astype(np.uint8)
    picture = read(stored(marked, quality=90, subsampling=subsampling))
    assert picture.jpeg is not None
    values, where = picture.rgb / 255, matte[..., 0] > 0
    plain = unblend(values, COLOUR, matte)
    found = unblend_jpeg(values, matte * COLOUR, matte[..., 0], picture.jpeg, False)
    assert error(found, clean, where) < 0.8 * error(plain, clean, where)


def test_a_picture_that_lies_on_its_side_gives_the_same():
    clean = photograph(96, 120, 2)
    matte = 0.5 * lettering(96, 120)
    marked = np.rint(255 * compose(clean / 255, COLOUR, matte)).astype(np.uint8)
    picture = read(stored(marked, quality=85, subsampling=1))
    assert picture.jpeg is not None
    values = picture.rgb / 255
    upright = unblend_jpeg(values, matte * COLOUR, matte[..., 0], picture.jpeg, False)
    turned = [np.swapaxes(a, 0, 1) for a in (values, matte * COLOUR, matte[..., 0])]
    on_side = unblend_jpeg(*turned, picture.jpeg, True)
    assert np.abs(on_side.swapaxes(0, 1) - upright)[8:-8, 8:-8].max() < 0.02


def test_noise_goes_and_an_edge_stays():
    random = np.random.default_rng(3)
    edge = np.where(np.arange(61) < 30, 0.2, 0.8) + np.zeros((45, 1))
    noisy = edge + random.normal(0, 0.02, edge.shape)
    left = denoised(noisy, np.full((8, 8), 0.01), np.full(edge.shape, 2.0)) - edge
    assert np.sqrt(np.mean(left**2)) < 0.01
