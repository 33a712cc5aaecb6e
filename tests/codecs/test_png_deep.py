"""PNG files of 16 bits per channel."""

import struct
import zlib

import cv2
import numpy as np
import pytest

from unveil.codecs import encode, read
from unveil.codecs.encode import encode_with_notes
from unveil.codecs.png import SIGNATURE, Chunk, dissect
from unveil.errors import PictureError

KINDS = {0: 1, 2: 3, 4: 2, 6: 4}
"""Colour type -> channels."""
DPI = Chunk(b"pHYs", struct.pack(">IIB", 5906, 5906, 1))


def deep_file(colour_type: int, pixels: np.ndarray, *extra: Chunk) -> bytes:
    """A PNG with unfiltered rows; pixels: uint16 H x W x C."""
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    chunks = [Chunk(b"IHDR", header), *extra, Chunk(b"IDAT", zlib.compress(rows))]
    return SIGNATURE + b"".join(chunk.to_bytes() for chunk in [*chunks, Chunk(b"IEND", b"")])


def random_pixels(channels: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 65536, (11, 14, channels)).astype(np.uint16)


def decoded(data: bytes, colour_type: int) -> np.ndarray:
    """By OpenCV, in PNG's channels."""
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    order = {0: [0], 2: [2, 1, 0], 4: [0, 3], 6: [2, 1, 0, 3]}[colour_type]
    return pixels.reshape(11, 14, -1)[..., order]


@pytest.mark.parametrize(("colour_type", "channels"), KINDS.items())
def test_only_what_changes_loses_bits(colour_type, channels):
    pixels = random_pixels(channels)
    picture = read(deep_file(colour_type, pixels, DPI))
    colours = np.rint(pixels / 257).astype(np.uint8)[..., : 3 if channels > 2 else 1]
    assert np.array_equal(picture.rgb, np.broadcast_to(colours, (11, 14, 3)))
    assert "16 bits per channel" in picture.notes[0]
    rgb = picture.rgb.copy()
    rgb[4, 5] = 255 - rgb[4, 5]
    written = encode(picture, rgb)
    assert dissect(written)[0].data == dissect(picture.data)[0].data
    assert DPI in dissect(written)
    expected = pixels.copy()
    drawn = slice(0, 3 if channels > 2 else 1)
    expected[4, 5, drawn] = 257 * rgb[4, 5, drawn].astype(np.uint16)
    assert np.array_equal(decoded(written, colour_type), expected)


def test_a_turned_picture_is_written_upright():
    exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    pixels = random_pixels(3)
    picture = read(deep_file(2, pixels, Chunk(b"eXIf", exif)))
    assert picture.size_hw == (14, 11)
    written = cv2.imdecode(
        np.frombuffer(encode(picture, picture.rgb), np.uint8),
        cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION,
    )
    assert np.array_equal(written[..., ::-1], np.rot90(pixels, -1))


def test_what_other_formats_lose_is_said():
    picture = read(deep_file(2, random_pixels(3)))
    assert (
        "16 bits per channel reduced to 8" in encode_with_notes(picture, picture.rgb, "TIFF").notes
    )


def test_a_colour_that_stands_for_transparent_is_refused():
    key = Chunk(b"tRNS", struct.pack(">HHH", 1, 2, 3))
    with pytest.raises(PictureError, match="got 16 bits per channel; convert it"):
        read(deep_file(2, random_pixels(3), key))
