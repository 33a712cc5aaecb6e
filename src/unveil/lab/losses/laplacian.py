"""Differences of edges."""

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from unveil.lab.losses.restoration import masked_l1

_KERNEL = ((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0))


def laplacian(pictures: Tensor) -> Tensor:
    """The Laplacian of each channel, [B, C, H, W]; the border is continued by its own pixels."""
    channels = pictures.shape[1]
    kernel = torch.tensor(_KERNEL, dtype=pictures.dtype, device=pictures.device)
    padded = F.pad(pictures, (1, 1, 1, 1), mode="replicate")
    return F.conv2d(padded, kernel.expand(channels, 1, 3, 3), groups=channels)


def laplacian_loss(output: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Mean |laplacian P - laplacian T| under the mask [B, 1, H, W]."""
    return masked_l1(laplacian(output), laplacian(target), mask)
