"""``unveil remove``: take the marks off pictures."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from unveil.cli._input import read_picture
from unveil.cli._options import AsJson, MaxPixels, Model, Paths
from unveil.cli._output import grey_png
from unveil.cli._plan import Job, Naming, plan
from unveil.cli._run import Outcome, run
from unveil.codecs import DEFAULT_MAX_PIXELS, format_for, read_mask, write
from unveil.errors import OutputError, UsageError
from unveil.models.catalogue import DEFAULT_MODEL
from unveil.pipeline import Remover
from unveil.result import Result
from unveil.templates.template import Template

NAMING = Naming(
    beside=lambda path: f"{path.stem}.unveiled{path.suffix}",
    inside=lambda path: path.name,
    inside_apart=lambda path: path.name,
    own_outputs=(".unveiled", ".mask", ".confidence", ".template"),
)


class Method(StrEnum):
    """How the marked pixels are filled; the word on the command line."""

    AUTO = "auto"
    UNBLEND = "unblend"
    INPAINT = "inpaint"


def remove(
    paths: Paths,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE_OR_FOLDER",
            help="Where to write; - is standard output. A folder keeps names and subfolders. "
            "Default: NAME.unveiled.EXT beside each input.",
        ),
    ] = None,
    mask: Annotated[
        Path | None,
        typer.Option(
            metavar="MASK.png",
            help="Where the mark is: a picture of the same size, white on the mark and black "
            "elsewhere. Default: search for it.",
        ),
    ] = None,
    template: Annotated[
        Path | None,
        typer.Option(
            metavar="MARK.png",
            help="The mark itself, from `unveil template` or a logo with transparency: it is found "
            "at any place and size, and taken off exactly; nothing else is looked for.",
        ),
    ] = None,
    model: Model = DEFAULT_MODEL,
    method: Annotated[
        Method,
        typer.Option(
            help="auto: invert the blending where the picture shows through, fill in elsewhere; "
            "unblend or inpaint: only that.",
        ),
    ] = Method.AUTO,
    inpainter: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.safetensors",
            help="A network that fills in what is opaque, such as LaMa, instead of the built-in "
            "way (needs the lab extra).",
        ),
    ] = None,
    denoise: Annotated[
        bool,
        typer.Option(
            "--denoise",
            help="First take the noise off the whole picture; it is written even where no mark is "
            "found.",
        ),
    ] = False,
    confidence: Annotated[
        bool,
        typer.Option(
            "--confidence",
            help="Beside each OUTPUT that is written, OUTPUT.confidence.png: white where it is the "
            "picture's own, the darker the less of it showed through, black where it is filled in.",
        ),
    ] = False,
    as_json: AsJson = False,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite",
            help="Replace outputs that exist; an input only if -o names that very file.",
        ),
    ] = False,
    max_pixels: MaxPixels = DEFAULT_MAX_PIXELS,
) -> None:
    """Take the marks off pictures; keep format, size, and every pixel outside the marks.

    Where no mark is found, or the result would be no better, nothing is written beside the input;
    with -o (or to standard output) the input's own bytes are passed on, so that the output is
    complete. Earlier outputs (NAME.unveiled.EXT, NAME.mask.png) in a folder are passed over.
    Copyright fields, invisible watermarks and provenance records stay as they are.

    \b
    unveil remove photo.jpg                   writes photo.unveiled.jpg
    unveil remove photo.jpg -o clean.png      another name, another format
    unveil remove holiday/ -o cleaned/        a folder, at any depth
    unveil remove photo.jpg --mask mark.png   where the place of the mark is known
    unveil remove holiday/ --template logo.png   where the mark itself is known
    unveil remove - < photo.jpg > clean.jpg   in a pipe
    """
    jobs, as_file = plan(paths, output, NAMING, overwrite=overwrite)
    to_stdout = any(job.target is None and job.error is None for job in jobs)
    if as_json and to_stdout:
        raise UsageError(
            "expected --json or the picture on standard output, got both; name a file with -o"
        )
    if confidence and to_stdout:
        raise UsageError(
            "expected --confidence or the picture on standard output, got both; name a file with -o"
        )
    if output is not None and as_file and not to_stdout:
        _check_suffix(output)
    if mask is not None and not os.path.exists(mask):
        raise UsageError(f"{mask}: expected a picture as --mask, got no such file; check the name")
    if mask is not None and template is not None:
        raise UsageError("expected --mask or --template, got both; leave one out")
    known = None if template is None else Template.from_file(template)
    ready = any(job.error is None for job in jobs)
    remover = _remover(model, inpainter) if ready else None

    def work(job: Job) -> Outcome:
        assert remover is not None
        picture = read_picture(job, max_pixels)
        given = None if mask is None else read_mask(mask, picture.rgb.shape[:2])
        result = remover.remove(
            picture, mask=given, template=known, method=method.value, denoise=denoise
        )
        written = _deliver(
            result, job, always=output is not None, as_file=as_file, overwrite=overwrite
        )
        if confidence and written is not None:
            beside = f"{written}.confidence.png"
            write(grey_png(result.confidence), beside, overwrite=overwrite)
        return _outcome(result, written)

    raise typer.Exit(run(jobs, work, as_json=as_json))


def _remover(model: str, inpainter: Path | None) -> Remover:
    if inpainter is None:
        return Remover(model)
    from unveil.lab.inpainting import load_inpainter

    return Remover(model, inpaint=load_inpainter(inpainter))


def _check_suffix(output: str) -> None:
    """UsageError before any work where the output's suffix names no format."""
    try:
        format_for(output)
    except OutputError as error:
        raise UsageError(str(error)) from None


def _deliver(
    result: Result, job: Job, *, always: bool, as_file: bool, overwrite: bool
) -> str | None:
    """Write the result (an untouched picture only where `always`), and say where."""
    if job.target is None:
        sys.stdout.buffer.write(result.encode())
        sys.stdout.buffer.flush()
        return "-"
    if not (always or result.changed.any()):
        return None
    if not as_file:
        job.target.parent.mkdir(parents=True, exist_ok=True)
    result.save(job.target, overwrite=overwrite)
    return str(job.target)


def _outcome(result: Result, written: str | None) -> Outcome:
    report = result.report
    kept = "no file written" if written is None else f"passed on unchanged to {written}"
    if report.denoised and not report.marks:
        status, line = "done", f"-> {written}: noise taken off; {report.reason}"
    elif report.refused:
        status, line = "refused", f"left as it is: {report.reason}; {kept}"
    elif not result.found:
        status, line = "nothing_found", f"nothing found; {kept}"
    else:
        status = "done"
        known = [mark["opacity"] for mark in report.marks[:4] if mark["opacity"] is not None]
        opacities = f", opacity {', '.join(f'{opacity:.2f}' for opacity in known)}" * bool(known)
        count = len(report.marks)
        line = (
            f"-> {written}: {count} mark{'s' * (count != 1)}{opacities}, "
            f"{100 * report.marked_fraction:.1f} % of the picture, {report.seconds:.1f} s"
        )
    return Outcome(status, line, written, report.to_dict(), report.notes)
