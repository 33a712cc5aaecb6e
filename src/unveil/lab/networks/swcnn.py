"""SWCNN (Tian et al., arXiv 2403.05807, github.com/hellloxiaotian/SWCNN): the U-Net of Noise2Noise
(Lehtinen et al., arXiv 1803.04189) with 48 channels, in which one encoder block is used four times
and one decoder block three times, trained on pairs of pictures under the same logo.

700,611 parameters. The names of the state dict are those of the published checkpoints (without the
``module.`` that DataParallel puts before them).
"""

import itertools

import torch
from torch import Tensor, nn

SIZE_MULTIPLE = 32
"""Height and width of the input must be multiples of this."""

WIDTH = 48
"""Channels of the encoder; the decoder has twice as many."""


class SWCNN(nn.Module):
    """Marked RGB picture [B, 3, H, W] in [0, 1] -> clean one of the same shape, not clamped.

    H and W must be multiples of SIZE_MULTIPLE.
    """

    def __init__(self) -> None:
        super().__init__()
        double = 2 * WIDTH
        pool = nn.MaxPool2d(2)
        self._block1 = nn.Sequential(*_convolutions(3, WIDTH, WIDTH), pool)
        self._block2 = nn.Sequential(*_convolutions(WIDTH, WIDTH), pool)
        self._block3 = nn.Sequential(*_convolutions(WIDTH, WIDTH), _up(WIDTH))
        self._block4 = nn.Sequential(*_convolutions(double, double, double), _up(double))
        self._block5 = nn.Sequential(*_convolutions(double + WIDTH, double, double), _up(double))
        self._block6 = nn.Sequential(
            *_convolutions(double + 3, 64, 32), nn.Conv2d(32, 3, 3, padding=1), nn.LeakyReLU(0.1)
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                nn.init.kaiming_normal_(module.weight)
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]

    def forward(self, rgb: Tensor) -> Tensor:
        skips = [rgb, self._block1(rgb)]
        for _ in range(3):
            skips.append(self._block2(skips[-1]))
        x = self._block3(self._block2(skips[-1]))
        x = self._block4(torch.cat([x, skips[4]], dim=1))
        for level in (3, 2, 1):
            x = self._block5(torch.cat([x, skips[level]], dim=1))
        return self._block6(torch.cat([x, skips[0]], dim=1))


def _convolutions(*channels: int) -> list[nn.Module]:
    """3 x 3 convolutions, each with ReLU, through these numbers of channels."""
    layers: list[nn.Module] = []
    for before, after in itertools.pairwise(channels):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU(inplace=True)]
    return layers


def _up(channels: int) -> nn.ConvTranspose2d:
    """Twice the size."""
    return nn.ConvTranspose2d(channels, channels, 3, 2, padding=1, output_padding=1)
