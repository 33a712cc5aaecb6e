"""``unveil template``: make a template of a known mark."""

from pathlib import Path
from typing import Annotated

import typer

from unveil.cli import EXIT_CODES
from unveil.cli._console import say
from unveil.cli._options import Paths
from unveil.cli._plan import pictures_of
from unveil.cli._run import progress
from unveil.cli.remove import NAMING
from unveil.errors import UsageError
from unveil.templates.collection import MOST_PICTURES
from unveil.templates.template import Template

template = typer.Typer(
    no_args_is_help=True,
    help="Make a template of a known mark: a PNG with its matte and colour, and a JSON beside it. "
    "`unveil remove --template` takes the mark off exactly with it.",
    epilog=EXIT_CODES,
)

Output = Annotated[
    Path, typer.Option("-o", "--output", metavar="MARK.template.png", help="What to write.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace outputs that exist.")]


@template.command("from-flats")
def from_flats(
    paths: Paths,
    output: Output,
    colour: Annotated[
        str | None,
        typer.Option(
            metavar="R,G,B",
            help="The mark's colour, 0 to 255 each, where all flats have one colour.",
        ),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """From the mark stamped on evenly coloured pictures.

    Two flats of different colour give the mark exactly; a third of middle grey tells its blend mode
    and light. One leaves its opacity open: it is taken to be the least that explains the mark,
    unless its colour is given.

    \b
    unveil template from-flats black.png grey.png white.png -o mark.template.png
    unveil template from-flats grey.png --colour 255,255,255 -o mark.template.png
    """
    flats = pictures_of(paths, NAMING)
    _deliver(Template.from_flats(flats, colour=_parsed(colour)), output, overwrite)


@template.command("from-pictures")
def from_pictures(
    paths: Paths,
    output: Output,
    region: Annotated[
        str | None,
        typer.Option(
            metavar="X,Y,W,H", help="Where to look for the mark, in pixels. Default: everywhere."
        ),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """From pictures that all bear the mark, at one place or at one distance from a corner.

    Eight pictures are enough to begin with; thirty are good.

    \b
    unveil template from-pictures holiday/ -o mark.template.png
    """
    pictures = pictures_of(paths, NAMING)
    with progress(2 * min(len(pictures), MOST_PICTURES)) as (advance, _):  # each is read twice
        made = Template.from_pictures(
            pictures,
            region_xywh=None if region is None else _region(region),
            progress=lambda _done, _all: advance(),
        )
    _deliver(made, output, overwrite)


def _deliver(made: Template, output: Path, overwrite: bool) -> None:
    made.save(output, overwrite=overwrite)
    height, width = made.matte.shape
    error = "" if made.error is None else f" +- {made.error:.3f}"
    say(
        f"{output}: {width} x {height} pixels, opacity up to {made.matte.max():.3f}{error},"
        f" blend {made.blend}, {made.light}; {made.source}"
    )


def _parsed(colour: str | None) -> list[float] | None:
    if colour is None:
        return None
    levels = _whole_numbers(colour, "--colour", 3)
    if not all(0 <= level <= 255 for level in levels):
        raise UsageError(f"expected --colour R,G,B of 0 to 255 each; got {colour}")
    return [level / 255 for level in levels]


def _region(text: str) -> tuple[int, int, int, int]:
    x, y, width, height = _whole_numbers(text, "--region", 4)
    return x, y, width, height


def _whole_numbers(text: str, option: str, count: int) -> tuple[int, ...]:
    parts = text.split(",")
    if len(parts) != count or not all(part.strip().lstrip("-").isdigit() for part in parts):
        raise UsageError(f"expected {option} as {count} whole numbers with commas; got {text}")
    return tuple(int(part) for part in parts)
