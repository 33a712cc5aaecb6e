"""The network that finds figures on a mark: a small U-Net at half resolution over the background
that follows from what is known of the mark (unveil.restore.figures). 0.7 million parameters.
"""

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from unveil.lab.networks.plain_unet import PlainUNet

SIZE_MULTIPLE = 16
"""Height and width of the input must be multiples of this."""

WIDTHS = (24, 48, 96, 128)
"""Channels at strides 2, 4, 8 and 16."""

NEAR, FAR = 2, 8
"""Sides of the squares whose means, of three by three of them, a pixel is compared with."""


class FigureNetwork(PlainUNet):
    """Evidence [N, EVIDENCE, H, W] -> [N, 4, H, W]: the mark's colour, and the logit that it is
    another than is known. H and W must be multiples of SIZE_MULTIPLE."""

    def __init__(self) -> None:
        super().__init__(4 * 20, WIDTHS, 4 * 4)

    def forward(self, evidence: Tensor) -> Tensor:
        marked, inverse, colour, inside, clean, opacity = evidence.split((3, 3, 3, 1, 1, 1), dim=1)
        known = inside + clean
        background = inverse.clamp(-1, 2)
        x = torch.cat(
            [
                marked - 0.5,
                2 * (background - 0.5) * known,
                colour,
                inside,
                clean,
                opacity,
                *(
                    6 * (background - _mean(background, known, side)) * known
                    for side in (NEAR, FAR)
                ),
                4 * background.amin(1, keepdim=True).clamp_max(0),  # no background is below 0
                4 * (background.amax(1, keepdim=True) - 1).clamp_min(0),  # or above 1
            ],
            dim=1,
        )
        change, logit = F.pixel_shuffle(self.through(F.pixel_unshuffle(x, 2)), 2).split((3, 1), 1)
        return torch.cat([colour + change, logit], dim=1)


def _mean(picture: Tensor, known: Tensor, side: int) -> Tensor:
    """Of its known pixels around."""
    total, share = (
        F.avg_pool2d(F.avg_pool2d(planes, side), 3, 1, 1) for planes in (picture * known, known)
    )
    return F.interpolate(total / share.clamp_min(1e-3), scale_factor=float(side), mode="bilinear")
