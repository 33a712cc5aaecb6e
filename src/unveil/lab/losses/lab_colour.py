"""Differences of colour in CIE L*a*b*, where equal distances look equally large."""

import torch
from torch import Tensor

_TO_XYZ = (  # IEC 61966-2-1, each row divided by the white point D65
    (0.412453 / 0.95047, 0.357580 / 0.95047, 0.180423 / 0.95047),
    (0.212671, 0.715160, 0.072169),
    (0.019334 / 1.08883, 0.119193 / 1.08883, 0.950227 / 1.08883),
)
_DARK = (6 / 29) ** 3
"""Below this part of the white the cube root gives way to a line (CIE 15)."""

LIGHTNESS, CHROMA = 0.7, 0.3
"""Weights of L* and of a* b* in :func:`lab_loss`."""


def rgb_to_lab(rgb: Tensor) -> Tensor:
    """sRGB [B, 3, H, W] in [0, 1] -> L* in [0, 100], a* and b* in about [-128, 127]."""
    rgb = rgb.float().clamp(0, 1)
    bright = ((rgb.clamp_min(0.04045) + 0.055) / 1.055).pow(2.4)
    linear = torch.where(rgb > 0.04045, bright, rgb / 12.92)
    matrix = torch.tensor(_TO_XYZ, device=rgb.device)
    xyz = torch.einsum("ij,bjhw->bihw", matrix, linear)
    root = xyz.clamp_min(_DARK).pow(1 / 3)
    x, y, z = torch.where(xyz > _DARK, root, xyz * (29 / 6) ** 2 / 3 + 4 / 29).unbind(1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=1)


def lab_loss(output: Tensor, target: Tensor) -> Tensor:
    """0.7 mean |L* - L*'| + 0.3 mean |ab - ab'|, in units of CIE L*a*b*; [B, 3, H, W] sRGB."""
    difference = (rgb_to_lab(output) - rgb_to_lab(target)).abs()
    return LIGHTNESS * difference[:, :1].mean() + CHROMA * difference[:, 1:].mean()
