"""Headers and pixels of the seven formats; everything that is wrong comes out as a FaultError."""

import io
import struct
from collections.abc import Callable

import numpy as np
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from unveil.codecs import (
    avif,
    bmp,
    exif,
    gif,
    jpeg,
    jpeg_form,
    jpeg_segments,
    pixels,
    png,
    tiff,
    webp,
    xmp,
)
from unveil.codecs.faults import FaultError, corrupt, quiet_pillow, truncated
from unveil.codecs.picture import Facts, Travels

_OPENERS: dict[str, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "GIF": GifImagePlugin.GifImageFile,
}
NAMES = {name: {"WEBP": "WebP"}.get(name, name) for name in _OPENERS}


def _inspect_avif(data: bytes) -> Facts:
    avif.check_boxes(data)
    image = _open("AVIF", data)
    bits, chroma = avif.configuration(data)
    frames = getattr(image, "n_frames", 1)
    info = image.info
    block = exif.bare(info["exif"]) if info.get("exif") else None
    notes = avif.notes(data, frames, bits)
    if exif.has_thumbnail(block) or xmp.has_thumbnail(info.get("xmp", b"")):
        notes.append("thumbnail dropped: it shows the unedited picture")
    travels = Travels(block, info.get("xmp"), info.get("icc_profile"))
    return Facts(image.size, travels=travels, notes=tuple(notes), chroma=chroma)


_INSPECTORS: dict[str, Callable[[bytes], Facts]] = {
    "JPEG": jpeg.inspect,
    "PNG": png.inspect,
    "WEBP": webp.inspect,
    "AVIF": _inspect_avif,
    "TIFF": tiff.inspect,
    "BMP": bmp.inspect,
    "GIF": gif.inspect,
}


def _open(kind: str, data: bytes) -> ImageFile.ImageFile:
    """Pillow's image of this format, not yet decoded, without its registry and its size limit."""
    with quiet_pillow():
        try:
            return _OPENERS[kind](io.BytesIO(data))
        except (SyntaxError, OSError, ValueError, EOFError, RuntimeError) as error:
            raise _explained(kind, error) from None


def facts(kind: str, data: bytes, max_pixels: int) -> Facts:
    """What the header says; FaultError where it is damaged, empty, or past the pixel limit."""
    try:
        found = _INSPECTORS[kind](data)
    except (struct.error, IndexError, ValueError, KeyError, OverflowError) as error:
        raise corrupt(NAMES[kind], str(error)) from None
    wide, high = found.size_wh
    if wide == 0 or high == 0:
        raise FaultError(f"{wide} x {high} pixels", "make the picture again", "at least one pixel")
    if wide * high > max_pixels:
        raise FaultError(
            f"{wide} x {high} = {wide * high:,} pixels",
            "make it smaller, or raise max_pixels if you trust it",
            f"at most {max_pixels:,} pixels",
        )
    return found


def image(kind: str, data: bytes, found: Facts) -> Image.Image:
    """The first picture of the file, decoded by Pillow; FaultError if it cannot be."""
    picture = _open(kind, data if found.body is None else found.body)
    if picture.size != found.size_wh and picture.size != found.size_wh[::-1]:
        raise corrupt(NAMES[kind], f"sizes {found.size_wh} and {picture.size} in its header")
    with quiet_pillow():
        try:
            picture.load()
        except MemoryError:
            raise
        except Exception as error:  # a decoder may raise anything on damaged data
            raise _explained(kind, error) from None
    if kind == "JPEG":
        _check_end(picture, data)
    if kind == "PNG":
        _check_rows(picture, data)
    return picture


def _explained(kind: str, error: Exception) -> FaultError:
    reason = str(error) or type(error).__name__
    short = ("truncated", "not enough", "buffer is not large", "unexpected end", "too short")
    if any(word in reason.lower() for word in short):
        return truncated(NAMES[kind])
    return corrupt(NAMES[kind], reason)


def _check_end(picture: Image.Image, data: bytes) -> None:
    """FaultError where a JPEG's scan stops early although an end marker follows.

    libjpeg fills the rest with one colour and gives a warning that Pillow drops. The last unit
    is then flat; only in that case the picture is decoded again with bytes put before the end
    marker: a decoder that still needed data reads them and paints something else.
    """
    anatomy = jpeg_segments.dissect(data)
    frame = next(s.payload for s in anatomy.head if s.marker in jpeg_segments.FRAMES)
    wide, high = jpeg_form.unit_wh(frame)
    left, top = (picture.width - 1) // wide * wide, (picture.height - 1) // high * high
    last = np.asarray(picture.crop((left, top, picture.width, picture.height)).convert("L"))
    if np.ptp(last) > 2:
        return
    stored, end = np.asarray(picture), anatomy.end
    other = _open("JPEG", data[:end] + bytes(range(0x11, 0xEE)) * 4 + data[end:])
    with quiet_pillow():
        try:
            other.load()
        except Exception:
            return
    if not np.array_equal(stored, np.asarray(other)):
        raise truncated("JPEG", "its pixels stop before its end marker")


def _check_rows(picture: Image.Image, data: bytes) -> None:
    """FaultError where a PNG's compressed data end before its last row, which Pillow leaves black.

    Only a picture with a black last row, or an interlaced one, needs to be counted out.
    """
    last = picture.crop((0, picture.height - 1, picture.width, picture.height))
    if "interlace" in picture.info or not np.asarray(last).any():
        png.check_length(data)


def transparency(
    kind: str, picture: Image.Image, found: Facts
) -> tuple[tuple[int, int, int] | None, bytes | None]:
    """The colour that stands for transparent, and the alpha of each palette entry, if any."""
    mode, marked = picture.mode, picture.info.get("transparency")
    if kind == "PNG" and found.transparency is not None:
        if mode == "P":
            return None, found.transparency
        return png.colour_key(found.transparency, 2 if mode == "RGB" else 0, found.bits), None
    if mode == "P":
        return None, pixels.clear_entries(marked)
    if mode in ("1", "L") and isinstance(marked, int):
        return (marked, marked, marked), None
    if mode == "RGB" and isinstance(marked, tuple) and len(marked) == 3:
        return marked, None
    return None, None
