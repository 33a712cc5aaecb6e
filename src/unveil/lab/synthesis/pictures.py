"""Folders of clean pictures and of marks as textures for synthesis."""

import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unveil.codecs import read
from unveil.errors import PictureError
from unveil.lab.marks.atlas import read_logo
from unveil.lab.marks.raster import Sprite
from unveil.lab.synthesis.textures import SPRITE_LEVELS, Textures

_log = logging.getLogger(__name__)

BUDGET_BYTES = 2 * 2**30
"""What the pictures of a run may take on the device, where they stay: a third of a card of 6 GB."""

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".tif", ".tiff", ".bmp")


def find_pictures(folder: Path) -> list[Path]:
    """Every picture file below the folder, sorted. Raises PictureError where there is none."""
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not paths:
        raise PictureError(
            f"{folder}: expected a folder with pictures ({', '.join(SUFFIXES)}); found none"
        )
    return paths


def load_pictures(paths: list[Path], least_px: int) -> Textures:
    """The pictures whose shorter side has at least least_px pixels, as opaque textures.

    Those that cannot be read or are smaller are passed over and counted in a warning. Where all
    together would take more than BUDGET_BYTES on the device, the pictures are reduced so that they
    do not, which a warning says too. Raises PictureError where none is left.
    """
    reduction = _reduction(paths)
    readable = _readable(paths, lambda path: _reduced(decoded(path), reduction, least_px))
    pictures = [picture for picture in readable if min(picture.shape[:2]) >= least_px]
    small = len(readable) - len(pictures)
    if not pictures:
        raise PictureError(
            f"expected pictures of at least {least_px} px on the shorter side; of {len(paths)},"
            f" {small} are smaller and {len(paths) - len(readable)} cannot be read; give larger"
            " pictures, or make the recipe's crops smaller (size_px)"
        )
    if small:
        _log.warning("passed over %d of %d files: under %d px", small, len(paths), least_px)
    return Textures(pictures)


def _reduction(paths: list[Path]) -> float:
    """By how much the sides of pictures are to be multiplied to fit into BUDGET_BYTES."""
    pixels = 0
    for path in paths:
        with suppress(OSError, ValueError, Image.DecompressionBombError), Image.open(path) as image:
            pixels += image.width * image.height
    reduction = min(1.0, (BUDGET_BYTES / max(4 * pixels, 1)) ** 0.5)
    if reduction < 1:
        _log.warning(
            "%d pictures are reduced to %.0f %% of their sides, to fit into %.1f GiB",
            len(paths), 100 * reduction, BUDGET_BYTES / 2**30,
        )  # fmt: skip
    return reduction


def _reduced(picture: NDArray[np.uint8], reduction: float, least_px: int) -> NDArray[np.uint8]:
    """The picture with its sides multiplied, but never under least_px."""
    height, width = picture.shape[:2]
    factor = max(reduction, least_px / min(height, width))
    if factor >= 1:
        return picture
    size_wh = (round(width * factor), round(height * factor))
    return np.asarray(cv2.resize(picture, size_wh, interpolation=cv2.INTER_AREA), np.uint8)


def load_marks(path: Path) -> Textures:
    """Marks as they are, as textures; see :func:`read_marks`."""
    return Textures(read_marks(path), SPRITE_LEVELS)


def read_marks(path: Path) -> list[Sprite]:
    """Marks as they are: one picture with transparency, or all below a folder.

    Those of a folder that cannot be read or have no transparency are passed over and counted in a
    warning. Raises PictureError where none is left.
    """
    marks = _readable(find_pictures(path), decoded_mark) if path.is_dir() else [decoded_mark(path)]
    if not marks:
        raise PictureError(f"{path}: expected marks with transparency (PNG with alpha); found none")
    return marks


def decoded(path: Path) -> NDArray[np.uint8]:
    """One picture, upright, uint8 H x W x 3. Raises PictureError where it cannot be read."""
    return read(path).rgb


def decoded_mark(path: Path) -> Sprite:
    """One mark, cropped, uint8 H x W x 4.

    Raises PictureError where it cannot be read, shows nothing, or has no transparency: without it
    the mark's shape is not known.
    """
    try:
        with Image.open(path) as image:
            opaque = np.asarray(image.convert("RGBA"))[..., 3].min() == 255
        mark = read_logo(path)
    except (OSError, ValueError, SyntaxError) as error:
        raise PictureError(f"{path}: expected a mark (PNG with alpha); {error}") from error
    if opaque:
        raise PictureError(
            f"{path}: expected a mark with transparency (PNG with alpha), got an opaque picture;"
            " cut the mark out, or make a template of it: unveil template"
        )
    return mark


def _readable(
    paths: list[Path], decode: Callable[[Path], NDArray[np.uint8]]
) -> list[NDArray[np.uint8]]:
    """What can be decoded of the files; the others are counted in a warning."""
    found, faults = [], []
    for path in paths:
        try:
            found.append(decode(path))
        except PictureError as error:
            faults.append(error)
    if faults:
        _log.warning(
            "passed over %d of %d files; the first: %s", len(faults), len(paths), faults[0]
        )
    return found
