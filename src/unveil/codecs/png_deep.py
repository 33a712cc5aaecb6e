"""PNG files of 16 bits per channel: looked at in 8, written back in 16.

A pixel whose 8-bit value stays the same keeps all its bits; a restored one has 8 of them.
"""

import struct
import zlib

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unveil.codecs import png
from unveil.codecs.faults import corrupt

NOTE = "16 bits per channel: restored pixels have 8 of them, all others keep theirs"
_COLOUR_TYPE = {1: 0, 2: 4, 3: 2, 4: 6}
"""By the number of channels."""
_CHANNELS = {0: [0], 2: [2, 1, 0], 4: [0, 3], 6: [2, 1, 0, 3]}
"""Colour type -> which of OpenCV's channels are PNG's."""
_STEP = 257
"""Levels of 16 bits per level of 8."""
_UP = 2
"""The filter that stores each byte less the one above it."""


def values(body: bytes) -> NDArray[np.uint16]:
    """The pixels of a PNG file, H x W x C with PNG's 1 to 4 channels."""
    decoded = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.dtype != np.uint16:
        raise corrupt("PNG", "its pixels cannot be unpacked")
    colour_type = body[len(png.SIGNATURE) + 17]
    decoded = decoded.reshape(*decoded.shape[:2], -1)
    return np.ascontiguousarray(decoded[..., _CHANNELS[colour_type]], np.uint16)


def reduced(deep: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """The nearest values of 8 bits."""
    return ((deep.astype(np.uint32) + _STEP // 2) // _STEP).astype(np.uint8)


def image(deep: NDArray[np.uint16]) -> Image.Image:
    """The picture in 8 bits; mode L, LA, RGB or RGBA."""
    small = reduced(deep)
    return Image.fromarray(small[..., 0] if small.shape[2] == 1 else small)


def encode(deep: NDArray[np.uint16], new: Image.Image) -> bytes:
    """A PNG of 16 bits per channel: the deep pixels with those of the 8-bit picture that differ."""
    shown = np.asarray(new).reshape(deep.shape)
    pixels = np.where(shown == reduced(deep), deep, shown.astype(np.uint16) * _STEP)
    height, width, channels = deep.shape
    rows = pixels.astype(">u2").view(np.uint8).reshape(height, -1)
    lines = np.diff(rows, axis=0, prepend=np.zeros_like(rows[:1]))
    lines = np.insert(lines, 0, _UP, axis=1)
    header = struct.pack(">IIBBBBB", width, height, 16, _COLOUR_TYPE[channels], 0, 0, 0)
    chunks = {b"IHDR": header, b"IDAT": zlib.compress(lines.tobytes()), b"IEND": b""}
    return png.SIGNATURE + b"".join(png.Chunk(*chunk).to_bytes() for chunk in chunks.items())
