"""``unveil demo``: clean three example photographs and show what was gained."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image

from unveil.cli import EXIT_FAILED
from unveil.cli._examples import Example, examples_folder, load_examples
from unveil.cli._options import Model
from unveil.cli._sheet import Row, draw_sheet
from unveil.codecs import write
from unveil.errors import OutputError
from unveil.models.catalogue import DEFAULT_MODEL
from unveil.pipeline import Remover
from unveil.result import Result

FILE_NAME = "unveil-demo.png"


def demo(
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FOLDER", help="Folder for unveil-demo.png."),
    ] = Path(),
    model: Model = DEFAULT_MODEL,
) -> None:
    """Clean three example photographs; write before, after and mask side by side as one PNG.

    The marks were drawn on known photographs, so the gain is measured: PSNR against the clean
    original, in dB, before and after. A second run replaces unveil-demo.png.
    """
    if output.exists() and not output.is_dir():
        raise OutputError(f"{output}: expected a folder as -o, got a file; name a folder")
    remover = Remover(model)
    rows = []
    all_better = True
    for example in load_examples(examples_folder()):
        result = remover.remove(example.marked_path)
        after = np.asarray(_as_image(result).convert("RGB"))
        before_db, after_db = psnr(example.marked, example.clean), psnr(after, example.clean)
        all_better &= after_db > before_db
        caption = _caption(example, result, before_db, after_db)
        print(caption, flush=True)
        rows.append(Row(caption, example.marked, after, np.asarray(result.mask, bool)))
    output.mkdir(parents=True, exist_ok=True)
    target = output / FILE_NAME
    write(draw_sheet(rows), target, overwrite=True)
    print(f"before, after and mask side by side: {target}")
    if not all_better:
        raise typer.Exit(EXIT_FAILED)


def psnr(picture: np.ndarray, reference: np.ndarray) -> float:
    """10 log10(255^2 / mean squared difference) of two uint8 pictures, in dB; inf if equal."""
    error = float(np.mean((picture.astype(np.float64) - reference.astype(np.float64)) ** 2))
    return float("inf") if error == 0 else float(10 * np.log10(255**2 / error))


def _as_image(result: Result) -> Image.Image:
    picture = result.picture
    return picture if isinstance(picture, Image.Image) else Image.fromarray(picture)


def _caption(example: Example, result: Result, before_db: float, after_db: float) -> str:
    """One line on one picture: what was found, how much better it got."""
    name = example.marked_path.name
    marks = result.report.marks
    if not marks:
        return f"{name}: {result.report.reason}; PSNR {before_db:.1f} dB"
    opacities = ", ".join(f"{mark['opacity']:.2f}" for mark in marks[:4])
    count = f"{len(marks)} mark{'s' * (len(marks) != 1)}"
    return (
        f"{name}: {count} found, opacity {opacities} (drawn with {example.opacity:.2f}); "
        f"PSNR {before_db:.1f} -> {after_db:.1f} dB"
    )
