"""SRResNet (Ledig et al., arXiv 1609.04802) without its upsampling, as github.com/yu4u/noise2noise
and n2n-dewatermark use it for Noise2Noise (Lehtinen et al., arXiv 1803.04189).

1,227,459 parameters.
"""

from torch import Tensor, nn

SIZE_MULTIPLE = 1
"""Height and width of the input may be anything."""

WIDTH = 64
"""Channels of the features."""
BLOCKS = 16
"""Residual blocks."""


class _ResidualBlock(nn.Module):
    """x + norm(conv(prelu(norm(conv(x)))))."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(WIDTH, WIDTH, 3, padding=1),
            nn.BatchNorm2d(WIDTH),
            nn.PReLU(WIDTH, init=0.0),
            nn.Conv2d(WIDTH, WIDTH, 3, padding=1),
            nn.BatchNorm2d(WIDTH),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


class SRResNet(nn.Module):
    """Noisy RGB picture [B, 3, H, W] in [0, 1] -> clean one of the same shape, not clamped."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(3, WIDTH, 3, padding=1), nn.PReLU(WIDTH, init=0.0))
        self.blocks = nn.Sequential(*(_ResidualBlock() for _ in range(BLOCKS)))
        self.after = nn.Sequential(nn.Conv2d(WIDTH, WIDTH, 3, padding=1), nn.BatchNorm2d(WIDTH))
        self.last = nn.Conv2d(WIDTH, 3, 3, padding=1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]

    def forward(self, rgb: Tensor) -> Tensor:
        x = self.first(rgb)
        return self.last(x + self.after(self.blocks(x)))
