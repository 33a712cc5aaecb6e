"""The bundled model's network: one pass over a picture gives mask, matte and mark colour.

A U-Net (Ronneberger et al., arXiv 1505.04597) with a pretrained encoder, which knows the textures
of photographs before it sees the first mark, a residual decoder (He et al., arXiv 1512.03385,
without normalisation), and a small head that sees the picture again and gives full resolution,
because half of a thin mark's pixels are its rim. It works on squares of 2 x 2 pixels, as channels
(Shi et al., arXiv 1609.05158): convolutions of so few channels cost a processor little more on
squares than on single pixels, of which there are four times as many. 4.1 million parameters.
"""

import itertools

import torch
from torch import Tensor, nn

from unveil.lab.networks.efficientnet import CHANNELS, STRIDE, EfficientNetLite0

SIZE_MULTIPLE = STRIDE
"""Height and width of the input must be multiples of this."""

WIDTHS = (24, 40, 64, 96, 160)
"""Channels of the decoder at strides 2, 4, 8, 16 and 32."""
BLOCKS = (1, 2, 2, 2, 1)
"""Residual blocks of the decoder at each of these."""
_HEAD = 32
"""Channels of what the decoder hands the head, and of the head: 8 for each pixel of a square."""


class ResidualBlock(nn.Module):
    """x + conv(relu(conv(relu(x)))), the second convolution starting at zero."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        nn.init.kaiming_normal_(self.conv1.weight, nonlinearity="relu")
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv2(torch.relu(self.conv1(torch.relu(x))))


class FlagshipNetwork(nn.Module):
    """RGB picture [N, 3, H, W] in [0, 1] -> [N, 5, H, W]: mask logit, matte logit, colour logits.

    H and W must be multiples of SIZE_MULTIPLE. The sigmoid of the channels gives the probability
    that a pixel is visibly marked, the matte a, and the mark's colour W (meaningful under the mark
    only).
    """

    def __init__(self) -> None:
        super().__init__()
        self.encoder = EfficientNetLite0()
        self.unshuffle = nn.PixelUnshuffle(2)
        # The encoder's first features are few: beside them goes the picture itself.
        first, *others = zip((12 + CHANNELS[0], *CHANNELS[1:]), WIDTHS, strict=True)
        self.lateral = nn.ModuleList(
            [nn.Conv2d(*first, 3, padding=1), *(nn.Conv2d(a, b, 1) for a, b in others)]
        )
        self.up = nn.ModuleList(
            nn.Sequential(nn.Conv2d(b, 4 * a, 1), nn.PixelShuffle(2))
            for a, b in itertools.pairwise(WIDTHS)
        )
        self.decoder = nn.ModuleList(
            nn.Sequential(*(ResidualBlock(width) for _ in range(count)))
            for width, count in zip(WIDTHS, BLOCKS, strict=True)
        )
        self.to_head = nn.Conv2d(WIDTHS[0], _HEAD, 1)
        self.head = nn.Sequential(
            nn.Conv2d(_HEAD + 12, _HEAD, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(_HEAD, 4 * 5, 3, padding=1),
            nn.PixelShuffle(2),
        )
        with torch.no_grad():  # marks cover few pixels: start from "unmarked"
            self.head[2].bias[: 4 * 2] = -2.0  # type: ignore[index]

    def forward(self, rgb: Tensor) -> Tensor:
        squares = self.unshuffle(rgb - 0.5)
        first, *others = self.encoder(rgb)
        features = [torch.cat([first, squares], dim=1), *others]
        *skips, x = (lateral(f) for lateral, f in zip(self.lateral, features, strict=True))
        x = self.decoder[-1](x)
        for level in reversed(range(len(skips))):
            x = self.decoder[level](self.up[level](x) + skips[level])
        return self.head(torch.cat([self.to_head(torch.relu(x)), squares], dim=1))
