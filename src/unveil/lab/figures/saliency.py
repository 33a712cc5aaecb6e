"""Which pixels a network listens to: gradients, integrated gradients and Grad-CAM, by captum.

An image-to-image network has no class to explain. What is explained here is how much it does at a
target, a set of pixels: the mean of |output - picture| there where the output is a picture, the
mean logit of the mask there where it is a mask.
"""

from collections.abc import Mapping

import numpy as np
from captum.attr import IntegratedGradients, LayerAttribution, LayerGradCam, Saliency
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from unveil.lab.figures.features import to_pictures
from unveil.lab.figures.stages import find_stages
from unveil.lab.figures.style import (
    ERROR_MAP,
    VERMILION,
    picture_panels,
    shortened,
    show,
    show_map,
    styled,
)

_STEPS = 32
"""Points at which the path of the integrated gradients is sampled."""
_BLUR_PX = 31
"""Side of the window of the blur that makes a picture without detail, and so without mark."""


class Effect(nn.Module):
    """How much a network does at a target: [B, C, H, W] -> [B].

    target: bool [H, W]. reference: what it gets, [1, C, H, W], to whose first three channels a
    picture that the network gives is compared.
    """

    def __init__(self, network: nn.Module, target: Tensor, reference: Tensor) -> None:
        super().__init__()
        self.network = network
        self._target = target
        self._reference = reference.detach()

    def forward(self, picture: Tensor) -> Tensor:
        output = self.network(picture)
        if output.shape[1] in (3, 4):
            values = (output[:, :3] - self._reference[:, :3]).abs()
        else:
            values = output[:, :1]
        return values[:, :, self._target].mean(dim=(1, 2))


def gradient(network: nn.Module, picture: Tensor, target: Tensor) -> NDArray[np.float32]:
    """|d effect / d pixel|, the largest of the channels (Simonyan et al., arXiv 1312.6034): H x W.

    picture: [1, 3, H, W] in [0, 1]; target: bool [H, W].
    """
    effect = Effect(network, target, picture)
    return Saliency(effect).attribute(_leaf(picture))[0].amax(dim=0).cpu().numpy()


def integrated_gradients(
    network: nn.Module, picture: Tensor, target: Tensor
) -> NDArray[np.float32]:
    """Gradients integrated from the blurred picture to the picture (Sundararajan et al., arXiv
    1703.01365): H x W, signed, the sum over the channels.

    They add up to effect(picture) - effect(blurred picture), but for the sampling of the path.
    """
    values = IntegratedGradients(Effect(network, target, picture)).attribute(
        _leaf(picture), baselines=blurred(picture), n_steps=_STEPS, internal_batch_size=1
    )
    return values[0].sum(dim=0).detach().cpu().numpy().astype(np.float32)


def grad_cam(
    network: nn.Module, picture: Tensor, target: Tensor, layer: str | None = None
) -> NDArray[np.float32]:
    """Activations of a layer weighted by their mean gradients (Selvaraju et al., arXiv 1610.02391):
    H x W, at least 0, enlarged to the picture.

    layer: a module of the network; without it, the last stage of the lowest resolution.
    """
    name = layer or coarsest_stage(network, picture)
    effect = Effect(network, target, picture)
    values = LayerGradCam(effect, network.get_submodule(name)).attribute(
        _leaf(picture), relu_attributions=True
    )
    assert isinstance(values, Tensor)
    size_hw = (picture.shape[2], picture.shape[3])
    return LayerAttribution.interpolate(values, size_hw, "bilinear")[0, 0].detach().cpu().numpy()


def blurred(picture: Tensor) -> Tensor:
    """The picture [B, 3, H, W] without detail: the mean of the window around each pixel."""
    half = min(_BLUR_PX, *picture.shape[2:]) // 2
    padded = F.pad(picture, (half,) * 4, mode="replicate")
    return F.avg_pool2d(padded, 2 * half + 1, stride=1)


def coarsest_stage(network: nn.Module, picture: Tensor) -> str:
    """Name of the last stage with maps of the lowest resolution; the network's end left out."""
    stages = find_stages(network, picture)
    inner = stages[:-1] or stages
    least = min(stage.maps.shape[2] for stage in inner)
    return [stage.name for stage in inner if stage.maps.shape[2] == least][-1]


@styled
def attributions(
    network: nn.Module, picture: Tensor, targets: Mapping[str, Tensor], layer: str | None = None
) -> Figure:
    """A row per target: the picture with its outline, gradient, integrated gradients, Grad-CAM.

    picture: what the network gets, [1, C, H, W] in [0, 1], the first three channels being the
    picture itself; targets: bool [H, W] by name. Each map is scaled to its own
    99.5th percentile; of the integrated gradients the size is shown, not the sign.
    """
    name = layer or coarsest_stage(network, picture)
    seen = to_pictures(picture[:, :3])[0]
    figure, axes = picture_panels(len(targets), 4, seen.shape, scales=True)
    for line, (label, target) in zip(axes, targets.items(), strict=True):
        show(line[0], seen, f"target: {label}")
        _outline(line[0], target)
        _relative(line[1], gradient(network, picture, target), "gradient")
        values = np.abs(integrated_gradients(network, picture, target))
        _relative(line[2], values, "integrated gradients")
        _relative(line[3], grad_cam(network, picture, target, name), f"Grad-CAM, {shortened(name)}")
    return figure


def _leaf(picture: Tensor) -> Tensor:
    return picture.detach().clone().requires_grad_()


def _relative(axes: Axes, values: NDArray, title: str) -> None:
    top = float(np.percentile(values, 99.5))
    label = "relative" if top > 0 else "none here"
    show_map(axes, values / (top or 1), title, label, (0, 1), ERROR_MAP)


def _outline(axes: Axes, target: Tensor) -> None:
    mask = target.cpu().numpy()
    if mask.any() and not mask.all():
        axes.contour(mask, levels=[0.5], colors=VERMILION, linewidths=0.8)
