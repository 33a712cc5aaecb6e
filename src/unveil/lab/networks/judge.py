"""The network that judges: is a group of pixels a mark, or a thing that belongs to the picture?"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from unveil.location.features import FEATURES

MEMBERS = 12
"""Networks whose mean judges; each learns by itself."""
WIDTH = 64
"""Units of each of a member's two hidden layers."""
UNUSUAL = 4.0
"""Features are cut at so many standard deviations: beyond, nothing has been learnt."""
NOISE = 0.3
"""Standard deviations of what is added to them in training."""


class JudgeNetwork(nn.Module):
    """Features [N, FEATURES, H, W] (unveil.location.features) -> logit that it is a mark,
    [N, 1, H, W]; every place is judged by itself, and a group is one place.

    The mean of some small networks (Lakshminarayanan et al., arXiv 1612.01474): there are few
    groups to learn from, and which of them is the surest false alarm hangs on chance.
    """

    def __init__(self) -> None:
        super().__init__()
        width = MEMBERS * WIDTH
        self.standardised = nn.BatchNorm2d(FEATURES, affine=False, momentum=0.01)
        self.layers = nn.Sequential(
            nn.Conv2d(FEATURES, width, 1),
            nn.Tanh(),
            nn.Conv2d(width, width, 1, groups=MEMBERS),
            nn.Tanh(),
            nn.Conv2d(width, MEMBERS, 1, groups=MEMBERS),
        )

    def forward(self, features: Tensor) -> Tensor:
        return self.members(features).mean(1, keepdim=True)

    def members(self, features: Tensor) -> Tensor:
        """The logits of each member, [N, MEMBERS, H, W]."""
        x = F.hardtanh(self.standardised(features), -UNUSUAL, UNUSUAL)
        if self.training:
            x = x + NOISE * torch.randn_like(x)
        return self.layers(x)
