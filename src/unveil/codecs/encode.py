"""Encoding: new pixels in the picture's own form, with everything that travels with it."""

import functools
import importlib.metadata
import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from unveil.codecs import avif, bmp, colours, exif, gif, jpeg, png, tiff, xmp
from unveil.codecs.faults import quiet_pillow
from unveil.codecs.picture import Picture, Travels
from unveil.codecs.store import Stored, store
from unveil.errors import OutputError, UsageError

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


def encode(
    picture: Picture,
    rgb: NDArray[np.uint8],
    format: str | None = None,
    *,
    changed: NDArray[np.bool_] | None = None,
) -> bytes:
    """The picture with its pixels replaced by `rgb`, in its own format or in `format`.

    rgb: uint8 H x W x 3, upright, of the picture's size.
    changed: bool H x W, True where `rgb` differs (found by comparison if not given); in a
    palette picture everything else keeps its colour exactly.
    Raises OutputError where the format cannot hold the picture, UsageError for a wrong array.
    """
    return encode_with_notes(picture, rgb, format, changed=changed).data


def encode_with_notes(
    picture: Picture,
    rgb: NDArray[np.uint8],
    format: str | None = None,
    *,
    changed: NDArray[np.bool_] | None = None,
) -> Encoded:
    """As `encode`, with the notes on what this encoding has lost."""
    kind = (format or picture.format).upper()
    if kind not in _ENCODERS:
        raise UsageError(f"expected one of the formats {', '.join(_ENCODERS)}, got {format!r}")
    changed = _checked(picture, rgb, changed)
    stored = store(picture, rgb, changed, kind)
    try:
        with quiet_pillow():
            encoded = _ENCODERS[kind](picture, stored)
    except (OSError, ValueError, SystemError, MemoryError, OverflowError) as error:
        high, wide = picture.size_hw
        raise OutputError(
            f"{picture.name}: expected a picture that {kind} can hold, got {wide} x {high} pixels "
            f"({error}); write it as PNG or TIFF"
        ) from error
    lost = _lost(picture, kind)
    return Encoded(encoded.data, (*stored.notes, *encoded.notes, *lost))


def to_image(picture: Picture, rgb: NDArray[np.uint8]) -> Image.Image:
    """The picture with its pixels replaced by `rgb` as a Pillow image, in the input's mode.

    A mode that cannot hold the new pixels gives way to the next larger one: 1 to L, P to RGB
    or RGBA; CMYK and the like come as RGB.
    """
    stored = store(picture, rgb, _checked(picture, rgb, None), "")
    image = stored.image
    travels = _edited(picture, image.mode)
    known = {
        "icc_profile": travels.icc,
        "exif": b"Exif\0\0" + travels.exif if travels.exif and picture.travels.exif else None,
        "xmp": travels.xmp,
        "dpi": travels.dpi,
        "comment": travels.comment,
    }
    image.info.update({key: value for key, value in known.items() if value})
    if stored.palette is not None and picture.alpha is not None:
        image.info["transparency"] = stored.palette.alpha.tobytes()
    elif stored.keyed and picture.transparent is not None:
        grey = image.mode in ("1", "L")
        image.info["transparency"] = picture.transparent[0] if grey else picture.transparent
    return image


def _checked(
    picture: Picture, rgb: NDArray[np.uint8], changed: NDArray[np.bool_] | None
) -> NDArray[np.bool_]:
    """Where the pixels change; UsageError for arrays of another shape or type."""
    if rgb.shape != picture.rgb.shape or rgb.dtype != np.uint8:
        raise UsageError(
            f"{picture.name}: expected uint8 pixels of shape {picture.rgb.shape}, "
            f"got {rgb.dtype} of shape {rgb.shape}; give the picture's own size"
        )
    if changed is None:
        return (rgb != picture.rgb).any(axis=2)
    if changed.shape != rgb.shape[:2] or changed.dtype != np.bool_:
        raise UsageError(
            f"{picture.name}: expected bool of shape {rgb.shape[:2]} for the changed pixels, "
            f"got {changed.dtype} of shape {changed.shape}"
        )
    return changed


