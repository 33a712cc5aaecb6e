"""A fixed number of cases that take long to draw, kept for later runs."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Level = TypeVar("Level", bound=np.generic)


def kept(cases: Iterator[NDArray[Level]], count: int, kept_in: str) -> NDArray[Level]:
    """The cases of a file (.npy), which is written with the first so many where it does not exist;
    without a file's name they are drawn anew."""
    path = Path(kept_in) if kept_in else None
    if path is not None and path.is_file():
        return np.load(path)
    drawn = np.stack(list(islice(cases, count)))
    if path is not None:
        np.save(path, drawn)
    return drawn
