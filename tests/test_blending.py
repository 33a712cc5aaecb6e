"""The forward model against its definition, its inverse, and Pillow's own blend modes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from unveil.blending import (
    BLEND_MODES,
    MIN_TRANSMISSION,
    blend,
    change_of,
    compose,
    effect,
    invert,
    least_opaque,
    to_linear,
    to_srgb,
    unblend,
)

UNIT = st.floats(0, 1, width=32)


@given(st.integers(0, 2**32 - 1), st.floats(0, 1 - MIN_TRANSMISSION))
def test_unblending_an_8_bit_picture_is_exact_to_the_rounding_bound(seed, opacity):
    random = np.random.default_rng(seed)
    background, colour = random.random((2, 5, 7, 3))
    matte = np.full((5, 7, 1), opacity)
    marked = np.rint(compose(background, colour, matte) * 255) / 255
    error = np.abs(unblend(marked, colour, matte) - background)
    assert error.max() <= 0.5 / 255 / (1 - opacity) + 1e-9


@given(UNIT, UNIT, UNIT)
def test_full_opacity_shows_the_mark_and_none_the_background(background, colour, opacity):
    background, colour = np.float64(background), np.float64(colour)
    assert compose(background, colour, 0.0) == background
    assert compose(background, colour, 1.0) == pytest.approx(colour)
    mixed = compose(background, colour, np.float64(opacity))
    assert min(background, colour) - 1e-9 <= mixed <= max(background, colour) + 1e-9


@pytest.mark.parametrize(
    ("mode", "reference"),
    [
        ("multiply", ImageChops.multiply),
        ("screen", ImageChops.screen),
        ("overlay", lambda mark, below: ImageChops.overlay(below, mark)),
    ],
)
def test_blend_modes_agree_with_pillow(mode, reference):
    random = np.random.default_rng(0)
    mark, below = random.integers(0, 256, (2, 32, 32), dtype=np.uint8)
    expected = np.asarray(reference(Image.fromarray(mark), Image.fromarray(below)))
    got = blend(mark / 255, below / 255, mode) * 255
    assert np.abs(got - expected).max() <= 3  # Pillow computes in whole numbers


def test_an_unknown_mode_names_the_known_ones():
    with pytest.raises(ValueError, match=", ".join(BLEND_MODES)):
        blend(np.zeros(1), np.zeros(1), "dodge")


def test_unblend_stays_finite_where_nothing_is_left():
    result = unblend(np.ones((1, 1, 3)), np.zeros((1, 1, 3)), np.ones((1, 1, 1)))
    assert np.isfinite(result).all()


@pytest.mark.parametrize("mode", BLEND_MODES)
@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_unblending_undoes_every_blend_mode(mode, seed, opacity):
    random = np.random.default_rng(seed)
    background, colour = random.random((2, 5, 7, 3))
    matte = np.full((5, 7, 1), opacity)
    marked = compose(background, colour, matte, mode)
    through = invert(marked, colour, matte, mode)[1]
    error = np.abs(unblend(marked, colour, matte, mode) - background)
    assert error[through > MIN_TRANSMISSION].max(initial=0) < 1e-9


@pytest.mark.parametrize("mode", BLEND_MODES)
def test_the_effect_is_what_composing_changes(mode):
    background, colour, matte = np.random.default_rng(0).random((3, 5, 7, 3))
    constant, factor = effect(matte * colour, matte, mode)
    grey = np.minimum(background, 1 - background) if mode == "overlay" else background
    change = compose(background, colour, matte, mode) - background
    assert constant - grey * factor == pytest.approx(change)


def test_linear_light_and_back():
    values = np.linspace(0, 1, 256)
    assert np.abs(to_srgb(to_linear(values)) - values).max() < 1e-6
    assert to_linear(np.array(188 / 255)) == pytest.approx(0.5029, abs=1e-4)  # the sRGB middle


@pytest.mark.parametrize("mode", ["multiply", "screen", "overlay"])
def test_the_least_opaque_mark_does_the_same(mode):
    random = np.random.default_rng(5)
    background, colour = random.uniform(size=(2, 9, 9, 3))
    matte = random.uniform(0, 0.9, (9, 9, 1))
    change = change_of(matte * colour, matte, mode)
    least, premultiplied = least_opaque(change, mode)
    assert (least <= matte[..., 0] + 1e-9).all()
    other = premultiplied / np.maximum(least, 1e-9)[..., None]
    marked = compose(background, colour, matte, mode)
    assert np.allclose(compose(background, other, least[..., None], mode), marked)
