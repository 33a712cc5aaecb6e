"""The picture: its pixels, and everything that travels with them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class JpegForm:
    """How a JPEG was compressed, so that it can be compressed the same way again."""

    tables: tuple[tuple[int, ...], ...] = ()
    """Quantisation tables in the order of the components (64 values each, row by row)."""
    subsampling: int = 0
    """Pillow's number: 0 is 4:4:4, 1 is 4:2:2, 2 is 4:2:0; -1 for one component."""
    progressive: bool = False
    keeps_rgb: bool = False
    """Red, green and blue stored as they are, without the change to luma and chroma."""


@dataclass(frozen=True)
class Travels:
    """What travels with the pixels, whatever the format of the file."""

    exif: bytes | None = None
    """The TIFF structure, without the `Exif` prefix."""
    xmp: bytes | None = None
    icc: bytes | None = None
    dpi: tuple[float, float] | None = None
    comment: bytes | None = None
    others: tuple[str, ...] = ()
    """Names of what only the input's own format can hold."""


@dataclass(frozen=True, eq=False)
class Palette:
    """The colours of a palette picture and the number of each pixel's colour."""

    indices: NDArray[np.uint8]
    """H x W, upright."""
    rgb: NDArray[np.uint8]
    """N x 3, N at most 256."""
    alpha: NDArray[np.uint8]
    """N."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as read: upright 8-bit RGB, alpha kept apart, and the file it came from."""

    rgb: NDArray[np.uint8]
    """H x W x 3, upright (the EXIF orientation is applied)."""
    alpha: NDArray[np.uint8] | None
    """H x W, or None where the picture has none."""
    name: str
    """For messages: the path, `<bytes>` or `<stdin>`."""
    data: bytes = b""
    """The file exactly as read; empty for a picture that came from memory."""
    format: str = "PNG"
    """Pillow's name: JPEG, PNG, WEBP, AVIF, TIFF, BMP or GIF."""
    notes: tuple[str, ...] = ()
    """What reading changed, and what writing back will lose, in plain words."""
    mode: str = "RGB"
    """The form it is written back in: 1, L, LA, P, RGB or RGBA."""
    source_mode: str = "RGB"
    """Pillow's mode of the input, before any conversion."""
    orientation: int = 1
    """The EXIF orientation that reading undid (1 to 8)."""
    palette: Palette | None = None
    transparent: tuple[int, int, int] | None = None
    """The one colour that stands for transparent, in pictures without an alpha channel."""
    travels: Travels = field(default_factory=Travels)
    jpeg: JpegForm | None = None
    lossless: bool = False
    """WebP: stored without loss."""
    compression: str | None = None
    """TIFF: Pillow's name of its compression."""
    chroma: str | None = None
    """AVIF: 4:4:4, 4:2:2, 4:2:0 or 4:0:0."""
    deep: NDArray[np.uint16] | None = None
    """PNG of 16 bits per channel: H x W x C, upright, the pixels with all their bits."""

    @property
    def size_hw(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.rgb.shape[0], self.rgb.shape[1]

    @property
    def converted(self) -> bool:
        """Whether the colours had to change colour space, so that the input's profile is void."""
        return self.source_mode in ("CMYK", "LAB")


@dataclass(frozen=True)
class Facts:
    """What the header of a file says, before a pixel is decoded."""

    size_wh: tuple[int, int]
    bits: int = 8
    travels: Travels = field(default_factory=Travels)
    notes: tuple[str, ...] = ()
    body: bytes | None = None
    """What to hand to Pillow in place of the file."""
    transparency: bytes | None = None
    """PNG: the tRNS chunk, which Pillow does not get to see."""
    jpeg: JpegForm | None = None
    lossless: bool = False
    compression: str | None = None
    chroma: str | None = None
