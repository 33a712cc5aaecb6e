"""unveil visualize: all figures of a run, and a page that shows them."""

from pathlib import Path
from typing import Annotated

import typer

from unveil.cli._console import progress, say
from unveil.errors import UsageError


def visualize(
    run: Annotated[Path, typer.Argument(show_default=False, help="The folder of a training run.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", show_default=False, help="Folder for the figures; else RUN/figures."
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            metavar="LEFT,TOP,WIDTH,HEIGHT",
            show_default=False,
            help="A box of the crop, in pixels: also explain what the network does there.",
        ),
    ] = None,
) -> None:
    """Draw every figure that applies to a run, and one page that shows them with captions.

    unveil visualize runs/mine

    unveil visualize runs/mine --target 40,60,32,32
    """
    from unveil.lab.figures.plans import FIGURES
    from unveil.lab.figures.subject import Subject
    from unveil.lab.figures.visualize import visualize as draw
    from unveil.lab.training.folder import load_run

    opened = load_run(run)
    subject = Subject.of(opened, None if target is None else _box(target))
    facts = {"recipe": type(opened.recipe).__name__, "checkpoint": opened.best_checkpoint.name}
    with progress("figures", len(FIGURES)) as advance:
        written = draw(subject, output or run / "figures", opened.name, facts, advance)
    for title, reason in written.left_out.items():
        say(f"left out: {title}: {reason}")
    typer.echo(f"{len(written.shown)} figures: {written.page}")


def _box(text: str) -> tuple[int, int, int, int]:
    """Raises UsageError where the text is not four whole numbers."""
    try:
        left, top, width, height = (int(part) for part in text.split(","))
    except ValueError:
        raise UsageError(
            f"--target {text}: expected LEFT,TOP,WIDTH,HEIGHT in pixels, such as 40,60,32,32"
        ) from None
    return left, top, width, height
