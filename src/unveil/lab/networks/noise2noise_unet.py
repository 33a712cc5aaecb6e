"""The U-Net (Ronneberger et al., arXiv 1505.04597) that github.com/yu4u/noise2noise and
n2n-dewatermark offer for Noise2Noise (Lehtinen et al., arXiv 1803.04189).

31,031,875 parameters.
"""

import itertools

import torch
from torch import Tensor, nn

SIZE_MULTIPLE = 16
"""Height and width of the input must be multiples of this."""

WIDTHS = (64, 128, 256, 512, 1024)
"""Channels at strides 1, 2, 4, 8 and 16."""


class Noise2NoiseUNet(nn.Module):
    """Noisy RGB picture [B, 3, H, W] in [0, 1] -> clean one of the same shape, not clamped.

    H and W must be multiples of SIZE_MULTIPLE.
    """

    def __init__(self) -> None:
        super().__init__()
        *blocks, bottom = itertools.pairwise((3, *WIDTHS))
        self.encoder = nn.ModuleList(_double_conv(*block) for block in blocks)
        self.bottom = _double_conv(*bottom, dropout=0.5)
        self.pool = nn.MaxPool2d(2)
        self.up = nn.ModuleList(_up(2 * width, width) for width in WIDTHS[:-1])
        self.decoder = nn.ModuleList(_double_conv(2 * width, width) for width in WIDTHS[:-1])
        self.last = nn.Conv2d(WIDTHS[0], 3, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]

    def forward(self, rgb: Tensor) -> Tensor:
        x, skips = rgb, []
        for block in self.encoder:
            skips.append(block(x))
            x = self.pool(skips[-1])
        x = self.bottom(x)
        for level in reversed(range(len(skips))):
            x = self.decoder[level](torch.cat([skips[level], self.up[level](x)], dim=1))
        return self.last(x)


def _double_conv(channels: int, width: int, dropout: float = 0.0) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, width, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.Dropout(dropout),
        nn.Conv2d(width, width, 3, padding=1),
        nn.ReLU(inplace=True),
    )


def _up(channels: int, width: int) -> nn.Sequential:
    """Twice the size by repeating pixels, then a 2 x 2 convolution; the odd pixel of padding goes
    below and right, as TensorFlow has it."""
    return nn.Sequential(
        nn.Upsample(scale_factor=2),
        nn.ZeroPad2d((0, 1, 0, 1)),
        nn.Conv2d(channels, width, 2),
        nn.ReLU(inplace=True),
    )
