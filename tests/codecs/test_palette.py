"""Palette pictures: what did not change keeps its colour and its place in the palette."""

import numpy as np
import pytest
from codec_pictures import HIGH, WIDE, encoded, image, pillow

from unveil.codecs import encode, encode_with_notes, read

KINDS = ["PNG", "GIF", "BMP", "TIFF"]


def spot() -> np.ndarray:
    """A small region that changes."""
    changed = np.zeros((HIGH, WIDE), bool)
    changed[10:20, 12:30] = True
    return changed


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_new_colours_go_into_free_entries(kind):
    data = encoded(image("P"), kind)
    picture, changed = read(data), spot()
    rgb = picture.rgb.copy()
    rgb[changed] = (1, 2, 3)
    rgb[15, 15] = (250, 2, 3)
    made = encode_with_notes(picture, rgb, changed=changed)
    after = pillow(made.data)
    assert made.notes == ()
    assert after.mode == "P"
    assert np.array_equal(read(made.data).rgb, rgb)
    assert np.array_equal(np.asarray(after)[~changed], np.asarray(pillow(data))[~changed])


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_too_many_new_colours_turn_it_to_true_colour(kind):
    picture, changed = read(encoded(image("RGB").quantize(256), kind)), spot()
    rgb = picture.rgb.copy()
    rgb[changed] = np.random.default_rng(1).integers(0, 256, (changed.sum(), 3))
    rgb[0, :40] = np.random.default_rng(2).integers(0, 256, (40, 3))
    rgb[1:9] = np.random.default_rng(3).integers(0, 256, rgb[1:9].shape)
    made = encode_with_notes(picture, rgb)
    assert made.notes == ("palette given up for true colour: the new colours do not fit into it",)
    assert pillow(made.data).mode == "RGB"
    assert np.array_equal(read(made.data).rgb, rgb)


def test_a_gif_keeps_all_else_and_comes_near_inside():
    picture, changed = read(encoded(image("RGB").quantize(250), "GIF")), spot()
    rgb = picture.rgb.copy()
    rgb[changed] = np.random.default_rng(1).integers(60, 200, (changed.sum(), 3))
    made = encode_with_notes(picture, rgb, changed=changed)
    again = read(made.data)
    assert made.notes == ("new colours reduced to what the palette has room for",)
    assert np.array_equal(again.rgb[~changed], picture.rgb[~changed])
    assert np.abs(again.rgb[changed].astype(int) - rgb[changed]).mean() < 20


def test_a_full_palette_still_leaves_the_rest_alone():
    indices = np.arange(HIGH * WIDE).reshape(HIGH, WIDE) % 256
    full = image("P")
    full.frombytes(indices.astype(np.uint8).tobytes())
    full.putpalette(np.random.default_rng(0).integers(0, 256, 768).astype(np.uint8).tobytes())
    picture, changed = read(encoded(full, "GIF")), spot()
    rgb = picture.rgb.copy()
    rgb[changed] = 128
    again = read(encode(picture, rgb, changed=changed))
    assert np.array_equal(again.rgb[~changed], picture.rgb[~changed])


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_transparency_of_a_palette_stays(kind):
    data = encoded(image("P"), kind, transparency=3)
    picture, changed = read(data), spot()
    assert picture.alpha is not None
    assert (picture.alpha == 0).any()
    rgb = picture.rgb.copy()
    rgb[changed] = picture.palette.rgb[3]  # an opaque pixel in the transparent entry's colour
    again = read(encode(picture, rgb, changed=changed))
    assert np.array_equal(again.alpha, picture.alpha)
    assert np.array_equal(again.rgb[again.alpha > 0], rgb[again.alpha > 0])


def test_graded_transparency_of_a_png_palette_stays():
    levels = bytes(range(0, 240, 6))
    picture = read(encoded(image("P"), "PNG", transparency=levels))
    again = encode(picture, picture.rgb)
    assert pillow(again).mode == "P"
    assert np.array_equal(read(again).alpha, picture.alpha)
    rgb = np.random.default_rng(1).integers(0, 256, picture.rgb.shape).astype(np.uint8)
    again = read(encode(picture, rgb))
    assert again.mode == "RGBA"
    assert np.array_equal(again.alpha, picture.alpha)
    assert np.array_equal(again.rgb, rgb)
