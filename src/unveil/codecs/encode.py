"""Encoding: new pixels in the picture's own form, with everything that travels with it."""

import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unveil.codecs.encoders import ENCODERS, Encoded, edited
from unveil.codecs.faults import printable, quiet_pillow
from unveil.codecs.picture import Picture
from unveil.codecs.store import store
from unveil.errors import OutputError, UsageError


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
    if kind not in ENCODERS:
        raise UsageError(f"expected one of the formats {', '.join(ENCODERS)}, got {format!r}")
    changed = _checked(picture, rgb, changed)
    stored = store(picture, rgb, changed, kind)
    try:
        with quiet_pillow():
            encoded = ENCODERS[kind](picture, stored)
    except (OSError, ValueError, SystemError, MemoryError, OverflowError, struct.error) as error:
        high, wide = picture.size_hw
        raise OutputError(
            f"{printable(picture.name)}: expected a picture that {kind} can hold, "
            f"got {wide} x {high} pixels ({error}); write it as PNG or TIFF"
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
    travels = edited(picture, image.mode)
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
            f"{printable(picture.name)}: expected uint8 pixels of shape {picture.rgb.shape}, "
            f"got {rgb.dtype} of shape {rgb.shape}; give the picture's own size"
        )
    if changed is None:
        return (rgb != picture.rgb).any(axis=2)
    if changed.shape != rgb.shape[:2] or changed.dtype != np.bool_:
        raise UsageError(
            f"{printable(picture.name)}: expected bool of shape {rgb.shape[:2]} for the changed "
            f"pixels, got {changed.dtype} of shape {changed.shape}"
        )
    return changed


def _lost(picture: Picture, kind: str) -> list[str]:
    """What only the input's format can hold, or the output's cannot."""
    if kind == picture.format:
        return []
    notes = [f"{kind} cannot hold the input's {thing}" for thing in picture.travels.others]
    if picture.deep is not None:
        notes.append("16 bits per channel reduced to 8")
    if kind in ("GIF", "BMP"):
        have = picture.travels
        things = {"EXIF": have.exif, "XMP": have.xmp, "ICC profile": have.icc}
        notes += [f"{kind} cannot hold the input's {name}" for name, it in things.items() if it]
    return notes
