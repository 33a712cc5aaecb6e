"""The network that looks at a found mark as a whole: a U-Net at half resolution over what is known
of the mark by then (unveil.completion). 1.5 million parameters.
"""

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from unveil.lab.networks.plain_unet import PlainUNet

SIZE_MULTIPLE = 32
"""Height and width of the input must be multiples of this."""

WIDTHS = (32, 64, 96, 128, 160)
"""Channels at strides 2, 4, 8, 16 and 32."""

LEAST_TRANSMISSION = 0.1
"""What less than this part of the background shows of is not inverted further."""
NEAR, FAR = 2, 8
"""Sides of the squares whose means, of three by three of them, a pixel is compared with."""
TRUST = 0.7
"""What the network that locates thinks, in log odds, is the first guess, so much of it,"""
LEAST = 0.005
"""for probabilities from this to 1 less this."""


class CompletionNetwork(PlainUNet):
    """Evidence [N, EVIDENCE, H, W] in [0, 1] -> [N, 1, H, W]: the logit that the pixel is visibly
    marked. H and W must be multiples of SIZE_MULTIPLE."""

    def __init__(self) -> None:
        super().__init__(4 * 28, WIDTHS, 4)

    def forward(self, evidence: Tensor) -> Tensor:
        marked, colour, opacity, thought, mask, matte = evidence.split((3, 3, 1, 1, 1, 1), dim=1)
        # if the mark shows, its inverse goes on where the surroundings end, else the picture does
        transmission = (1 - opacity).clamp_min(LEAST_TRANSMISSION)
        inverse = ((marked - opacity * colour) / transmission).clamp(-1, 2)
        background = torch.where(mask > 0.5, inverse, marked)
        near, far = _mean(background, NEAR), _mean(background, FAR)
        differences = (marked - near, marked - far, inverse - near, inverse - far)
        bounded = thought.clamp(LEAST, 1 - LEAST)
        odds = (bounded / (1 - bounded)).log()
        x = torch.cat(
            [
                marked - 0.5,
                inverse - 0.5,
                colour - 0.5,
                opacity,
                thought,
                mask,
                matte,
                odds / 4,
                *((6 * difference).clamp(-3, 3) for difference in differences),
                4 * inverse.amin(1, keepdim=True).clamp_max(0),  # no background is below 0
                4 * (inverse.amax(1, keepdim=True) - 1).clamp_min(0),  # or above 1
            ],
            dim=1,
        )
        return F.pixel_shuffle(self.through(F.pixel_unshuffle(x, 2)), 2) + TRUST * odds


def _mean(picture: Tensor, side: int) -> Tensor:
    """Around each pixel."""
    mean = F.avg_pool2d(F.avg_pool2d(picture, side), 3, 1, 1, count_include_pad=False)
    return F.interpolate(mean, scale_factor=float(side), mode="bilinear")
