"""Draw the worst cases of an exam, so that one sees why they are.

    python benchmarks/worst.py SCORES.json --pictures FOLDER --logos FOLDER --out FIGURE.jpg
        [--by missed|false|harm] [--count 10]

SCORES.json is what `unveil evaluate --protocol` wrote; the cases are made and restored anew.
missed: the largest part of the mark; false: the most pixels beside it; harm: the most dB lost
against doing nothing. Of the same logo on the same picture only the worst is shown.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil import Remover
from unveil.boxes import Box, within
from unveil.lab.evaluation import report
from unveil.lab.evaluation.evaluate import OF_A_REMOVER, Outcome
from unveil.lab.evaluation.kinds import kind_cases
from unveil.lab.evaluation.pairs import list_pictures
from unveil.lab.evaluation.protocols import Case, protocol, protocol_cases
from unveil.lab.evaluation.tally import Row
from unveil.lab.figures.pictures import found_and_restored
from unveil.lab.figures.style import save

PANEL_HW = (216, 288)
"""Pixels of a panel."""
MARGIN_PX = 32
"""Of the surroundings of mark and mask that are shown."""

WORSE: dict[str, Callable[[Row], tuple[float, ...]]] = {
    "missed": lambda row: (
        row.mask.missed / max(row.mask.hit + row.mask.missed, 1),
        row.opacity or 0,
    ),
    "false": lambda row: (row.mask.false,),
    "harm": lambda row: (-row.gain,),
}
"""What grows the worse a case came out."""


def worst(rows: list[Row], by: str, count: int) -> list[Row]:
    """The worst rows, worst first; of each picture under each logo, in each kind, one."""
    first: dict[tuple[str, str, str], Row] = {}
    for row in sorted(rows, key=WORSE[by], reverse=True):
        first.setdefault((row.kind, row.picture, row.logo), row)
    return list(first.values())[:count]


def case_of(row: Row, settings: dict[str, Any], pictures: Path, logos: Path) -> Case:
    """The case of a row, made anew."""
    picture = [entry for entry in list_pictures(pictures) if entry[0] == row.picture]
    logo = [entry for entry in list_pictures(logos) if entry[0] == row.logo]
    if row.kind:
        return next(kind_cases([row.kind], picture, logo))
    opacity = [] if row.opacity is None else [row.opacity]
    chosen = protocol(settings["protocol"], opacity, settings.get("sigma"))
    return next(protocol_cases(chosen, picture, logo))


def surroundings(shown: NDArray[np.bool_]) -> Box:
    """A box of the panels' shape around these pixels, wholly in the picture if it fits."""
    height, width = shown.shape
    rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
    if not len(rows):
        return 0, 0, width, height
    middle = (rows[0] + rows[-1]) / 2, (columns[0] + columns[-1]) / 2
    spans = np.ptp(rows) + 2 * MARGIN_PX, np.ptp(columns) + 2 * MARGIN_PX
    scale = max(span / side for span, side in zip(spans, PANEL_HW, strict=True))
    tall, wide = min(round(scale * PANEL_HW[0]), height), min(round(scale * PANEL_HW[1]), width)
    top = int(np.clip(middle[0] - tall / 2, 0, height - tall))
    left = int(np.clip(middle[1] - wide / 2, 0, width - wide))
    return left, top, left + wide, top + tall


def panels(case: Case, outcome: Outcome) -> tuple[NDArray, ...]:
    """What :func:`found_and_restored` shows of a case."""
    box = surroundings(case.mask | outcome.mask)
    planes = case.marked, outcome.mask, case.mask, outcome.picture, case.clean
    return tuple(_panel(plane[within(box)]) for plane in planes)


def _panel(pixels: NDArray) -> NDArray:
    """At the panels' size, its shape kept, grey beside it; a mask stays bool."""
    scale = min(side / own for side, own in zip(PANEL_HW, pixels.shape[:2], strict=True))
    size_wh = tuple(max(1, round(scale * own)) for own in pixels.shape[1::-1])
    is_mask = pixels.dtype == np.bool_
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST if is_mask else cv2.INTER_CUBIC
    values = pixels.astype(np.float32) / (1 if is_mask else 255)
    resized = np.asarray(cv2.resize(values, size_wh, interpolation=way))
    panel = np.full((*PANEL_HW, *pixels.shape[2:]), 0 if is_mask else 0.5, np.float32)
    panel[: size_wh[1], : size_wh[0]] = resized
    return panel >= 0.5 if is_mask else panel


def label(row: Row) -> str:
    """What stands beside a case."""
    mark = row.kind or f"a = {row.opacity:g}"
    picture, logo = Path(row.picture).stem, Path(row.logo).stem
    return f"{picture}, logo {logo}, {mark}\nF1 {row.mask_f1:.2f}, gain {row.gain:+.1f} dB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scores", type=Path)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--logos", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--by", choices=WORSE, default="harm")
    parser.add_argument("--count", type=int, default=10)
    asked = parser.parse_args()
    scores = json.loads(asked.scores.read_text(encoding="utf-8"))
    remover = Remover(scores["settings"]["model"])
    rows = [row for row in report.rows_of(scores) if row.method in OF_A_REMOVER]
    chosen = worst(rows, asked.by, asked.count)
    shown = []
    for row in chosen:
        case = case_of(row, scores["settings"], asked.pictures, asked.logos)
        shown.append(panels(case, OF_A_REMOVER[row.method](remover)(case)))
    marked, found, mask, restored, clean = (np.stack(each) for each in zip(*shown, strict=True))
    labels = [label(row) for row in chosen]
    save(found_and_restored(marked, found, mask, restored, clean, labels), asked.out)
    print(*(text.replace("\n", ": ") for text in labels), sep="\n")


if __name__ == "__main__":
    main()
