"""The example photographs: where they lie, and each marked one with its clean original."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unveil.errors import PictureError

INDEX = "examples.json"


@dataclass(frozen=True)
class Example:
    """A photograph that a mark was drawn on."""

    marked_path: Path
    marked: NDArray[np.uint8]
    """H x W x 3 RGB, as decoded."""
    clean: NDArray[np.uint8]
    """The same without the mark."""
    opacity: float
    """With which the mark was drawn."""


def examples_folder() -> Path:
    """In an installed package beside this code; in a checkout at the repository's root."""
    package = Path(__file__).parents[1]
    candidates = (package / "examples", package.parents[1] / "examples")
    for folder in candidates:
        if (folder / INDEX).is_file():
            return folder
    raise PictureError(
        f"{candidates[0]}: expected the example photographs, got no such folder; "
        "install again, in the repository: pip install --force-reinstall --no-deps ."
    )


def load_examples(folder: Path) -> list[Example]:
    """All examples of the index, in its order."""
    entries = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    return [
        Example(
            marked_path=folder / entry["marked"],
            marked=_pixels(folder / entry["marked"]),
            clean=_pixels(folder / entry["clean"]),
            opacity=float(entry["opacity"]),
        )
        for entry in entries
    ]


def _pixels(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))
