"""The loss of watermarkcnn's heterogeneous U-Net (github.com/ianhenryryan/watermarkcnn):
L1 + .3 perceptual + .3 LAB + .4 (1 - SSIM) + .1 Laplacian."""

from dataclasses import dataclass

from torch import Tensor, nn

from unveil.lab.losses.lab_colour import lab_loss
from unveil.lab.losses.laplacian import laplacian_loss
from unveil.lab.losses.perceptual import VGG16Features, perceptual_loss
from unveil.lab.losses.restoration import masked_l1
from unveil.lab.losses.ssim import ssim_loss


@dataclass(frozen=True)
class FivePartWeights:
    """Weights of the parts beside masked L1, which has 1."""

    perceptual: float = 0.3
    """VGG16 features up to relu3_3; 0 goes without them, and without the download."""
    lab: float = 0.3
    """CIE L*a*b*, in its own units (lightness 0 to 100): the largest part by far."""
    ssim: float = 0.4
    """1 - SSIM."""
    laplacian: float = 0.1
    """Edges."""


class FivePartLoss(nn.Module):
    """(output, target, mask) -> the weighted sum, and the parts by name, unweighted.

    output and target [B, 3, H, W] in [0, 1]; mask [B, 1, H, W], where L1 and Laplacian look.
    Building it raises ModelError where VGG16's weights cannot be had.
    """

    def __init__(self, weights: FivePartWeights) -> None:
        super().__init__()
        self._weights = weights
        self.features = None
        if weights.perceptual:
            self.features = VGG16Features("relu3_3")
            self.features.load_imagenet()

    def forward(
        self, output: Tensor, target: Tensor, mask: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        output, target = output.float(), target.float()
        parts = {
            "l1": masked_l1(output, target, mask),
            "lab": lab_loss(output, target),
            "ssim": ssim_loss(output, target),
            "laplacian": laplacian_loss(output, target, mask),
        }
        weights = self._weights
        total = parts["l1"] + weights.lab * parts["lab"] + weights.ssim * parts["ssim"]
        total = total + weights.laplacian * parts["laplacian"]
        if self.features is not None:
            parts["perceptual"] = perceptual_loss(self.features, output, target)
            total = total + weights.perceptual * parts["perceptual"]
        return total, parts
