"""Noise models against their own statistics."""

import numpy as np
import pytest
import torch
from PIL import Image

from unveil.errors import PictureError, UsageError
from unveil.lab.synthesis import noise
from unveil.lab.synthesis.chance import Chance
from unveil.lab.synthesis.noise import parse_noise

GREY = torch.full((6, 3, 64, 96), 128 / 255)


@pytest.fixture(autouse=True)
def no_fonts(monkeypatch):
    """A machine without fonts, and few lines of text."""
    monkeypatch.setattr(noise, "FOLDERS", ())
    monkeypatch.setattr(noise, "TEXTS", 10)
    noise._texts.cache_clear()
    yield
    noise._texts.cache_clear()


@pytest.fixture
def logo(tmp_path):
    """A red bar with transparent ends."""
    pixels = np.zeros((20, 60, 4), np.uint8)
    pixels[:, 5:55] = (255, 0, 0, 255)
    path = tmp_path / "my, logo.png"
    Image.fromarray(pixels).save(path)
    return path


def _noisy(text, clean=GREY, seed=0):
    return parse_noise(text)(clean, Chance(seed, "cpu"))


def _touched(noisy):
    return (noisy != GREY).any(1).float().mean((1, 2))


def test_gaussian_noise_has_the_asked_deviation():
    sigma = (_noisy("gaussian,20,20") - GREY).std((1, 2, 3)) * 255
    assert sigma.tolist() == pytest.approx([20] * 6, rel=0.03)
    spread = (_noisy("gaussian,0,50") - GREY).std((1, 2, 3)) * 255
    assert spread.max() - spread.min() > 10


def test_impulse_noise_replaces_the_asked_part_of_the_values_by_any():
    noisy = _noisy("impulse,40,40")
    part = (noisy != GREY).float().mean((1, 2, 3))
    assert part.tolist() == pytest.approx([0.4] * 6, abs=0.02)
    assert noisy[noisy != GREY].std() == pytest.approx(1 / 12**0.5, rel=0.03)


def test_text_covers_what_is_asked_and_little_more():
    assert (_touched(_noisy("text,0,0")) > 0).all()
    for percent in (20, 60):
        touched = _touched(_noisy(f"text,{percent},{percent}"))
        assert touched.min() > 0.9 * percent / 100  # faint rims are covered and do not show
        assert touched.max() < percent / 100 + 0.2


def test_a_mark_keeps_its_colour_and_takes_the_asked_opacity(logo):
    noisy = _noisy(f"mark,{logo},50,50")
    touched = (noisy != GREY).any(1, keepdim=True)
    assert (touched.float().mean((1, 2, 3)) > 0.005).all()
    solid = noisy.movedim(1, -1).flatten(0, 2).unique(dim=0, return_counts=True)
    colours = solid[0][solid[1].argsort(descending=True)][:2]
    expected = torch.tensor([(255 + 128) / 2, 64, 64]) / 255
    assert (colours[1] - expected).abs().max() < 1.5 / 255


@pytest.mark.parametrize("text", ["gaussian,0,50", "impulse,0,95", "text,0,50", "clean"])
def test_results_are_levels_of_8_bits_and_follow_the_seed(text):
    one, two, other = _noisy(text, seed=1), _noisy(text, seed=1), _noisy(text, seed=2)
    assert torch.equal(one, two)
    assert torch.equal(one, other) == (text == "clean")
    assert 0 <= one.min() <= one.max() <= 1
    torch.testing.assert_close((one * 255).round() / 255, one)


@pytest.mark.parametrize("text", ["gaussian,10,60", "impulse,1,5", "text,1,5"])
def test_pictures_need_not_be_square(text):
    wide = torch.full((1, 3, 50, 130), 0.5)
    noisy = _noisy(text, wide)
    assert noisy.shape == wide.shape
    assert (noisy != wide).any()


@pytest.mark.parametrize(
    "text",
    ["", "gausian,0,50", "gaussian", "gaussian,0", "gaussian,50,0", "gaussian,a,b", "impulse,0,101",
     "text,-1,5", "clean,0,1", "mark,0,50", "text,logo.png,0,50", "gaussian,nan,nan"],
)  # fmt: skip
def test_what_is_no_description_is_told_the_syntax(text):
    with pytest.raises(UsageError, match=r"gaussian,MIN,MAX .* or clean; got "):
        parse_noise(text)


def test_marks_that_are_none_are_explained(tmp_path):
    with pytest.raises(PictureError, match=r"none\.png: expected a mark"):
        parse_noise(f"mark,{tmp_path / 'none.png'},50,50")
    Image.new("RGB", (30, 30), "red").save(tmp_path / "opaque.png")
    with pytest.raises(PictureError, match=r"opaque\.png: .*transparency.*unveil template"):
        parse_noise(f"mark,{tmp_path / 'opaque.png'},50,50")
    Image.new("RGBA", (30, 30), (0, 0, 0, 0)).save(tmp_path / "empty.png")
    with pytest.raises(PictureError, match=r"empty\.png: .*visible pixel"):
        parse_noise(f"mark,{tmp_path / 'empty.png'},50,50")
