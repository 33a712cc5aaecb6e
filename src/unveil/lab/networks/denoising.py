"""The network that takes noise off whole pictures: a small U-Net at half resolution, as in FFDNet
(Zhang et al., arXiv 1710.04026), that gives the noise, as in DnCNN (arXiv 1608.03981).

1.2 million parameters.
"""

from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from unveil.lab.networks.plain_unet import PlainUNet

SIZE_MULTIPLE = 8
"""Height and width of the input must be multiples of this."""

WIDTHS = (64, 128, 192)
"""Channels at strides 2, 4 and 8."""


class DenoisingNetwork(PlainUNet):
    """Noisy RGB picture [N, 3, H, W] in [0, 1] -> clean one of the same shape, not clamped.

    H and W must be multiples of SIZE_MULTIPLE. How strong the noise is it must see for itself.
    """

    def __init__(self) -> None:
        super().__init__(12, WIDTHS, 12)

    def forward(self, rgb: Tensor) -> Tensor:
        quarters = F.pixel_unshuffle(rgb - 0.5, 2)
        return rgb - F.pixel_shuffle(self.through(quarters), 2)
