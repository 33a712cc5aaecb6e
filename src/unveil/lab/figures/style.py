"""One style for all figures, fit for a paper: sizes in inches, readable letters, colours that the
colour-blind tell apart (Okabe and Ito, 2008), perceptually uniform maps.

Figures are made without pyplot: no window, no global list of open figures.
"""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from cycler import cycler
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray

from unveil.codecs import write

WIDTH_IN = 7.2
"""Width of a figure: two columns of a paper, with letters of 8 points."""
DOTS_PER_INCH = 200

BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, BLACK = "#E69F00", "#56B4E9", "#000000"
CYCLE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK)
GREY = "#555555"

ERROR_MAP, QUALITY_MAP, SIGNED_MAP = "magma", "viridis", "RdBu_r"
"""Colour maps: for errors and attention (bright is much), quality (bright is good), and signed
values (white is 0)."""

styled = rc_context(
    {
        "font.size": 8,
        "axes.titlesize": 7.5,
        "axes.labelsize": 7.5,
        "xtick.labelsize": 7,
        "ytick.labelsize": 7,
        "legend.fontsize": 7,
        "legend.frameon": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.6,
        "axes.grid": True,
        "grid.color": "#e4e4e4",
        "grid.linewidth": 0.5,
        "axes.axisbelow": True,
        "axes.prop_cycle": cycler(color=CYCLE),
        "figure.titlesize": 8,
        "lines.linewidth": 1.3,
        "image.interpolation": "nearest",
    }
)
"""Decorator: the function draws in this style."""


def panels(rows: int, columns: int, height_in: float) -> tuple[Figure, NDArray[Any]]:
    """A figure of the full width and its axes, rows x columns."""
    figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)


def half_panel(height_in: float) -> tuple[Figure, Axes]:
    """A figure of half the width, one column of a paper, and its axes."""
    figure = Figure(figsize=(WIDTH_IN / 2, height_in), layout="constrained")
    return figure, figure.subplots()


def picture_panels(
    rows: int, columns: int, size_hw: tuple[int, ...], scales: bool = False
) -> tuple[Figure, NDArray[Any]]:
    """Axes for pictures of this height and width, without ticks; scales: with room below each row
    for the colour scales of maps."""
    width_in = WIDTH_IN / max(columns, 2)
    height_in = width_in * size_hw[0] / size_hw[1] + (0.75 if scales else 0.3)
    figure = Figure(figsize=(width_in * columns, rows * height_in), layout="compressed")
    axes = figure.subplots(rows, columns, squeeze=False)
    for each in axes.flat:
        each.set(xticks=[], yticks=[], anchor="N")
        each.grid(False)
        each.spines[:].set_visible(False)
    return figure, axes


def show(axes: Axes, picture: NDArray, title: str = "") -> None:
    """A picture: H x W x 3 or H x W, floats in [0, 1] or bool; never stretched."""
    axes.imshow(np.clip(picture.astype(np.float32), 0, 1), cmap="gray", vmin=0, vmax=1)
    axes.set_title(title)


def show_map(
    axes: Axes,
    values: NDArray,
    title: str,
    label: str,
    limits: tuple[float, float],
    colours: str = ERROR_MAP,
) -> None:
    """A map of numbers, H x W, with its scale and the scale's label."""
    image = axes.imshow(values, cmap=colours, vmin=limits[0], vmax=limits[1])
    axes.set_title(title)
    figure = axes.get_figure()
    assert figure is not None
    scale = figure.colorbar(image, ax=axes, location="bottom", fraction=0.06, pad=0.03, aspect=30)
    scale.set_label(label)
    scale.outline.set_visible(False)  # type: ignore[operator]


def tint(picture: NDArray, masks: Mapping[str, NDArray[np.bool_]]) -> NDArray:
    """The picture in grey, at half strength, with the pixels of masks in the colours that they are
    given by."""
    tinted = np.repeat(0.4 + 0.6 * picture.mean(axis=-1, keepdims=True), 3, axis=-1)
    for colour, mask in masks.items():
        tinted[mask] = to_rgb(colour)
    return tinted


def shortened(name: str, most: int = 20) -> str:
    """A dotted name without as many of its first parts as make it longer than so many letters."""
    while len(name) > most and "." in name:
        name = name.partition(".")[2]
    return name


def label_rows(axes: NDArray[Any], labels: Sequence[str]) -> None:
    """Write a label left of each row of axes."""
    for each, label in zip(axes[:, 0], labels, strict=True):
        each.set_ylabel(label)


def save(figure: Figure, path: Path) -> None:
    """Write a figure without empty margins, in the format that the path ends in (png, pdf).

    Raises OutputError where it cannot be written.
    """
    stream = io.BytesIO()
    figure.savefig(
        stream,
        format=path.suffix.removeprefix("."),
        dpi=DOTS_PER_INCH,
        bbox_inches="tight",
        pad_inches=0.04,
    )
    write(stream.getvalue(), path, overwrite=True)
