"""Losses of restored pictures, pixel by pixel; [B, 3, H, W] in [0, 1] in, a scalar out."""

import torch
from torch import Tensor

from unveil.errors import UsageError

L0_EPSILON = 1e-8
"""Keeps the power of a zero error finite."""

NAMES = ("mse", "mae", "l0")
"""What :func:`restoration_loss` knows."""


def mse(output: Tensor, target: Tensor) -> Tensor:
    """mean (P - T)^2; between noisy targets it learns their mean."""
    return (output - target).square().mean()


def mae(output: Tensor, target: Tensor) -> Tensor:
    """mean |P - T|; between noisy targets it learns their median."""
    return (output - target).abs().mean()


def l0(output: Tensor, target: Tensor, gamma: float) -> Tensor:
    """mean (|P - T| + 1e-8)^gamma; with gamma falling from 2 to 0 it learns the targets' mode
    (Lehtinen et al., arXiv 1803.04189)."""
    return ((output - target).abs() + L0_EPSILON).pow(gamma).mean()


def l0_gamma(progress: float) -> float:
    """The annealed exponent at this part of a run: 2 at 0, 0 at 1."""
    return 2 * (1 - progress)


def restoration_loss(name: str, output: Tensor, target: Tensor, progress: float) -> Tensor:
    """The loss of that name; progress is the part of the run behind, in [0, 1], for l0.

    Raises UsageError for a name that is not one of NAMES.
    """
    if name == "mse":
        return mse(output, target)
    if name == "mae":
        return mae(output, target)
    if name == "l0":
        return l0(output, target, l0_gamma(progress))
    raise UsageError(f"expected a loss of {', '.join(NAMES)}; got {name!r}")


def masked_l1(output: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """sum M |P - T| / sum M over all channels, 0 where the mask is empty; mask [B, 1, H, W]."""
    weight = mask.to(output.dtype).expand_as(output)
    return (weight * (output - target).abs()).sum() / weight.sum().clamp_min(1)


def psnr(output: Tensor, target: Tensor) -> Tensor:
    """[B] 10 log10(1 / mean (P - T)^2) in dB of each picture, the output clamped to [0, 1]."""
    error = (output.clamp(0, 1) - target).square().mean((1, 2, 3))
    return -10 * torch.log10(error.clamp_min(1e-10))
