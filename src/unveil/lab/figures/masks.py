"""How good the masks of a segmenter are: precision against recall, confusion, F1 over the epochs.

All pixels of a set are pooled. probability: floats in [0, 1]; mask: bool of the same shape.
"""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from unveil.errors import UsageError
from unveil.lab.evaluation.metrics import mask_counts
from unveil.lab.figures.curves import (
    History,
    best_row,
    describe_place,
    draw_column,
    has_measure,
)
from unveil.lab.figures.style import BLUE, VERMILION, half_panel, styled

_LEVELS = 512
"""Thresholds at which precision and recall are counted."""


def precision_and_recall(
    probability: NDArray, mask: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Thresholds from 0 up, and precision and recall of the pixels at or above each.

    Precision is 1 where no pixel is above, recall is 1 where no pixel is marked.
    """
    level = np.minimum((probability.astype(np.float64) * _LEVELS).astype(np.int64), _LEVELS - 1)
    hit = np.bincount(level[mask], minlength=_LEVELS)[::-1].cumsum()[::-1]
    found = np.bincount(level.ravel(), minlength=_LEVELS)[::-1].cumsum()[::-1]
    marked = int(mask.sum())
    precision = np.divide(hit, found, out=np.ones(_LEVELS), where=found > 0)
    recall = hit / marked if marked else np.ones(_LEVELS)
    return np.arange(_LEVELS) / _LEVELS, precision, recall


def average_precision(precision: NDArray, recall: NDArray) -> float:
    """Sum of the precisions weighted by the rise in recall from each threshold to the next lower
    one: the area under the curve, not interpolated."""
    return float((precision * -np.diff(recall, append=0.0)).sum())


@styled
def precision_recall(
    probability: NDArray, mask: NDArray[np.bool_], threshold: float = 0.5
) -> Figure:
    """Precision against recall over all thresholds; marked: the threshold in use and the one of the
    best F1."""
    thresholds, precision, recall = precision_and_recall(probability, mask)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    figure, axes = half_panel(2.9)
    axes.plot(recall, precision, color=BLUE)
    for name, place, marker in (
        ("best", int(f1.argmax()), "o"),
        ("in use", int(np.abs(thresholds - threshold).argmin()), "s"),
    ):
        label = f"{name}: threshold {thresholds[place]:.2f}, F1 {f1[place]:.3f}"
        axes.plot(
            recall[place], precision[place], marker, color=VERMILION, fillstyle="none", label=label
        )
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.02), aspect="equal")
    axes.set_title(f"average precision {average_precision(precision, recall):.3f}")
    axes.legend(loc="lower left")
    return figure


@styled
def confusion_matrix(
    probability: NDArray, mask: NDArray[np.bool_], threshold: float = 0.5
) -> Figure:
    """Pixels by truth (rows) and finding (columns), as parts of each row, with their numbers."""
    found = probability > threshold
    numbers = np.array(
        [[np.count_nonzero((mask == truth) & (found == seen)) for seen in (True, False)]
         for truth in (True, False)]
    )  # fmt: skip
    parts = numbers / np.maximum(numbers.sum(axis=1, keepdims=True), 1)
    figure, axes = half_panel(2.9)
    axes.grid(False)
    axes.imshow(parts, cmap="Blues", vmin=0, vmax=1)
    for (row, column), part in np.ndenumerate(parts):
        text = f"{part:.1%}\n{numbers[row, column]:,} px"
        colour = "white" if part > 0.5 else "black"
        axes.text(column, row, text, ha="center", va="center", color=colour)
    axes.set_xticks([0, 1], ["found", "not found"])
    axes.set_yticks([0, 1], ["marked", "unmarked"])
    axes.set(xlabel=f"network, probability over {threshold:g}", ylabel="truth")
    counts = mask_counts(found.reshape(1, -1), mask.reshape(1, -1))
    axes.set_title(f"F1 {counts.f1:.3f}, IoU {counts.iou:.3f}")
    return figure


@styled
def f1_over_epochs(history: History, against: str = "epoch") -> Figure:
    """F1, precision and recall of the validation masks, and F1 by opacity where it was recorded.

    Raises UsageError where the run recorded no F1.
    """
    best = best_row(history, "f1")
    if best is None:
        raise UsageError("expected a run whose validation measures masks; this one recorded no F1")
    figure, axes = half_panel(2.7)
    for name, label in (("f1", "F1"), ("precision", "precision"), ("recall", "recall")):
        if has_measure(history, name):
            draw_column(axes, history, f"val_{name}", against, label=label)
    for name in (column for column in history if column.startswith("val_f1_from_")):
        label = f"F1, opacity from {name.removeprefix('val_f1_from_')}"
        draw_column(axes, history, name, against, label=label, linestyle="--", linewidth=0.8)
    x, y = history[against][best], history["val_f1"][best]
    axes.plot(x, y, "o", color=BLUE, markersize=6, fillstyle="none")
    axes.set(ylabel="of the validation masks", ylim=(0, 1.02))
    axes.set_title(f"best F1 {y:.3f} at {describe_place(against, x)}")
    axes.legend()
    return figure
