"""The network that refines: what solving, unblending and filling left wrong of one mark.

A small U-Net over everything that is known of the mark (unveil.restore.refine). 0.5 million
parameters.
"""

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from unveil.lab.networks.plain_unet import PlainUNet
from unveil.restore.refine import EVIDENCE

SIZE_MULTIPLE = 8
"""Height and width of the input must be multiples of this."""

WIDTHS = (20, 40, 72, 128)
"""Channels at strides 1, 2, 4 and 8."""


class RefinementNetwork(PlainUNet):
    """Evidence [N, EVIDENCE, H, W] in [0, 1] -> background [N, 3, H, W].

    B' = B + e * (d * (B - W) + r), with B the background so far, W the mark's colour and e where it
    may change; d (one channel: what an error of the matte does) and r (three) are learnt and start
    at zero. H and W must be multiples of SIZE_MULTIPLE.
    """

    def __init__(self) -> None:
        super().__init__(EVIDENCE + 6, WIDTHS, 4)

    def forward(self, evidence: Tensor) -> Tensor:
        marked, background, colour, others = evidence.split((3, 3, 3, EVIDENCE - 9), dim=1)
        # what matters are small differences, which half precision would lose
        differences = (4 * (marked - background), 8 * _detail(marked), 8 * _detail(background))
        x = torch.cat([marked - 0.5, background - colour, *differences, others], dim=1)
        step, rest = self.through(x).split((1, 3), dim=1)
        return background + others[:, -1:] * (step * (background - colour) + rest)


def _detail(picture: Tensor) -> Tensor:
    """The picture less its mean over 5 x 5 pixels."""
    return picture - F.avg_pool2d(picture, 5, 1, 2, count_include_pad=False)
