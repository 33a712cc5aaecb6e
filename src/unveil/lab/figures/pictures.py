"""Pictures beside each other: what went in, what came out, what was true, and a batch as fed."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from unveil.lab.evaluation.metrics import psnr
from unveil.lab.figures.style import (
    BLUE,
    GREEN,
    VERMILION,
    label_rows,
    picture_panels,
    show,
    styled,
    tint,
)


@styled
def side_by_side(marked: NDArray, restored: NDArray, clean: NDArray) -> Figure:
    """One row per picture: marked, restored, clean, with the PSNR against the clean one in dB.

    Pictures: B x H x W x 3, floats in [0, 1].
    """
    figure, axes = picture_panels(len(marked), 3, clean.shape[1:])
    for line, before, after, truth in zip(axes, marked, restored, clean, strict=True):
        show(line[0], before, f"marked, {psnr(before, truth):.2f} dB")
        show(line[1], after, f"restored, {psnr(after, truth):.2f} dB")
        show(line[2], truth, "clean")
    return figure


@styled
def masks_side_by_side(
    marked: NDArray, probability: NDArray, mask: NDArray[np.bool_], threshold: float = 0.5
) -> Figure:
    """One row per picture: marked, probability of a mark, mask found, true mask.

    marked: B x H x W x 3, floats in [0, 1]; probability B x H x W in [0, 1]; mask bool B x H x W.
    """
    figure, axes = picture_panels(len(marked), 4, marked.shape[1:])
    for line, picture, chance, truth in zip(axes, marked, probability, mask, strict=True):
        show(line[0], picture, "marked")
        show(line[1], chance, "probability, 0 to 1")
        show(line[2], chance > threshold, f"found (over {threshold:g})")
        show(line[3], truth, "true mask")
    return figure


@styled
def found_and_restored(
    marked: NDArray,
    found: NDArray[np.bool_],
    mask: NDArray[np.bool_],
    restored: NDArray,
    clean: NDArray,
    labels: Sequence[str],
) -> Figure:
    """One row per picture: marked, the mask that was found against the true one, restored, clean.

    Pictures: B x H x W x 3, floats in [0, 1]; found and mask (the true one): bool B x H x W;
    labels: one a row.
    """
    figure, axes = picture_panels(len(marked), 4, marked.shape[1:])
    rows = zip(axes, marked, found, mask, restored, clean, strict=True)
    for line, before, seen, true, after, truth in rows:
        colours = {GREEN: seen & true, VERMILION: true & ~seen, BLUE: seen & ~true}
        show(line[0], before, "marked")
        show(line[1], tint(before, colours), "green: found, red: missed, blue: false")
        show(line[2], after, "restored")
        show(line[3], truth, "clean")
    label_rows(axes, labels)
    return figure


@styled
def batch_as_fed(fields: Mapping[str, NDArray], limit: int = 6) -> Figure:
    """A batch as the training step gets it: one row per field, one column per sample.

    fields: by name, B x H x W x 3 or B x H x W, floats in [0, 1] or bool. limit: samples shown.
    """
    some = next(iter(fields.values()))
    count = min(len(some), limit)
    figure, axes = picture_panels(len(fields), count, some.shape[1:])
    for line, values in zip(axes, fields.values(), strict=True):
        for each, picture in zip(line, values[:count], strict=True):
            show(each, picture)
    label_rows(axes, [name.replace("_", " ") for name in fields])
    return figure
