"""What is left between the restored and the clean picture: how much, where, and how much of it is
the mark."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from unveil.lab.evaluation.metrics import psnr
from unveil.lab.figures.style import (
    BLUE,
    VERMILION,
    half_panel,
    picture_panels,
    show,
    show_map,
    styled,
    tint,
)

THRESHOLD = 0.1
"""A residual above this is a fault that an eye sees."""
_BINS = 100


def residual(first: NDArray, second: NDArray) -> NDArray[np.floating]:
    """|first - second|, the mean over the three channels: H x W (or B x H x W), in [0, 1]."""
    return np.abs(first.astype(np.float64) - second).mean(axis=-1)


@styled
def residual_histogram(restored: NDArray, clean: NDArray, mask: NDArray[np.bool_]) -> Figure:
    """Distribution of |restored - clean| over the pixels, under the mark and outside it.

    Pictures: [B x] H x W x 3, floats in [0, 1]; mask [B x] H x W. The counts are parts of each
    group, on a logarithmic scale: faults are few.
    """
    figure, axes = half_panel(2.5)
    error = residual(restored, clean)
    edges = np.linspace(0, max(float(error.max()), THRESHOLD), _BINS + 1)
    for name, where, colour in (("under the mark", mask, VERMILION), ("outside it", ~mask, BLUE)):
        if not where.any():
            continue
        share = np.histogram(error[where], edges)[0] / np.count_nonzero(where)
        label = f"{name}: median {np.median(error[where]):.4f}"
        axes.stairs(share, edges, color=colour, label=label)
    axes.axvline(THRESHOLD, color="gray", linewidth=0.7, linestyle=":")
    axes.set(yscale="log", xlabel="|restored - clean| (0 to 1)", ylabel="part of the pixels")
    axes.legend()
    return figure


@styled
def residual_error(restored: NDArray, clean: NDArray, threshold: float = THRESHOLD) -> Figure:
    """Where the restored picture is wrong: heat map, pixels above a threshold, overlay.

    Pictures: H x W x 3, floats in [0, 1]. The overlay shows the clean picture in grey and the
    pixels above the threshold in colour.
    """
    error = residual(restored, clean)
    wrong = error > threshold
    figure, axes = picture_panels(1, 3, clean.shape, scales=True)
    top = max(float(error.max()), threshold)
    show_map(axes[0, 0], error, "residual", "|restored - clean| (0 to 1)", (0, top))
    show(axes[0, 1], wrong, f"above {threshold:g}: {wrong.mean():.2%} of the pixels")
    show(axes[0, 2], tint(clean, {VERMILION: wrong}), "those over the clean picture")
    return figure


@styled
def watermark_residual(
    marked: NDArray, restored: NDArray, clean: NDArray, mask: NDArray[np.bool_]
) -> Figure:
    """How much of the mark came off: the mark, what the network took away, what remains.

    Pictures: H x W x 3, floats in [0, 1]; mask H x W. One scale for all; what remains outside the
    mask is damage that the network did.
    """
    maps = residual(marked, clean), residual(marked, restored), residual(restored, clean)
    the_mark, taken, left = maps
    limits = (0.0, max(*(float(each.max()) for each in maps), 1 / 255))
    figure, axes = picture_panels(1, 4, clean.shape, scales=True)
    show(axes[0, 0], restored, f"restored, {psnr(restored, clean):.2f} dB")
    show_map(axes[0, 1], the_mark, "the mark", "|marked - clean| (0 to 1)", limits)
    show_map(axes[0, 2], taken, "taken away", "|marked - restored| (0 to 1)", limits)
    title = _share_left(the_mark, left, mask)
    show_map(axes[0, 3], left, title, "|restored - clean| (0 to 1)", limits)
    axes[0, 3].contour(mask, levels=[0.5], colors="white", linewidths=0.4)
    return figure


def _share_left(the_mark: NDArray, left: NDArray, mask: NDArray[np.bool_]) -> str:
    if not mask.any():
        return "left"
    return f"left: {left[mask].sum() / max(the_mark[mask].sum(), 1e-9):.0%} under the mark"
