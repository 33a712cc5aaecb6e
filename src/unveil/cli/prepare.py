"""``unveil prepare``: get a folder of pictures ready for training."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from unveil.cli import EXIT_FAILED
from unveil.cli._console import say
from unveil.cli._run import progress


def prepare(
    folder: Annotated[Path, typer.Argument(help="Pictures, at any depth.", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FOLDER",
            help="A new folder for train/, validation/ and test/; without it nothing is written.",
        ),
    ] = None,
    least_px: Annotated[
        int, typer.Option(min=1, help="Leave out pictures whose shorter side is less.")
    ] = 256,
) -> None:
    """Check every picture of a folder, leave out duplicates, and split the rest 70/20/10.

    Broken, small and repeated pictures are named and left out; nothing is changed or deleted. The
    part that a picture belongs to depends on its bytes alone. `unveil train --pictures` takes the
    new folder as it is, and splits an unprepared one in the same way.

    unveil prepare holiday/ -o prepared/
    """
    from unveil.lab.data.prepare import inspect, share_out
    from unveil.lab.synthesis.pictures import find_pictures

    paths = find_pictures(folder)
    with progress(len(paths)) as (advance, _):
        inspection = inspect(paths, least_px, advance)
    for each in inspection.left_out:
        say(f"{each.kind}: {each.why}")
    kinds = Counter(each.kind for each in inspection.left_out)
    parts = [f"{len(inspection.kept)} good", *(f"{count} {kind}" for kind, count in kinds.items())]
    say(f"{len(paths)} pictures: {', '.join(parts)}")
    if not inspection.kept:
        raise typer.Exit(EXIT_FAILED)
    if output is not None:
        counts = share_out(inspection, folder, output)
        say(f"{output}: " + ", ".join(f"{count} in {part}/" for part, count in counts.items()))
