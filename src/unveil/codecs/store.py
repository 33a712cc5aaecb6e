"""Choosing the Pillow mode in which new pixels are stored: the picture's own wherever it can be."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unveil.codecs import quantise
from unveil.codecs.picture import Palette, Picture

_MODES = {
    "": ("1", "L", "LA", "P", "RGB", "RGBA"),
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA"),
    "TIFF": ("1", "L", "LA", "P", "RGB", "RGBA"),
    "BMP": ("1", "L", "P", "RGB", "RGBA"),
    "AVIF": ("L", "RGB", "RGBA"),
    "WEBP": ("RGB", "RGBA"),
    "JPEG": ("L", "RGB"),
    "GIF": ("P",),
}
"""What each format can hold; the empty name stands for an image in memory."""
_CLEAR_PALETTES = ("", "PNG", "GIF")


@dataclass(frozen=True, eq=False)
class Stored:
    """New pixels as a Pillow image, with what its mode cannot say."""

    image: Image.Image
    palette: Palette | None = None
    keyed: bool = False
    """Whether transparency is still told by one colour, as in the input."""
    notes: tuple[str, ...] = ()


def store(
    picture: Picture, rgb: NDArray[np.uint8], changed: NDArray[np.bool_], kind: str
) -> Stored:
    """The picture with its pixels replaced by `rgb`, in the best mode that format `kind` holds."""
    if kind == "GIF":
        return _gif(picture, rgb, changed)
    notes: list[str] = []
    if picture.palette is not None and "P" in _MODES[kind]:
        alpha_fits = picture.alpha is None or kind in _CLEAR_PALETTES
        palette = (
            quantise.repaint(picture.palette, rgb, picture.alpha, changed, exact=True)
            if alpha_fits
            else None
        )
        if palette is not None:
            return Stored(palette_image(palette), palette)
        notes.append("palette given up for true colour: the new colours do not fit into it")
    if picture.alpha is None or (kind in ("", "PNG") and _still_keyed(picture, rgb)):
        image = _opaque(picture, rgb, kind, notes)
        return Stored(image, keyed=picture.alpha is not None, notes=tuple(notes))
    if kind == "JPEG":
        if (picture.alpha < 255).any():
            notes.append("JPEG holds no transparency: laid over white")
            rgb = _over_white(rgb, picture.alpha)
        return Stored(_opaque(picture, rgb, kind, notes), notes=tuple(notes))
    if picture.mode in ("1", "L", "LA") and "LA" in _MODES[kind]:
        image = Image.merge("LA", (_grey(rgb), Image.fromarray(picture.alpha)))
    else:
        image = Image.fromarray(np.dstack([rgb, picture.alpha]))
    return Stored(image, notes=tuple(notes))


def palette_image(palette: Palette) -> Image.Image:
    """A Pillow image of mode P."""
    image = Image.fromarray(palette.indices)
    image.putpalette(palette.rgb.tobytes())
    return image


def _grey(rgb: NDArray[np.uint8]) -> Image.Image:
    return Image.fromarray(rgb).convert("L")


def _opaque(picture: Picture, rgb: NDArray[np.uint8], kind: str, notes: list[str]) -> Image.Image:
    if picture.mode not in ("1", "L", "LA") or "L" not in _MODES[kind]:
        return Image.fromarray(rgb)
    grey = _grey(rgb)
    if picture.mode == "1" and "1" in _MODES[kind]:
        values = np.asarray(grey)
        if ((values == 0) | (values == 255)).all():
            return grey.convert("1", dither=Image.Dither.NONE)
        notes.append("black and white picture written as grey: the new pixels need it")
    return grey


def _still_keyed(picture: Picture, rgb: NDArray[np.uint8]) -> bool:
    """Whether exactly the transparent pixels have the colour that stands for transparent."""
    if picture.transparent is None or picture.alpha is None:
        return False
    hit = (rgb == np.array(picture.transparent, np.uint8)).all(axis=2)
    return bool((hit == (picture.alpha == 0)).all())


def _over_white(rgb: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    share = alpha[..., None].astype(np.uint16)
    return ((rgb * share + 255 * (255 - share) + 127) // 255).astype(np.uint8)


def _gif(picture: Picture, rgb: NDArray[np.uint8], changed: NDArray[np.bool_]) -> Stored:
    palette = None
    if picture.palette is not None and set(np.unique(picture.palette.alpha)) <= {0, 255}:
        palette = quantise.repaint(picture.palette, rgb, picture.alpha, changed, exact=False)
    note = "new colours reduced to what the palette has room for"
    if palette is None:
        palette = quantise.from_scratch(rgb, picture.alpha)
        note = "reduced to the 256 colours of a GIF"
    shown = palette.alpha[palette.indices] > 0
    same = (palette.rgb[palette.indices] == rgb).all(axis=2) | ~shown
    return Stored(palette_image(palette), palette, notes=() if same.all() else (note,))