def _edited(picture: Picture, mode: str, *, tagless: bool = False) -> Travels:
    """What travels, for the upright picture in this mode, with the edit recorded."""
    old = picture.travels
    block = exif.edited(
        old.exif, picture.orientation, software(), limit=jpeg.EXIF_LIMIT, tagless=tagless
    )
    packet = xmp.edited(old.xmp, picture.orientation) if old.xmp else None
    icc = old.icc if old.icc and colours.profile_fits(old.icc, mode) else None
    return Travels(block, packet, icc, old.dpi, old.comment)


def _lost(picture: Picture, kind: str) -> list[str]:
    """What only the input's format can hold, or the output's cannot."""
    if kind == picture.format:
        return []
    notes = [f"{kind} cannot hold the input's {thing}" for thing in picture.travels.others]
    if kind in ("GIF", "BMP"):
        have = picture.travels
        things = {"EXIF": have.exif, "XMP": have.xmp, "ICC profile": have.icc}
        notes += [f"{kind} cannot hold the input's {name}" for name, it in things.items() if it]
    return notes


def _own(picture: Picture, kind: str) -> bool:
    return picture.format == kind and bool(picture.data)


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **{key: value for key, value in options.items() if value is not None})
    return out.getvalue()


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
        plain = _saved(image, "JPEG", optimize=True, **options)
        return Encoded(jpeg.assemble(plain, picture, software()), tuple(notes))
    travels = _edited(picture, image.mode)
    if travels.xmp and len(travels.xmp) > _XMP_LIMIT:
        notes.append("XMP dropped: too long for a JPEG")
        travels = Travels(travels.exif, None, travels.icc, travels.dpi, travels.comment)
    if travels.exif and len(travels.exif) > jpeg.EXIF_LIMIT:
        notes.append("EXIF dropped: too long for a JPEG")
        travels = Travels(None, travels.xmp, travels.icc, travels.dpi, travels.comment)
    block = b"Exif\0\0" + travels.exif if travels.exif else None
    data = _saved(
        image,
        "JPEG",
        optimize=True,
        exif=block,
        icc_profile=travels.icc,
        xmp=travels.xmp,
        dpi=travels.dpi,
        comment=(travels.comment or b"")[: jpeg.SEGMENT_LIMIT] or None,
        **options,
    )
    return Encoded(data, tuple(notes))


def _png(picture: Picture, stored: Stored) -> Encoded:
    clear = None
    if stored.palette is not None and (stored.palette.alpha < 255).any():
        clear = stored.palette.alpha.tobytes().rstrip(b"\xff")
    elif stored.keyed and picture.transparent is not None:
        grey = stored.image.mode in ("1", "L")
        clear = png.key_chunk(picture.transparent, stored.image.mode if grey else "RGB")
    travels = _edited(picture, stored.image.mode)
    if _own(picture, "PNG"):
        plain = _saved(stored.image, "PNG")
        return Encoded(png.assemble(plain, picture, software(), clear))
    extra = PngImagePlugin.PngInfo()
    if travels.xmp:
        extra.add(b"iTXt", png.xmp_chunk(travels.xmp).data)
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
    travels = _edited(picture, "RGB")
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
    travels = _edited(picture, stored.image.mode, tagless=True)
    chroma = picture.chroma or ("4:0:0" if stored.image.mode == "L" else "4:4:4")
    data = _saved(
        stored.image,
        "AVIF",
        quality=AVIF_QUALITY,
        subsampling=chroma,
        icc_profile=travels.icc,
        exif=travels.exif,
        xmp=travels.xmp,
        **avif.alpha_options(stored.image.mode),
    )
    return Encoded(data)


def _tiff(picture: Picture, stored: Stored) -> Encoded:
    wanted = picture.compression if picture.format == "TIFF" else "tiff_adobe_deflate"
    options, note = tiff.options(wanted or "raw", stored.image.mode)
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


_ENCODERS = {
    "JPEG": _jpeg,
    "PNG": _png,
    "WEBP": _webp,
    "AVIF": _avif,
    "TIFF": _tiff,
    "BMP": _bmp,
    "GIF": _gif,
}
