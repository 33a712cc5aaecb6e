"""What goes on inside a network on one picture: activations, attention, and its first kernels."""

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor, nn

from unveil.errors import ModelError
from unveil.lab.figures.stages import Stage, find_stages
from unveil.lab.figures.style import (
    ERROR_MAP,
    SIGNED_MAP,
    picture_panels,
    shortened,
    show,
    show_map,
    styled,
)

_MOST_MAPS = 11
_MOST_KERNELS = 64
_COLUMNS = 4


@styled
def layer_activations(network: nn.Module, picture: Tensor) -> Figure:
    """How strongly the stages of a network answer to a picture, from the first to the last.

    picture: [1, 3, H, W] in [0, 1]. Each map is the mean of |activation| over the channels, from
    its least to its largest value, which its title gives; of many stages, some evenly spread.
    """
    stages = find_stages(network, picture)
    spread = np.linspace(0, len(stages) - 1, min(len(stages), _MOST_MAPS)).round().astype(int)
    return _strength_maps([stages[place] for place in spread], picture)


@styled
def decoder_focus(network: nn.Module, picture: Tensor) -> Figure:
    """Where the last stages look, those at the picture's own resolution or next to it.

    picture: [1, 3, H, W] in [0, 1]. Left the picture; then the strength of the last three stages
    before the output that have several channels (mean of |activation| over the channels, its range
    scaled to [0, 1]), and the last of them over the picture.
    """
    every = find_stages(network, picture)
    stages = [stage for stage in every[:-1] if stage.maps.shape[1] > 1][-3:] or every[-1:]
    seen = to_pictures(picture[:, :3])[0]
    figure, axes = picture_panels(1, len(stages) + 2, seen.shape, scales=True)
    show(axes[0, 0], seen, "picture")
    for each, stage in zip(axes[0, 1:], stages, strict=False):
        strength = _strength(stage.maps)
        focus = (strength - strength.min()) / max(float(np.ptp(strength)), 1e-12)
        show_map(each, focus, shortened(stage.label), "strength, scaled", (0, 1))
    show(axes[0, -1], seen, f"{shortened(stages[-1].label)}\nover the picture")
    height, width = seen.shape[:2]
    axes[0, -1].imshow(
        focus,
        cmap=ERROR_MAP,
        alpha=0.6,
        interpolation="bilinear",
        extent=(-0.5, width - 0.5, height - 0.5, -0.5),
    )
    return figure


@styled
def attention_maps(network: nn.Module, picture: Tensor) -> Figure:
    """The attention gates of a network: by how much each place of a skip connection is let through.

    picture: [1, 3, H, W] in [0, 1]. Values in [0, 1], as the gates give them; not stretched.
    Raises ModelError where the network has no gate.
    """
    maps = gate_maps(network, picture)
    if not maps:
        raise ModelError(
            f"{type(network).__name__}: expected a network with attention gates; it has none"
        )
    seen = to_pictures(picture[:, :3])[0]
    figure, axes = picture_panels(1, len(maps) + 1, seen.shape, scales=True)
    show(axes[0, 0], seen, "picture")
    for each, (name, values) in zip(axes[0, 1:], maps.items(), strict=True):
        title = f"{shortened(name)}, {values.shape[0]} x {values.shape[1]}"
        show_map(each, values, title, "let through, 0 to 1", (0, 1))
    return figure


def gate_maps(network: nn.Module, picture: Tensor) -> dict[str, NDArray[np.float32]]:
    """What the attention gates give for a picture [1, 3, H, W], by name: H x W in [0, 1].

    A gate is a sequence of layers that ends in a sigmoid and gives one map.
    """
    gates = {
        name: module
        for name, module in network.named_modules()
        if isinstance(module, nn.Sequential) and len(module) and isinstance(module[-1], nn.Sigmoid)
    }
    maps: dict[str, NDArray[np.float32]] = {}

    def note(name: str):
        def hook(_module: nn.Module, _inputs: object, output: Tensor) -> None:
            if output.ndim == 4 and output.shape[1] == 1 and output.shape[2] > 1:
                maps[name] = output[0, 0].float().cpu().numpy()

        return hook

    handles = [module.register_forward_hook(note(name)) for name, module in gates.items()]
    try:
        with torch.no_grad():
            network(picture)
    finally:
        for handle in handles:
            handle.remove()
    return maps


