"""The loss of SWCNN (Tian et al., arXiv 2403.05807): pixels and VGG16 features, both by L1."""

from dataclasses import dataclass

from torch import Tensor, nn

from unveil.lab.losses.perceptual import VGG16Features, perceptual_loss
from unveil.lab.losses.restoration import mae

_FEATURES_PER_VALUE = 128 / 4 / 3
"""Features at relu2_2 for each value of an RGB picture."""


@dataclass(frozen=True)
class MixedWeights:
    """Weight of the part beside L1, which has 1."""

    perceptual: float = 0.024
    """VGG16 features up to relu2_2; 0 goes without them, and without the download."""


class MixedLoss(nn.Module):
    """(output, target) -> mean |P - T| + weight * 32/3 mean |phi(P) - phi(T)|, and the two means
    by name.

    output and target [B, 3, H, W] in [0, 1]. The published code adds sums, not means, and there are
    32/3 times as many features as values: the factor keeps its balance. Building it raises
    ModelError where VGG16's weights cannot be had.
    """

    def __init__(self, weights: MixedWeights) -> None:
        super().__init__()
        self._weight = weights.perceptual * _FEATURES_PER_VALUE
        self.features = None
        if weights.perceptual:
            self.features = VGG16Features("relu2_2")
            self.features.load_imagenet()

    def forward(self, output: Tensor, target: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        parts = {"l1": mae(output, target)}
        total = parts["l1"]
        if self.features is not None:
            parts["perceptual"] = perceptual_loss(self.features, output, target)
            total = total + self._weight * parts["perceptual"]
        return total, parts
