"""One encoder per format: pixels in the mode chosen by `store`, dressed in what travels."""

import functools
import importlib.metadata
import io
import threading
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageFile, PngImagePlugin

from unveil.codecs import (
    avif,
    bmp,
    colours,
    exif,
    gif,
    jpeg_segments,
    jpeg_write,
    png_deep,
    png_write,
    tiff,
    xmp,
)
from unveil.codecs.picture import Picture, Travels
from unveil.codecs.store import Stored

QUALITY = 95
"""JPEG and WebP, where the input's own settings cannot be had."""
AVIF_QUALITY = 90
_XMP_LIMIT = 65502
_LOSSLESS = ("PNG", "BMP", "GIF", "TIFF")


@dataclass(frozen=True)
class Encoded:
    """An encoded picture, and what encoding it has lost beyond the picture's own notes."""

    data: bytes
    notes: tuple[str, ...] = ()


@functools.cache
def software() -> str:
    """The name and version that the written file records."""
    try:
        return f"unveil {importlib.metadata.version('unveil')}"
    except importlib.metadata.PackageNotFoundError:
        return "unveil"


def edited(picture: Picture, mode: str, *, tagless: bool = False) -> Travels:
    """What travels, for the upright picture in this mode, with the edit recorded."""
    old = picture.travels
    block = exif.edited(
        old.exif, picture.orientation, software(), limit=jpeg_segments.EXIF_LIMIT, tagless=tagless
    )
    packet = xmp.edited(old.xmp, picture.orientation) if old.xmp else None
    icc = old.icc if old.icc and colours.profile_fits(old.icc, mode) else None
    return Travels(block, packet, icc, old.dpi, old.comment)


def _own(picture: Picture, kind: str) -> bool:
    return picture.format == kind and bool(picture.data)


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **{key: value for key, value in options.items() if value is not None})
    return out.getvalue()


_buffer_lock = threading.Lock()


def _compressed(image: Image.Image, dense: bool, **options: object) -> bytes:
    """A JPEG with Huffman tables of its own, or plain where Pillow's buffer is too small for it.

    Pillow gives libjpeg 2 bytes per pixel when tables are to be optimised or scans to be
    progressive; noise at a high quality needs more. dense: whether that is to be expected.
    """
    if not dense:
        try:
            return _saved(image, "JPEG", optimize=True, **options)
        except OSError:
            pass
    if not options.get("progressive"):
        return _saved(image, "JPEG", **options)
    with _buffer_lock:
        before = ImageFile.MAXBLOCK
        try:
            ImageFile.MAXBLOCK = max(before, 8 * image.width * image.height + 2**16)
            return _saved(image, "JPEG", **options)
        finally:
            ImageFile.MAXBLOCK = before


def _jpeg(picture: Picture, stored: Stored) -> Encoded:
    image, notes = stored.image, []
    options: dict[str, object] = {"quality": QUALITY, "subsampling": 0}
    form = picture.jpeg
    if form is not None and form.tables and (image.mode == "RGB") == (form.subsampling >= 0):
        sampling, tables = form.subsampling, form.tables
        if picture.orientation >= 5:
            tables = tuple(tuple(np.reshape(table, (8, 8)).T.ravel().tolist()) for table in tables)
            if sampling == 1:
                sampling = 0
                notes.append("4:2:2 chroma of a turned picture written as 4:4:4")
        options = {"qtables": tables, "subsampling": sampling, "progressive": form.progressive}
        options["keep_rgb"] = form.keeps_rgb
    if _own(picture, "JPEG"):
        dense = len(picture.data) > 1.2 * image.width * image.height
        plain = _compressed(image, dense, **options)
        return Encoded(jpeg_write.assemble(plain, picture, software()), tuple(notes))
    travels = edited(picture, image.mode)
    if travels.xmp and len(travels.xmp) > _XMP_LIMIT:
        notes.append("XMP dropped: too long for a JPEG")
        travels = replace(travels, xmp=None)
    if travels.exif and len(travels.exif) > jpeg_segments.EXIF_LIMIT:
        notes.append("EXIF dropped: too long for a JPEG")
        travels = replace(travels, exif=None)
    block = b"Exif\0\0" + travels.exif if travels.exif else None
    data = _compressed(
        image,
        False,
        exif=block,
        icc_profile=travels.icc,
        xmp=travels.xmp,
        dpi=travels.dpi,
        comment=(travels.comment or b"")[: jpeg_segments.LIMIT] or None,
        **options,
    )
    return Encoded(data, tuple(notes))


