"""From Pillow's many modes to one form: 8-bit RGB, with alpha and palette kept beside it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unveil.codecs import colours
from unveil.codecs.faults import FaultError
from unveil.codecs.picture import Palette

DEEP = "convert it to 8 bits per channel first (nothing is reduced silently)"
_DEEP_MODES = {
    "I": "32-bit integer samples",
    "F": "32-bit float samples",
    "I;16": "16 bits per channel",
    "I;16B": "16 bits per channel",
    "I;16L": "16 bits per channel",
    "I;16N": "16 bits per channel",
}


@dataclass(frozen=True, eq=False)
class Pixels:
    """One picture's pixels; the fields are those of `Picture`."""

    rgb: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None
    mode: str
    palette: Palette | None = None
    transparent: tuple[int, int, int] | None = None
    notes: tuple[str, ...] = ()


def unpack(
    image: Image.Image,
    profile: bytes | None,
    transparent: tuple[int, int, int] | None = None,
    clear: bytes | None = None,
) -> Pixels:
    """The pixels of a loaded Pillow image of any 8-bit mode.

    transparent: the RGB colour that stands for transparent, if there is one.
    clear: the alpha of each palette entry, if the file gives it.
    Raises FaultError for more than 8 bits per channel and for modes that are no picture.
    """
    mode = image.mode
    if mode in _DEEP_MODES:
        raise FaultError(_DEEP_MODES[mode], DEEP, "8 bits per channel")
    if mode == "P":
        return _palette(image, clear)
    notes: tuple[str, ...] = ()
    if mode in ("CMYK", "LAB", "YCbCr", "HSV"):
        image, note = colours.to_rgb(image, profile)
        notes = (note,)
    elif mode in ("RGBa", "La"):
        image = image.convert("RGBA" if mode == "RGBa" else "LA")
        notes = ("premultiplied alpha stored as straight alpha",)
    elif mode == "RGBX":
        image = image.convert("RGB")
        notes = ("a fourth channel without meaning dropped",)
    elif mode == "PA":
        image = image.convert("RGBA")
    if image.mode in ("1", "L"):
        grey = np.asarray(image.convert("L"))
        rgb = np.repeat(grey[..., None], 3, axis=2)
        return Pixels(rgb, _keyed(rgb, transparent), image.mode, None, transparent, notes)
    if image.mode == "RGB":
        rgb = np.array(image)
        return Pixels(rgb, _keyed(rgb, transparent), "RGB", None, transparent, notes)
    if image.mode == "LA":
        both = np.asarray(image)
        rgb = np.repeat(both[..., :1], 3, axis=2)
        return Pixels(rgb, both[..., 1].copy(), "LA", notes=notes)
    if image.mode == "RGBA":
        both = np.asarray(image)
        return Pixels(both[..., :3].copy(), both[..., 3].copy(), "RGBA", notes=notes)
    raise FaultError(f"Pillow mode {mode}", "convert it to RGB first", "a grey or colour picture")


def _keyed(
    rgb: NDArray[np.uint8], transparent: tuple[int, int, int] | None
) -> NDArray[np.uint8] | None:
    """Alpha that is 0 where the pixel has the transparent colour."""
    if transparent is None:
        return None
    hit = (rgb == np.array(transparent, np.uint8)).all(axis=2)
    return np.where(hit, 0, 255).astype(np.uint8)


def _palette(image: Image.Image, clear: bytes | None) -> Pixels:
    listed = np.array(image.getpalette("RGBA") or [], np.uint8).reshape(-1, 4)[:256]
    indices = np.array(image)
    size = max(len(listed), int(indices.max()) + 1)
    table = np.zeros((size, 4), np.uint8)
    table[:, 3] = 255
    table[: len(listed)] = listed
    if clear is not None:
        table[: len(clear), 3] = np.frombuffer(clear[:size], np.uint8)
    palette = Palette(indices, table[:, :3].copy(), table[:, 3].copy())
    alpha = palette.alpha[indices] if (palette.alpha < 255).any() else None
    return Pixels(palette.rgb[indices], alpha, "P", palette)


def clear_entries(transparency: object) -> bytes | None:
    """Pillow's `transparency` of a palette picture as the alpha of each entry."""
    if isinstance(transparency, int):
        return b"\xff" * transparency + b"\0"
    return transparency if isinstance(transparency, bytes) else None


def turned(array: NDArray, orientation: int) -> NDArray:
    """An H x W or H x W x C array, stored in this EXIF orientation, upright."""
    if orientation >= 5:
        array = array.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    return np.ascontiguousarray(array)


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """All arrays turned upright."""
    if orientation == 1:
        return pixels
    palette = pixels.palette
    if palette is not None:
        palette = Palette(turned(palette.indices, orientation), palette.rgb, palette.alpha)
    return Pixels(
        turned(pixels.rgb, orientation),
        None if pixels.alpha is None else turned(pixels.alpha, orientation),
        pixels.mode,
        palette,
        pixels.transparent,
        pixels.notes,
    )
