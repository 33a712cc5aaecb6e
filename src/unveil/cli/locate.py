"""``unveil locate``: write the mask of the marks, without removing them."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from unveil.cli._input import read_picture
from unveil.cli._options import AsJson, MaxPixels, Model, Paths
from unveil.cli._output import grey_png
from unveil.cli._plan import STREAM, Job, Naming, plan
from unveil.cli._run import Outcome, run
from unveil.codecs import DEFAULT_MAX_PIXELS, write
from unveil.errors import UsageError
from unveil.models.catalogue import DEFAULT_MODEL
from unveil.pipeline import Remover
from unveil.result import Location

NAMING = Naming(
    beside=lambda path: f"{path.stem}.mask.png",
    inside=lambda path: f"{path.stem}.mask.png",
    inside_apart=lambda path: f"{path.name}.mask.png",
    own_outputs=(".unveiled", ".mask"),
)


def locate(
    paths: Paths,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="MASK.png",
            help="Where to write: a file, a folder for several, - for standard output. "
            "Default: NAME.mask.png beside each input.",
        ),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, metavar="T", show_default=False, help="Mark where the score exceeds T."
        ),
    ] = None,
    dilate_px: Annotated[
        int, typer.Option("--dilate", min=0, metavar="PX", help="Grow the mask by PX pixels.")
    ] = 0,
    model: Model = DEFAULT_MODEL,
    as_json: AsJson = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace masks that exist; never an input.")
    ] = False,
    max_pixels: MaxPixels = DEFAULT_MAX_PIXELS,
) -> None:
    """Write where the marks are: an 8-bit PNG of the picture's size, 255 on the marks, 0 elsewhere.

    Where nothing is found the mask is written all the same, and it is black.

    \b
    unveil locate photo.jpg                   writes photo.mask.png
    unveil locate photo.jpg --dilate 3        3 pixels larger all round
    unveil locate holiday/ -o masks/          a folder, at any depth
    """
    jobs, as_file = plan(paths, output, NAMING, overwrite=overwrite, may_replace_input=False)
    _check_suffix(output, as_file)
    if as_json and any(job.target is None and job.error is None for job in jobs):
        raise UsageError(
            "expected --json or the mask on standard output, got both; name a file with -o"
        )
    ready = any(job.error is None for job in jobs)
    remover = Remover(model) if ready else None

    def work(job: Job) -> Outcome:
        assert remover is not None
        picture = read_picture(job, max_pixels)
        location = remover.locate(picture, threshold=threshold, dilate_px=dilate_px)
        data = grey_png(location.mask)
        if job.target is None:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        else:
            if not as_file:
                job.target.parent.mkdir(parents=True, exist_ok=True)
            write(data, job.target, overwrite=overwrite)
        return _outcome(location, STREAM if job.target is None else str(job.target))

    raise typer.Exit(run(jobs, work, as_json=as_json))


def _check_suffix(output: str | None, as_file: bool) -> None:
    if output not in (None, STREAM) and as_file and Path(output).suffix.lower() != ".png":
        raise UsageError(f"expected a name in .png for the mask, got {output}; masks are PNG files")


def _outcome(location: Location, written: str) -> Outcome:
    fraction = float(location.mask.mean()) if location.mask.size else 0.0
    report: dict[str, Any] = {
        "found": location.found,
        "confidence": float(location.confidence),
        "marked_fraction": fraction,
        "marks": list(location.marks),
    }
    if not location.found:
        return Outcome("nothing_found", f"nothing found; empty mask -> {written}", written, report)
    count = len(location.marks)
    line = (
        f"-> {written}: {count} mark{'s' * (count != 1)}, {100 * fraction:.1f} % of the picture, "
        f"confidence {location.confidence:.2f}"
    )
    return Outcome("done", line, written, report)
