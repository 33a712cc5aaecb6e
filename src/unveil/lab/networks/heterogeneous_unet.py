"""The heterogeneous U-Net of watermarkcnn (Ryan, 2025, github.com/ianhenryryan/watermarkcnn): an
encoder and decoder of alternating ReLU and LeakyReLU, a gated bottleneck, and an attention gate
behind every skip connection. It follows arXiv 2403.05807 in learning from pairs of marked pictures.

3,647,878 parameters, all trained. The names of the state dict are those of its author's
checkpoints, so that these load.
"""

import torch
from torch import Tensor, nn

SIZE_MULTIPLE = 8
"""Height and width of the input must be multiples of this."""

WIDTHS = (48, 96, 144)
"""Channels at strides 1, 2 and 4."""
_BOTTLENECK = 256
"""Channels at stride 8."""


class _DoubleConv(nn.Module):
    """Two normalised 3 x 3 convolutions, ReLU after the first and LeakyReLU after the second."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(channels, width, 3, padding=1),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, padding=1),
            nn.BatchNorm2d(width),
            nn.LeakyReLU(inplace=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class _Up(nn.Module):
    """Twice the size by a transposed 2 x 2 convolution and ReLU."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.up = nn.Sequential(nn.ConvTranspose2d(channels, width, 2, 2), nn.ReLU(inplace=True))

    def forward(self, x: Tensor) -> Tensor:
        return self.up(x)


def _attention_gate(width: int) -> nn.Sequential:
    """[B, 2 * width, H, W] -> [B, 1, H, W] in (0, 1), by which the input is to be multiplied."""
    return nn.Sequential(
        nn.Conv2d(2 * width, width, 3, padding=1),
        nn.LeakyReLU(inplace=True),
        nn.Conv2d(width, 1, 1),
        nn.Sigmoid(),
    )


class HeterogeneousUNet(nn.Module):
    """Marked RGB picture [B, 3, H, W] in [0, 1] -> clean one of the same shape, in (0, 1).

    H and W must be multiples of SIZE_MULTIPLE.
    """

    def __init__(self) -> None:
        super().__init__()
        first, second, third = WIDTHS
        self.enc1 = _DoubleConv(3, first)
        self.enc2 = nn.Sequential(nn.MaxPool2d(2), _DoubleConv(first, second))
        self.enc3 = nn.Sequential(nn.MaxPool2d(2), _DoubleConv(second, third))
        self.bottleneck = nn.Sequential(
            nn.MaxPool2d(2),
            _DoubleConv(third, _BOTTLENECK),
            nn.Conv2d(_BOTTLENECK, _BOTTLENECK, 3, padding=1),
        )
        self.up1, self.attn_gate1 = _Up(_BOTTLENECK, third), _attention_gate(third)
        self.dec1 = _DoubleConv(2 * third, third)
        self.up2, self.attn_gate2 = _Up(third, second), _attention_gate(second)
        self.dec2 = _DoubleConv(2 * second, second)
        self.up3, self.attn_gate3 = _Up(second, first), _attention_gate(first)
        self.dec3 = _DoubleConv(2 * first, first)
        self.final_conv = nn.Conv2d(first, 3, 1)

    def forward(self, rgb: Tensor) -> Tensor:
        first = self.enc1(rgb)
        second = self.enc2(first)
        third = self.enc3(second)
        pool, double_conv, gate = self.bottleneck
        x = double_conv(pool(third))
        x = x * gate(x).sigmoid()
        x = self.dec1(_gated(self.attn_gate1, self.up1(x), third))
        x = self.dec2(_gated(self.attn_gate2, self.up2(x), second))
        x = self.dec3(_gated(self.attn_gate3, self.up3(x), first))
        return self.final_conv(x).sigmoid()


def _gated(gate: nn.Module, x: Tensor, skip: Tensor) -> Tensor:
    both = torch.cat([x, skip], dim=1)
    return both * gate(both)
