"""Scores for people and for machines: tables by opacity or by kind, and JSON with every row."""

import json
import math
import os
import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from unveil.codecs import write
from unveil.errors import OutputError
from unveil.lab.evaluation.evaluate import CleanRow
from unveil.lab.evaluation.kinds import KINDS
from unveil.lab.evaluation.tally import PSNR_CEILING_DB, Row, Tally

FIGURES = (
    ("psnr", "PSNR, dB", "{:.2f}"),
    ("gain", "gain over nothing, dB", "{:.2f}"),
    ("ssim", "SSIM", "{:.4f}"),
    ("psnr_masked", "PSNR under the mask, dB", "{:.2f}"),
    ("mask_f1", "mask F1", "{:.3f}"),
    ("mask_iou", "mask IoU", "{:.3f}"),
    ("change_outside", "largest change outside", "{:.0f}"),
    ("matte_error", "matte's error", "{:.3f}"),
    ("rim_error", "matte's error at the rim", "{:.3f}"),
    ("colour_error", "colour's error, of 255", "{:.1f}"),
    ("seconds", "seconds a picture", "{:.3f}"),
)
"""Key in the summary, name in the table, format."""

KIND_FIGURES = (
    ("found", "found", "{}"),
    ("psnr", "PSNR", "{:.2f}"),
    ("gain", "gain", "{:+.2f}"),
    ("mask_f1", "F1", "{:.3f}"),
    ("mask_iou", "IoU", "{:.3f}"),
    ("change_outside", "outside", "{:.0f}"),
    ("matte_error", "matte", "{:.3f}"),
    ("rim_error", "rim", "{:.3f}"),
    ("colour_error", "colour", "{:.1f}"),
    ("seconds", "seconds", "{:.3f}"),
)
"""The same for the table of kinds, which has one figure a column."""

LIBRARIES = ("unveil", "numpy", "pillow", "opencv-python-headless", "scikit-image", "onnxruntime")
"""Whose versions can move a score."""


def table(tally: Tally) -> str:
    """Plain text, one block per method: a row per figure and a column per opacity, or a row per
    kind and a column per figure.

    Means, by opacity with half the width of their 95 % interval where it is known; the change
    outside the returned mask is the largest of all cases, in steps of 1/255.
    """
    groups = tally.groups()
    blocks = []
    for method in dict.fromkeys(method for method, _, _ in groups):
        kinds = [kind for name, kind, _ in groups if name == method and kind]
        opacities = [opacity for name, kind, opacity in groups if name == method and not kind]
        if opacities:
            blocks.append(_by_opacity(tally, method, opacities))
        if kinds:
            blocks.append(_by_kind(tally, method, sorted(kinds, key=list(KINDS).index)))
    return "\n\n".join(align(lines) for lines in blocks)


def _by_opacity(tally: Tally, method: str, opacities: Sequence[float | None]) -> list[list[str]]:
    summaries = [tally.select(method, opacity).summary() for opacity in opacities]
    head = [f"{method} ({summaries[0]['cases']} cases)"]
    head += ["all" if opacity is None else f"a = {opacity:g}" for opacity in opacities]
    lines = [
        [label, *(_cell(summary[key], form) for summary in summaries)]
        for key, label, form in FIGURES
    ]
    return [head, *lines]


def _by_kind(tally: Tally, method: str, kinds: Sequence[str]) -> list[list[str]]:
    summaries = {kind: tally.select(method, kind=kind).summary() for kind in kinds}
    head = [method, "cases", *(label for _, label, _ in KIND_FIGURES)]
    lines = [
        [kind, str(summary["cases"]), *(_mean(summary[key], form) for key, _, form in KIND_FIGURES)]
        for kind, summary in summaries.items()
    ]
    return [head, *lines]


def clean_line(rows: Sequence[CleanRow]) -> str:
    """How many clean pictures came back as they were, and the names of the others."""
    wrong = [row.picture for row in rows if not row.kept]
    line = f"clean pictures left as they were: {len(rows) - len(wrong)} of {len(rows)}"
    return f"{line}; touched: {', '.join(wrong)}" if wrong else line


def environment() -> dict[str, Any]:
    """Versions and machine kind: what else a score or a time depends on. No names of machines."""
    versions = {}
    for library in LIBRARIES:
        try:
            versions[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            versions[library] = None
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "versions": versions,
    }


def as_json(
    tally: Tally,
    clean: Sequence[CleanRow],
    command: str,
    settings: dict[str, Any],
    model: dict[str, Any] | None,
) -> dict[str, Any]:
    """The whole report as plain values; :func:`rows_of` reads its rows back."""
    report: dict[str, Any] = {
        "command": command,
        "settings": settings,
        "model": model,
        "environment": environment(),
        "psnr_ceiling_db": PSNR_CEILING_DB,
        "summary": [
            {
                "method": method,
                "kind": kind,
                "opacity": opacity,
                **tally.select(method, opacity, kind).summary(),
            }
            for method, kind, opacity in tally.groups()
        ],
    }
    if clean:
        report["clean"] = {
            "pictures": len(clean),
            "kept": sum(row.kept for row in clean),
            "rows": [row.to_json() for row in clean],
        }
    report["rows"] = [row.to_json() for row in tally]
    return report


def rows_of(report: dict[str, Any]) -> Tally:
    """The tally of a report that was read back: merge shards with ``+``."""
    return Tally(Row.from_json(row) for row in report["rows"])


def write_json(report: dict[str, Any], path: Path) -> None:
    """Write a report, one row a line so that two of them can be compared; replaces the file whole.

    Raises OutputError when it cannot be written.
    """
    text = json.dumps({**report, "rows": None}, indent=1, allow_nan=False, ensure_ascii=False)
    rows = ",\n  ".join(
        json.dumps(row, allow_nan=False, ensure_ascii=False) for row in report["rows"]
    )
    text = text.removesuffix('"rows": null\n}') + f'"rows": [\n  {rows}\n ]\n}}\n'
    write(text.encode(), path, overwrite=True)


def check_writable(path: Path) -> None:
    """Raises OutputError when a report could not be written to the path: ask before a long run."""
    if path.is_dir():
        raise OutputError(
            f"{path}: expected a file for the scores, got a folder: name a file in it"
        )
    if not path.parent.is_dir():
        raise OutputError(f"{path}: expected the folder {path.parent} to exist: make it first")
    if not os.access(path.parent, os.W_OK):
        raise OutputError(f"{path}: expected permission to write there: choose another folder")


def _cell(value: Any, form: str) -> str:
    """A mean with half the width of its interval."""
    text = _mean(value, form)
    if not isinstance(value, dict) or value["low"] is None or math.isinf(float(value["mean"])):
        return text
    return f"{text} ± {form.format((value['high'] - value['low']) / 2)}"


def _mean(value: Any, form: str) -> str:
    if not isinstance(value, dict):
        return form.format(value)
    return "-" if value["mean"] is None else form.format(float(value["mean"]))


def align(lines: Sequence[Sequence[str]]) -> str:
    """Lines of cells as plain text in columns, the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if index == 0 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
