"""Runs beside each other: a table of their best validations, and their curves over each other."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from unveil.errors import UsageError
from unveil.lab.evaluation.report import align
from unveil.lab.figures.curves import MEASURES, compared, has_measure
from unveil.lab.figures.visualize import describe_best

if TYPE_CHECKING:
    from unveil.lab.training.folder import Run


def run_names(runs: Sequence["Run"]) -> list[str]:
    """The names of the runs' folders, with as many folders above as it takes to tell them apart."""
    paths = [run.folder.resolve().parts for run in runs]
    for depth in range(1, max(map(len, paths)) + 1):
        names = ["/".join(parts[-depth:]) for parts in paths]
        if len(set(names)) == len(names):
            return names
    raise UsageError("expected each run once; one was named twice: leave it out")


def comparison_table(runs: Sequence["Run"]) -> str:
    """Plain text, a line per run: recipe, length, and the best validation of each measure that any
    of the runs recorded. Raises UsageError where a run has none behind it."""
    measures = [name for name in MEASURES if any(has_measure(run.history, name) for run in runs)]
    rows = []
    for name, run in zip(run_names(runs), runs, strict=True):
        if not len(run.history["step"]):
            raise UsageError(f"{run.folder}: expected a run with a validation behind it; train on")
        last = {column: run.history[column][-1] for column in ("epoch", "samples", "minutes")}
        row = {
            "run": name,
            "recipe": type(run.recipe).__name__.removesuffix("Recipe"),
            "epochs": f"{last['epoch']:.4g}",
            "samples": f"{last['samples']:,.0f}",
            "minutes": f"{last['minutes']:.1f}",
        }
        for measure in measures:
            heading = MEASURES[measure].removesuffix(" (dB)")
            row[heading] = describe_best(run.history, measure) or "-"
        rows.append(row)
    return align([list(rows[0]), *(list(row.values()) for row in rows)])


def comparison_figure(runs: Sequence["Run"], against: str = "epoch") -> Figure:
    """:func:`curves.compared` of runs, under their names."""
    histories = {name: run.history for name, run in zip(run_names(runs), runs, strict=True)}
    return compared(histories, against)