def _png(picture: Picture, stored: Stored) -> Encoded:
    clear = None
    if stored.palette is not None and (stored.palette.alpha < 255).any():
        clear = stored.palette.alpha.tobytes().rstrip(b"\xff")
    elif stored.keyed and picture.transparent is not None:
        grey = stored.image.mode in ("1", "L")
        clear = png_write.key_chunk(picture.transparent, stored.image.mode if grey else "RGB")
    travels = edited(picture, stored.image.mode)
    if _own(picture, "PNG"):
        deep = picture.deep
        plain = _saved(stored.image, "PNG") if deep is None else png_deep.encode(deep, stored.image)
        return Encoded(png_write.assemble(plain, picture, software(), clear))
    extra = PngImagePlugin.PngInfo()
    if travels.xmp:
        extra.add(b"iTXt", png_write.xmp_chunk(travels.xmp).data)
    if travels.comment:
        extra.add_text("Comment", travels.comment)
    data = _saved(
        stored.image,
        "PNG",
        pnginfo=extra,
        icc_profile=travels.icc,
        dpi=travels.dpi,
        exif=travels.exif,
        transparency=clear if stored.palette is not None else None,
    )
    return Encoded(data)


def _webp(picture: Picture, stored: Stored) -> Encoded:
    lossless = picture.lossless
    if picture.format != "WEBP":
        lossless = picture.format in _LOSSLESS and picture.compression not in ("jpeg", "tiff_jpeg")
    travels = edited(picture, "RGB")
    data = _saved(
        stored.image,
        "WEBP",
        lossless=lossless,
        quality=80 if lossless else QUALITY,  # the effort, where it is lossless
        alpha_quality=100,
        exact=True,
        icc_profile=travels.icc,
        exif=travels.exif,
        xmp=travels.xmp,
    )
    return Encoded(data)


def _avif(picture: Picture, stored: Stored) -> Encoded:
    travels = edited(picture, stored.image.mode, tagless=True)
    grey = picture.mode in ("1", "L", "LA")
    chroma = picture.chroma or ("4:0:0" if grey else "4:4:4")
    options = {
        "quality": AVIF_QUALITY,
        "subsampling": chroma,
        "icc_profile": travels.icc,
        "exif": travels.exif,
        "xmp": travels.xmp,
    }
    if stored.image.mode != "RGBA":
        return Encoded(_saved(stored.image, "AVIF", **options))
    try:
        return Encoded(_saved(stored.image, "AVIF", advanced=avif.ALPHA_LOSSLESS, **options))
    except (OSError, ValueError):  # an encoder other than libaom
        data = _saved(stored.image, "AVIF", **options)
        return Encoded(data, ("alpha stored with small losses",))


def _tiff(picture: Picture, stored: Stored) -> Encoded:
    options, note = tiff.options(picture, stored.image.mode)
    plain = _saved(stored.image, "TIFF", **options)
    return Encoded(tiff.assemble(plain, picture, software()), (note,) if note else ())


def _bmp(picture: Picture, stored: Stored) -> Encoded:
    image, dpi = stored.image, picture.travels.dpi
    if image.mode == "RGBA":
        pixels = np.asarray(image)
        return Encoded(bmp.encode_rgba(pixels[..., :3], pixels[..., 3], dpi))
    return Encoded(_saved(image, "BMP", dpi=dpi or (0, 0)))


def _gif(picture: Picture, stored: Stored) -> Encoded:
    clear = None
    if stored.palette is not None and (stored.palette.alpha == 0).any():
        clear = int(np.flatnonzero(stored.palette.alpha == 0)[0])
    plain = _saved(stored.image, "GIF", optimize=False, transparency=clear)
    own = picture.data if _own(picture, "GIF") else None
    return Encoded(gif.assemble(plain, own, software()))


ENCODERS = {
    "JPEG": _jpeg,
    "PNG": _png,
    "WEBP": _webp,
    "AVIF": _avif,
    "TIFF": _tiff,
    "BMP": _bmp,
    "GIF": _gif,
}