@styled
def kernels(network: nn.Module, layer: str | None = None) -> Figure:
    """The filters of a convolution, the first of the network or the one named.

    Filters on three channels are shown in colour, mid-grey being 0; others by their mean over the
    input channels, in red (positive) and blue (negative). Each has its own scale. At most 64.
    Raises ModelError where there is no such convolution.
    """
    name, weights = _convolution(network, layer)
    shown = weights[:_MOST_KERNELS]
    columns = 16
    rows = -(-len(shown) // columns)
    figure, axes = picture_panels(rows, columns, (1, 1))
    figure.set_size_inches(figure.get_figwidth(), 0.47 * rows + 0.3)
    for each, kernel in zip(axes.flat, shown, strict=False):
        if weights.shape[1] == 3:
            largest = max(float(np.abs(kernel).max()), 1e-12)
            show(each, 0.5 + kernel.transpose(1, 2, 0) / (2 * largest))
        else:
            mean = kernel.mean(axis=0)
            largest = max(float(np.abs(mean).max()), 1e-12)
            each.imshow(mean, cmap=SIGNED_MAP, vmin=-largest, vmax=largest)
    size = f"{weights.shape[1]} x {weights.shape[2]} x {weights.shape[3]}"
    figure.suptitle(f"{name}: {len(shown)} of {len(weights)} filters of {size}")
    return figure


def to_pictures(batch: Tensor) -> NDArray[np.float32]:
    """[B, 3, H, W] -> B x H x W x 3, and [B, 1, H, W] -> B x H x W, on the CPU; bool stays bool."""
    array = batch.detach().cpu()
    array = array if array.dtype == torch.bool else array.float()
    return array[:, 0].numpy() if array.shape[1] == 1 else array.permute(0, 2, 3, 1).numpy()


def _strength_maps(stages: Sequence[Stage], picture: Tensor) -> Figure:
    seen = to_pictures(picture[:, :3])[0]
    rows = -(-(len(stages) + 1) // _COLUMNS)
    figure, axes = picture_panels(rows, _COLUMNS, seen.shape)
    show(axes.flat[0], seen, "picture")
    for each, stage in zip(axes.flat[1:], stages, strict=False):
        strength = _strength(stage.maps)
        channels, height, width = stage.maps.shape[1:]
        each.imshow(strength, cmap=ERROR_MAP)
        extent = f"{strength.min():.2g} to {strength.max():.2g}"
        each.set_title(f"{shortened(stage.label)}\n{channels} x {height} x {width}, {extent}")
    for each in axes.flat[len(stages) + 1 :]:
        each.set_visible(False)
    return figure


def _strength(maps: Tensor) -> NDArray[np.float32]:
    """Mean of |activation| over the channels of the first sample."""
    return maps[0].float().abs().mean(dim=0).cpu().numpy()


def _convolution(network: nn.Module, layer: str | None) -> tuple[str, NDArray[np.float32]]:
    """Name and weights [out, in, height, width] of a convolution."""
    convolutions = {
        name: module for name, module in network.named_modules() if isinstance(module, nn.Conv2d)
    }
    if not convolutions or (layer is not None and layer not in convolutions):
        known = ", ".join(convolutions) or "none"
        raise ModelError(f"{layer or 'kernels'}: expected a convolution of the network: {known}")
    name = layer or next(iter(convolutions))
    return name, convolutions[name].weight.detach().float().cpu().numpy()
