"""How a network is built: a diagram of its stages and a table of its parameters."""

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from torch import Tensor, nn

from unveil.lab.figures.stages import PICTURE, Stage, count_parameters, find_stages
from unveil.lab.figures.style import BLUE, GREY, SKY, VERMILION, WIDTH_IN, shortened, styled

_BOX_WH = (0.62, 0.9)
_LEVEL = 1.3
"""Distance of two rows of boxes; a row holds the stages of one resolution."""


@styled
def network_diagram(network: nn.Module, picture: Tensor) -> Figure:
    """The stages from left to right in the order of computation, each on the row of its resolution.

    picture: [B, 3, H, W], to run the network on. Arrows say which stage reads which; those that
    pass over others (skip connections) are coloured.
    """
    stages = find_stages(network, picture)
    places = _places(stages, picture.shape[2])
    rows = len({y for _, y in places.values()})
    figure = Figure(
        figsize=(max(WIDTH_IN, 0.28 * len(places) + 0.6), 1.15 * rows + 0.75), layout="constrained"
    )
    axes = figure.subplots()
    axes.axis("off")
    _box(axes, places[PICTURE], "picture", f"{picture.shape[1]}", VERMILION)
    for place, stage in enumerate(stages):
        _box(axes, places[place], stage.label, f"{stage.maps.shape[1]}", BLUE)
        for source in stage.sources:
            _arrow(axes, source, place, places)
    width = _BOX_WH[0]
    axes.set(xlim=(-width, len(stages) + width), ylim=_limits([y for _, y in places.values()]))
    for y in {y for _, y in places.values()}:
        height_px = round(picture.shape[2] * 2 ** (y / _LEVEL))
        axes.text(
            -width - 0.1, y, f"{height_px} px", fontsize=6, color=GREY, ha="right", va="center"
        )
    total, moved = count_parameters(network), count_parameters(network, trainable=True)
    axes.set_title(
        f"{type(network).__name__}: {total:,} parameters, {moved:,} trainable;"
        " channels below the boxes, height of the maps at the left"
    )
    return figure


@styled
def parameter_table(network: nn.Module, picture: Tensor) -> Figure:
    """A row per stage: name, kind of module, size of its output, parameters, their share.

    picture: [B, 3, H, W], to run the network on.
    """
    rows = parameter_rows(network, picture)
    figure = Figure(figsize=(WIDTH_IN, 0.17 * (len(rows) + 1) + 0.1))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    columns = ("stage", "module", "output C x H x W", "parameters", "share")
    table = axes.table(
        rows,
        colLabels=columns,
        colWidths=(0.32, 0.24, 0.2, 0.14, 0.1),
        bbox=(0, 0, 1, 1),  # type: ignore[arg-type]
    )
    table.auto_set_font_size(False)
    table.set_fontsize(7)
    for (row, column), cell in table.get_celld().items():
        cell.visible_edges = "B" if row in (0, len(rows) - 1) else ""
        cell.set_edgecolor(GREY)
        cell.set_text_props(
            ha="left" if column < 2 else "right", weight="bold" if not row else None
        )
    return figure


def parameter_rows(network: nn.Module, picture: Tensor) -> list[tuple[str, ...]]:
    """The rows of :func:`parameter_table` as text; the last one is the total, and one before it
    holds the parameters outside all stages, if there are any."""
    stages = find_stages(network, picture)
    total = count_parameters(network)
    rows = [
        (
            stage.label,
            type(stage.module).__name__,
            " x ".join(str(side) for side in stage.maps.shape[1:]),
            f"{stage.parameters:,}" if not stage.call else "shared",
            f"{stage.parameters / total:.1%}" if not stage.call else "",
        )
        for stage in stages
    ]
    others = total - sum(stage.parameters for stage in stages)
    if others:
        rows.append(("outside all stages", "", "", f"{others:,}", f"{others / total:.1%}"))
    moved = count_parameters(network, trainable=True)
    rows.append(("total", "", f"trainable: {moved:,}", f"{total:,}", "100.0%"))
    return rows


def _places(stages: list[Stage], height_px: int) -> dict[int, tuple[float, float]]:
    """Centre of each box: x counts the stages, y falls by _LEVEL with each halving of the size."""
    places = {PICTURE: (0.0, 0.0)}
    for place, stage in enumerate(stages):
        level = math.log2(stage.maps.shape[2] / height_px)
        places[place] = (float(place + 1), round(level) * _LEVEL)
    return places


def _limits(heights: list[float]) -> tuple[float, float]:
    return min(heights) - 0.75 * _LEVEL, max(heights) + 0.85 * _LEVEL


def _box(axes: Axes, at_xy: tuple[float, float], name: str, channels: str, colour: str) -> None:
    width, height = _BOX_WH
    x, y = at_xy
    axes.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height / 2),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=0.12",
            facecolor="white",
            edgecolor=colour,
            linewidth=0.8,
        )
    )
    label = shortened(name, 17)
    size = 5.5 * min(1, 15 / len(label))
    axes.text(x, y, label, rotation=90, fontsize=size, ha="center", va="center")
    axes.text(x, y - height / 2 - 0.04, channels, fontsize=5.5, color=GREY, ha="center", va="top")


def _arrow(axes: Axes, source: int, target: int, places: dict[int, tuple[float, float]]) -> None:
    (x1, y1), (x2, y2) = places[source], places[target]
    skips = target - source > 1
    between = any(y == y1 == y2 and x1 < x < x2 for x, y in places.values())
    half = _BOX_WH[0] / 2
    axes.add_patch(
        FancyArrowPatch(
            (x1, y1 + _BOX_WH[1] / 2) if between else (x1 + half, y1),
            (x2, y2 + _BOX_WH[1] / 2) if between else (x2 - half, y2),
            connectionstyle=f"arc3,rad={-min(0.35, 1.6 / (x2 - x1)) if between else 0}",
            arrowstyle="-|>",
            mutation_scale=5,
            linewidth=0.8,
            color=SKY if skips else GREY,
            shrinkA=0,
            shrinkB=0,
            zorder=0.5,
        )
    )
