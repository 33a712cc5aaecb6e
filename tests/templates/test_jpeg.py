"""Inverting a known mark in a JPEG: the noise of quantisation, and colour at half the size."""

import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from synthetic import lettering, photograph
from unveil.blending import compose, unblend
from unveil.codecs import read
from unveil.templates.jpeg import COSINES, denoised, unblend_jpeg
from unveil.templates.registration import Drawing

COLOUR = np.array([0.9, 0.2, 0.1])


def stored(pixels: np.ndarray, **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def drawn(matte: np.ndarray) -> Drawing:
    height, width = matte.shape[:2]
    return Drawing((slice(0, height), slice(0, width)), matte[..., 0], matte * COLOUR)


def error(values: np.ndarray, clean: np.ndarray, where: np.ndarray) -> float:
    return float(np.sqrt(np.mean((values - clean / 255)[where] ** 2)))


def test_the_transform_is_the_discrete_cosine_transform():
    block = np.random.default_rng(0).random((8, 8))
    assert COSINES @ block @ COSINES.T == pytest.approx(cv2.dct(block))


@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("opacity", [0.3, 0.7])
def test_it_is_closer_to_the_background_than_plain_inversion(subsampling, opacity):
    clean = photograph(120, 200, 1)
    matte = lettering(120, 200)
    marked = np.rint(255 * compose(clean / 255, COLOUR, opacity * matte)).astype(np.uint8)
    picture = read(stored(marked, quality=90, subsampling=subsampling))
    values, where = picture.rgb / 255, matte[..., 0] > 0
    plain = unblend(values, COLOUR, opacity * matte)
    found = unblend_jpeg(values, drawn(matte), opacity, picture)
    assert error(found, clean, where) < 0.8 * error(plain, clean, where)


def test_a_picture_that_lies_on_its_side_gives_the_same():
    clean = photograph(96, 120, 2)
    matte = lettering(96, 120)
    marked = np.rint(255 * compose(clean / 255, COLOUR, 0.5 * matte)).astype(np.uint8)
    picture = read(stored(marked, quality=85, subsampling=1))
    upright = unblend_jpeg(picture.rgb / 255, drawn(matte), 0.5, picture)
    turned = replace(picture, rgb=picture.rgb.swapaxes(0, 1), orientation=5)
    on_side = unblend_jpeg(turned.rgb / 255, drawn(matte.swapaxes(0, 1)), 0.5, turned)
    assert np.abs(on_side.swapaxes(0, 1) - upright)[8:-8, 8:-8].max() < 0.02


def test_a_part_of_the_picture_gives_what_the_whole_gives():
    clean = photograph(96, 120, 2)
    matte = lettering(96, 120)
    marked = np.rint(255 * compose(clean / 255, COLOUR, 0.5 * matte)).astype(np.uint8)
    picture = read(stored(marked, quality=85, subsampling=2))
    whole = unblend_jpeg(picture.rgb / 255, drawn(matte), 0.5, picture)
    area = slice(9, 90), slice(7, 113)
    some = Drawing(area, matte[area][..., 0], matte[area] * COLOUR)
    part = unblend_jpeg(picture.rgb[area] / 255, some, 0.5, picture)
    assert np.abs(part - whole[area])[10:-10, 10:-10].mean() < 0.006


def test_noise_goes_and_an_edge_stays():
    random = np.random.default_rng(3)
    edge = np.where(np.arange(61) < 30, 0.2, 0.8) + np.zeros((45, 1))
    noisy = edge + random.normal(0, 0.02, edge.shape)
    left = denoised(noisy, np.full((8, 8), 0.01), np.full(edge.shape, 2.0)) - edge
    assert np.sqrt(np.mean(left**2)) < 0.01
