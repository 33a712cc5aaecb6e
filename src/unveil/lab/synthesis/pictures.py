"""A folder of clean pictures as textures for synthesis."""

from pathlib import Path

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


def load_pictures(paths: list[Path], least_px: int) -> Textures:
    """The pictures whose shorter side has at least least_px pixels, as opaque textures.

    Raises PictureError where none is large enough.
    """
    pictures = [picture for picture in map(decoded, paths) if min(picture.shape[:2]) >= least_px]
    if not pictures:
        raise PictureError(
            f"expected pictures of at least {least_px} px on the shorter side; none of"
            f" {len(paths)} is as large; give larger pictures or a smaller synthesis.size_px"
        )
    return Textures(pictures)


def decoded(path: Path) -> NDArray[np.uint8]:
    """One picture, upright, uint8 H x W x 3."""
    with Image.open(path) as image:
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
