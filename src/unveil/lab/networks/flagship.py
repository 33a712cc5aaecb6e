"""The bundled model's network: one pass over a picture gives mask, matte and mark colour.

A residual U-Net (Ronneberger et al., arXiv 1505.04597, with the residual blocks of He et al., arXiv
1512.03385, without normalisation) that works at half resolution after a pixel-unshuffle, where
dense 3x3 convolutions cost little on a CPU, and a small head at full resolution that sees the
picture again, because half of a thin mark's pixels are its rim. 5.1 million parameters at width 16.
"""

import itertools

import torch
from torch import Tensor, nn

SIZE_MULTIPLE = 32
"""Height and width of the input must be multiples of this: a pixel-unshuffle of 2 and four
halvings."""


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

    def __init__(
        self, width: int = 16, blocks: tuple[int, ...] = (1, 2, 2, 2, 3), head_width: int = 8
    ) -> None:
        super().__init__()
        widths = [width * 2**level for level in range(len(blocks))]
        self.unshuffle = nn.PixelUnshuffle(2)
        self.stem = nn.Conv2d(12, width, 3, padding=1)
        self.encoder = nn.ModuleList(_stage(w, n) for w, n in zip(widths, blocks, strict=True))
        self.down = nn.ModuleList(
            nn.Conv2d(a, b, 2, stride=2) for a, b in itertools.pairwise(widths)
        )
        self.up = nn.ModuleList(
            nn.Sequential(nn.Conv2d(b, 4 * a, 1), nn.PixelShuffle(2))
            for a, b in itertools.pairwise(widths)
        )
        self.decoder = nn.ModuleList(
            _stage(w, n) for w, n in zip(widths[:-1], blocks[:-1], strict=True)
        )
        self.to_full = nn.Sequential(nn.Conv2d(width, 4 * 8, 1), nn.PixelShuffle(2))
        self.head = nn.Sequential(
            nn.Conv2d(8 + 3, head_width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(head_width, 5, 3, padding=1),
        )
        with torch.no_grad():  # marks cover few pixels: start from "unmarked"
            self.head[2].bias[:2] = -2.0  # type: ignore[index]

    def forward(self, rgb: Tensor) -> Tensor:
        rgb = rgb - 0.5
        x = self.stem(self.unshuffle(rgb))
        skips = []
        for level, stage in enumerate(self.encoder):
            x = stage(x)
            if level < len(self.down):
                skips.append(x)
                x = self.down[level](x)
        for level in reversed(range(len(self.up))):
            x = self.decoder[level](self.up[level](x) + skips[level])
        return self.head(torch.cat([self.to_full(torch.relu(x)), rgb], dim=1))


def _stage(width: int, blocks: int) -> nn.Sequential:
    return nn.Sequential(*(ResidualBlock(width) for _ in range(blocks)))
