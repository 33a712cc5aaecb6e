"""The network that refines: what locating, solving, unblending and filling left wrong of one mark.

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

LEAST_TRANSMISSION = 0.15
"""What less than this part of the background shows of is not inverted further."""


class RefinementNetwork(PlainUNet):
    """Evidence [N, EVIDENCE, H, W] in [0, 1] -> [N, 4, H, W]: background, logit of visibility.

    B' = B + e * (d * (B - W) + r), with B the background so far, W the mark's colour and e where it
    may change; d (one channel: what an error of the matte does) and r (three) are learnt and start
    at zero. The sigmoid of the logit is the probability that the mark shows at a pixel; it starts
    at what was restored. H and W must be multiples of SIZE_MULTIPLE.
    """

    def __init__(self) -> None:
        super().__init__(EVIDENCE + 12, WIDTHS, 5)

    def forward(self, evidence: Tensor) -> Tensor:
        marked, background, colour, others = evidence.split((3, 3, 3, EVIDENCE - 9), dim=1)
        # if the mark shows, its inverse goes on where the surroundings end, else the picture does
        opacity, around = others[:, :1], _mean(background)
        inverse = (marked - opacity * colour) / (1 - opacity).clamp_min(LEAST_TRANSMISSION)
        # what matters are small differences, which half precision would lose
        differences = (
            4 * (marked - background),
            8 * (marked - _mean(marked)),
            8 * (background - around),
            4 * (marked - around),
            4 * (inverse.clamp(-0.5, 1.5) - around),
        )
        x = torch.cat([marked - 0.5, background - colour, *differences, others], dim=1)
        step, rest, visible = self.through(x).split((1, 3, 1), dim=1)
        restored, editable = others[:, -2:-1], others[:, -1:]
        refined = background + editable * (step * (background - colour) + rest)
        return torch.cat([refined, visible + 4 * (restored - 0.5)], dim=1)


def _mean(picture: Tensor) -> Tensor:
    """Over 5 x 5 pixels."""
    return F.avg_pool2d(picture, 5, 1, 2, count_include_pad=False)
