"""The network that refines: what solving, unblending and filling left wrong of one mark.

A small U-Net (Ronneberger et al., arXiv 1505.04597) without normalisation over everything that is
known of the mark (unveil.restore.refine). 0.5 million parameters.
"""

import itertools

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from unveil.restore.refine import EVIDENCE

SIZE_MULTIPLE = 8
"""Height and width of the input must be multiples of this."""

WIDTHS = (20, 40, 72, 128)
"""Channels at strides 1, 2, 4 and 8."""


class RefinementNetwork(nn.Module):
    """Evidence [N, EVIDENCE, H, W] in [0, 1] -> background [N, 3, H, W].

    B' = B + e * (d * (B - W) + r), with B the background so far, W the mark's colour and e where it
    may change; d (one channel: what an error of the matte does) and r (three) are learnt and start
    at zero. H and W must be multiples of SIZE_MULTIPLE.
    """

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.ModuleList(
            _convolutions(before, after)
            for before, after in itertools.pairwise((EVIDENCE + 6, *WIDTHS))
        )
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in itertools.pairwise(WIDTHS))
        self.join = nn.ModuleList(_convolutions(width, width) for width in WIDTHS[:-1])
        self.head = nn.Conv2d(WIDTHS[0], 4, 3, padding=1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]
        nn.init.zeros_(self.head.weight)

    def forward(self, evidence: Tensor) -> Tensor:
        marked, background, colour, others = evidence.split((3, 3, 3, EVIDENCE - 9), dim=1)
        # what matters are small differences, which half precision would lose
        differences = (4 * (marked - background), 8 * _detail(marked), 8 * _detail(background))
        x = torch.cat([marked - 0.5, background - colour, *differences, others], dim=1)
        skips = []
        for level, block in enumerate(self.down):
            x = block(F.max_pool2d(x, 2) if level else x)
            skips.append(x)
        for level in reversed(range(len(self.up))):
            larger = F.interpolate(self.up[level](x), scale_factor=2.0, mode="bilinear")
            x = self.join[level](larger + skips[level])
        step, rest = self.head(x).float().split((1, 3), dim=1)
        return background + others[:, -1:] * (step * (background - colour) + rest)


def _detail(picture: Tensor) -> Tensor:
    """The picture less its mean over 5 x 5 pixels."""
    return picture - F.avg_pool2d(picture, 5, 1, 2, count_include_pad=False)


def _convolutions(before: int, after: int) -> nn.Sequential:
    """Two 3 x 3 convolutions, each with ReLU."""
    return nn.Sequential(
        nn.Conv2d(before, after, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(after, after, 3, padding=1),
        nn.ReLU(),
    )
