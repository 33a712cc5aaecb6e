"""BMP files: their header, and a writer for the one kind Pillow writes without its alpha."""

import struct

import numpy as np
from numpy.typing import NDArray

from unveil.codecs.faults import corrupt, truncated
from unveil.codecs.picture import Facts, Travels


def inspect(data: bytes) -> Facts:
    """What the header says, without decoding."""
    if len(data) < 26:
        raise truncated("BMP", "inside its header")
    offset, size = struct.unpack_from("<II", data, 10)
    if size == 12:
        wide, high, _, bits = struct.unpack_from("<HHHH", data, 18)
        return Facts((wide, high))
    if len(data) < 14 + size or size < 40:
        raise truncated("BMP", "inside its header")
    wide, high, _, bits, compression, _, across, down = struct.unpack_from("<iiHHIIii", data, 18)
    high = abs(high)
    if wide < 0:
        raise corrupt("BMP", "a negative width")
    if compression in (0, 3) and offset + (wide * bits + 31) // 32 * 4 * high > len(data):
        raise truncated("BMP", "pixels beyond its end")
    dpi = (across * 0.0254, down * 0.0254) if across > 0 and down > 0 else None
    return Facts((wide, high), travels=Travels(dpi=dpi))


def encode_rgba(
    rgb: NDArray[np.uint8], alpha: NDArray[np.uint8], dpi: tuple[float, float] | None
) -> bytes:
    """A 32-bit BMP whose header (version 4) says that its fourth channel is alpha."""
    high, wide = alpha.shape
    pixels = np.dstack([rgb[..., ::-1], alpha])[::-1].tobytes()
    density = [round(value / 0.0254) for value in dpi or (0, 0)]
    masks = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    head = struct.pack("<IiiHHIIiiII", 108, wide, high, 1, 32, 3, len(pixels), *density, 0, 0)
    head += struct.pack("<4I4s", *masks, b"BGRs") + bytes(48)
    return struct.pack("<2sIHHI", b"BM", 122 + len(pixels), 0, 0, 122) + head + pixels
