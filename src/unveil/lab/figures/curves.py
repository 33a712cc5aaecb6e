"""Curves of training runs: what a history recorded, over epochs, steps, samples or minutes."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator
from numpy.typing import NDArray

from unveil.errors import UsageError
from unveil.lab.figures.style import BLUE, CYCLE, VERMILION, half_panel, panels, styled

History = Mapping[str, NDArray[np.floating]]
"""A run's columns by name, one number per validation; NaN where a column has none there."""

ABSCISSAS = {
    "epoch": "epoch",
    "step": "training step",
    "samples": "training samples",
    "minutes": "training time (minutes)",
}
MEASURES = {
    "loss": "loss",
    "psnr": "PSNR (dB)",
    "ssim": "SSIM",
    "f1": "mask F1",
    "precision": "mask precision",
    "recall": "mask recall",
}
"""Columns (after train_ or val_) and how an axis names them."""
FALLING = frozenset({"loss"})
"""Measures of which the least is the best."""
_MARKED_UP_TO = 40
"""A curve of at most so many points shows each of them."""


@styled
def training_progress(
    history: History,
    measures: Sequence[str] = ("loss", "psnr", "ssim", "f1"),
    against: str = "epoch",
) -> Figure:
    """Measures of training and validation side by side, those that the run recorded.

    Raises UsageError where it recorded none of them, or no such abscissa.
    """
    recorded = [name for name in measures if has_measure(history, name)]
    if not recorded:
        raise UsageError(
            f"expected a history with one of {', '.join(measures)}; it has {', '.join(history)}"
        )
    if len(recorded) == 1:
        figure, axes = half_panel(2.4)
        _draw_measure(axes, history, recorded[0], against)
        return figure
    figure, axes = panels(1, len(recorded), 2.3)
    for each, measure in zip(axes.flat, recorded, strict=True):
        _draw_measure(each, history, measure, against)
    return figure


@styled
def learning_rate(history: History, against: str = "epoch") -> Figure:
    """The learning rate, on a logarithmic scale."""
    figure, axes = half_panel(2.4)
    draw_column(axes, history, "rate", against, color=BLUE)
    axes.set(yscale="log", ylabel="learning rate")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter("{x:g}")
    return figure


@styled
def loss_parts(history: History, against: str = "epoch") -> Figure:
    """The named parts of the validation loss over each other, on a logarithmic scale.

    Raises UsageError where the run recorded none.
    """
    names = parts_of_loss(history)
    if not names:
        raise UsageError("expected a loss of several parts; this run recorded none")
    figure, axes = half_panel(2.6)
    for name in names:
        draw_column(axes, history, f"val_{name}", against, label=name.replace("_", " "))
    axes.set(yscale="log", ylabel="validation loss")
    axes.legend()
    return figure


@styled
def compared(histories: Mapping[str, History], against: str = "epoch") -> Figure:
    """Any number of runs over each other: validation loss, PSNR, SSIM, mask F1, as far as recorded.

    histories: by the name that the legend gives. Raises UsageError where none has any of these.
    """
    measures = [
        name
        for name in ("loss", "psnr", "ssim", "f1")
        if any(_recorded(history, f"val_{name}") for history in histories.values())
    ]
    if not measures:
        raise UsageError("expected runs with a validated epoch; none has one yet: train on first")
    figure, axes = panels(1, len(measures), 2.3 + 0.16 * len(histories))
    for axis, measure in zip(axes.flat, measures, strict=True):
        for number, (name, history) in enumerate(histories.items()):
            if _recorded(history, f"val_{measure}"):
                style = {"color": CYCLE[number % len(CYCLE)], "linestyle": _dashes(number)}
                draw_column(axis, history, f"val_{measure}", against, label=name, **style)
        axis.set_ylabel(f"validation {MEASURES[measure]}")
    shown = {}
    for axis in axes.flat:
        shown |= dict(zip(*axis.get_legend_handles_labels()[::-1], strict=True))
    figure.legend(shown.values(), shown.keys(), loc="outside lower center", ncols=2)
    return figure


def has_measure(history: History, measure: str) -> bool:
    """Whether the run recorded a measure, in training or in validation."""
    return _recorded(history, f"train_{measure}") or _recorded(history, f"val_{measure}")


def parts_of_loss(history: History) -> list[str]:
    """Names of the parts of the loss: what was recorded of training and validation alike and is no
    measure of its own."""
    return [
        name.removeprefix("val_")
        for name in history
        if name.startswith("val_")
        and name.replace("val_", "train_", 1) in history
        and name.removeprefix("val_") not in MEASURES
        and not name.startswith("val_f1_")
    ]


def best_row(history: History, measure: str) -> int | None:
    """The row at which the validation of a measure is best; None where it was never recorded."""
    values = history.get(f"val_{measure}")
    if values is None or np.isnan(values).all():
        return None
    return int(np.nanargmin(values) if measure in FALLING else np.nanargmax(values))


def describe_place(against: str, x: float) -> str:
    """Where on the abscissa, in words: step 400, epoch 12.5, 1,024 samples, 3.5 minutes."""
    number = f"{x:,.1f}".removesuffix(".0")
    return f"{number} {against}" if against in ("samples", "minutes") else f"{against} {number}"


def draw_column(axes: Axes, history: History, column: str, against: str, **style: object) -> None:
    """One column against another, rows without a value left out."""
    if against not in ABSCISSAS or against not in history:
        known = ", ".join(name for name in ABSCISSAS if name in history)
        raise UsageError(f"{against}: expected one of {known} to draw the curves against")
    x, y = history[against], history[column]
    there = ~(np.isnan(x) | np.isnan(y))
    marker = "." if np.count_nonzero(there) <= _MARKED_UP_TO else ""
    axes.plot(x[there], y[there], marker=marker, markersize=4, **style)  # type: ignore[arg-type]
    axes.set_xlabel(ABSCISSAS[against])
    axes.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], min_n_ticks=3))
    axes.xaxis.set_major_formatter("{x:,g}")


def _draw_measure(axes: Axes, history: History, measure: str, against: str) -> None:
    for part, name, colour in (("train", "training", BLUE), ("val", "validation", VERMILION)):
        if _recorded(history, f"{part}_{measure}"):
            draw_column(axes, history, f"{part}_{measure}", against, label=name, color=colour)
    best = best_row(history, measure)
    if best is not None:
        x, y = history[against][best], history[f"val_{measure}"][best]
        axes.plot(x, y, "o", color=VERMILION, markersize=6, fillstyle="none")
        axes.set_title(f"best validation {y:.4g} at {describe_place(against, x)}", fontsize=7)
    axes.set_ylabel(MEASURES.get(measure, measure))
    axes.legend()


def _recorded(history: History, column: str) -> bool:
    return column in history and not np.isnan(history[column]).all()


def _dashes(number: int) -> str:
    """Solid for the first runs, dashed and dotted once the colours begin again."""
    return ("-", "--", ":")[number // len(CYCLE) % 3]
