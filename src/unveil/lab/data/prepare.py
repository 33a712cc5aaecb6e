"""Get a folder of pictures ready for training: look at each, leave out what does not serve, split
the rest."""

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.codecs import read
from unveil.errors import OutputError, PictureError
from unveil.lab.data.split import PARTS, part_of

FINGERPRINT_SIDE = 16
"""A picture's fingerprint tells of so many rows and columns whether it gets brighter."""
ALIKE = 0.04
"""Two pictures are one where less than this part of their fingerprints differs: copies that were
resized or stored again."""
REPORT = "prepare.json"


@dataclass(frozen=True)
class LeftOut:
    """A file that does not serve, and why in one line."""

    path: Path
    kind: str
    """broken, small or duplicate."""
    why: str


@dataclass(frozen=True)
class Inspection:
    """What a folder holds."""

    kept: list[Path]
    left_out: list[LeftOut]


def inspect(
    paths: Sequence[Path], least_px: int, advance: Callable[[], None] = lambda: None
) -> Inspection:
    """Read every picture; leave out those that cannot be read, are smaller than least_px on the
    shorter side, or look like one before them.

    advance is called after each.
    """
    kept: list[Path] = []
    left_out: list[LeftOut] = []
    seen = np.empty((0, FINGERPRINT_SIDE**2), bool)
    for path in paths:
        try:
            rgb = read(path).rgb
        except PictureError as error:
            left_out.append(LeftOut(path, "broken", str(error)))
        else:
            mark = fingerprint(rgb)
            height, width = rgb.shape[:2]
            twins = np.flatnonzero((seen != mark).mean(1) < ALIKE)
            if min(height, width) < least_px:
                why = f"{path}: {width} x {height} pixels, less than {least_px}"
                left_out.append(LeftOut(path, "small", why))
            elif twins.size:
                why = f"{path}: looks like {kept[twins[0]]}"
                left_out.append(LeftOut(path, "duplicate", why))
            else:
                kept.append(path)
                seen = np.vstack([seen, mark])
        advance()
    return Inspection(kept, left_out)


def fingerprint(rgb: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where the reduced picture gets brighter from left to right: bool [FINGERPRINT_SIDE ** 2]
    (the "difference hash" of N. Krawetz)."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    size_wh = (FINGERPRINT_SIDE + 1, FINGERPRINT_SIDE)
    small = np.asarray(cv2.resize(grey, size_wh, interpolation=cv2.INTER_AREA))
    return (np.diff(small, axis=1) > 0).reshape(-1)


def share_out(inspection: Inspection, folder: Path, output: Path) -> dict[str, int]:
    """Put the kept pictures into output/train, output/validation and output/test under their own
    relative names, with REPORT beside; how many went where.

    They are linked where the file system can, else copied. Raises OutputError where the output
    holds something already.
    """
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise OutputError(f"{output}: expected a new or empty folder; name another, or empty it")
    counts = dict.fromkeys(PARTS, 0)
    for path in inspection.kept:
        part = part_of(path)
        target = output / part / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        _link(path, target)
        counts[part] += 1
    left_out = [
        {"file": str(each.path.relative_to(folder)), "kind": each.kind, "why": each.why}
        for each in inspection.left_out
    ]
    output.mkdir(parents=True, exist_ok=True)
    report = {"from": str(folder), "pictures": counts, "left_out": left_out}
    (output / REPORT).write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    return counts


def _link(path: Path, target: Path) -> None:
    try:
        os.link(path.resolve(), target)
    except OSError:  # another file system, or one without hard links
        shutil.copy2(path, target)
