"""unveil compare: runs over each other, in one figure and one table."""

from pathlib import Path
from typing import Annotated

import typer

from unveil.cli._console import say
from unveil.errors import UsageError


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(metavar="RUN...", show_default=False, help="Folders of training runs."),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The figure to write (.png or .pdf).")
    ] = Path("comparison.png"),
    against: Annotated[
        str, typer.Option(help="What the curves run over: epoch, step, samples or minutes.")
    ] = "epoch",
) -> None:
    """Draw the validation curves of runs over each other, and print their best validations.

    unveil compare runs/noisy-targets runs/clean-targets
    """
    from unveil.lab.figures.comparison import comparison_figure, comparison_table
    from unveil.lab.figures.curves import ABSCISSAS
    from unveil.lab.figures.style import save
    from unveil.lab.training.folder import load_run

    if against not in ABSCISSAS:
        raise UsageError(f"--against {against}: expected one of {', '.join(ABSCISSAS)}")
    if output.suffix not in (".png", ".pdf"):
        raise UsageError(f"{output}: expected a figure ending in .png or .pdf; name it so")
    opened = [load_run(run) for run in runs]
    print(comparison_table(opened))
    save(comparison_figure(opened, against), output)
    say(f"curves written to {output}")
