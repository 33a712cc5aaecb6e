"""A fixed number of cases that take long to draw, kept for later runs."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from unveil.errors import UsageError

Level = TypeVar("Level", bound=np.generic)


def kept(cases: Iterator[NDArray[Level]], values: int, count: int, kept_in: str) -> NDArray[Level]:
    """The cases of a file (.npy), which is written with the first so many where it does not exist;
    without a file's name they are drawn anew.

    values: length of a case's last axis. Raises UsageError where a file's cases have another.
    """
    path = Path(kept_in) if kept_in else None
    if path is not None and path.is_file():
        loaded = np.load(path)
        if loaded.shape[-1] != values:
            raise UsageError(
                f"{path}: expected cases of {values} values, got {loaded.shape[-1]}: another"
                " version's; name another file (data.kept_in), or remove it to draw them anew"
            )
        return loaded
    drawn = np.stack(list(islice(cases, count)))
    if path is not None:
        np.save(path, drawn)
    return drawn
