"""A folder of clean pictures as textures for synthesis."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from unveil.errors import PictureError
from unveil.lab.synthesis.textures import Textures

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".tif", ".tiff", ".bmp")


def find_pictures(folder: Path) -> list[Path]:
    """Every picture file below the folder, sorted. Raises PictureError where there is none."""
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not paths:
        raise PictureError(
            f"{folder}: expected a folder with pictures ({', '.join(SUFFIXES)}); found none"
        )
    return paths


class Loaded(NamedTuple):
    """The pictures of a folder that training can use, and those that it cannot."""

    textures: Textures
    paths: list[Path]
    """Of the textures, in their order."""
    broken: list[Path]
    small: list[Path]


def load_pictures(paths: list[Path], least_px: int) -> Loaded:
    """The pictures whose shorter side has at least least_px pixels, as opaque textures.

    Raises PictureError where none can be read and is large enough.
    """
    used, pictures = [], []
    broken, small = [], []
    for path in paths:
        try:
            picture = decoded(path)
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
            broken.append(path)
            continue
        if min(picture.shape[:2]) < least_px:
            small.append(path)
            continue
        used.append(path)
        pictures.append(picture)
    if not pictures:
        raise PictureError(
            f"expected pictures of at least {least_px} px on the shorter side; of {len(paths)},"
            f" {len(small)} are smaller and {len(broken)} cannot be read; give larger pictures or"
            " make the recipe's crops smaller (size_px)"
        )
    return Loaded(Textures(pictures), used, broken, small)


def decoded(path: Path) -> NDArray[np.uint8]:
    """One picture, upright, uint8 H x W x 3."""
    with Image.open(path) as image:
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
