"""Differences between the features that VGG16 sees (Simonyan and Zisserman, arXiv 1409.1556;
Johnson et al., arXiv 1603.08155)."""

import torch
from torch import Tensor, nn

from unveil.errors import ModelError

_WIDTHS = (64, 64, 0, 128, 128, 0, 256, 256, 256)
"""Channels of VGG16's first convolutions, each followed by a ReLU; 0 is a maximum over 2 x 2."""

CONVOLUTIONS = {"relu2_2": 4, "relu3_3": 7}
"""The layers whose features can be taken, and the convolutions up to them."""

_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class VGG16Features(nn.Module):
    """RGB picture [B, 3, H, W] in [0, 1] -> features of one layer; frozen.

    ``relu2_2`` gives [B, 128, H / 2, W / 2], ``relu3_3`` gives [B, 256, H / 4, W / 4]. Pictures are
    normalised as the weights expect it.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, layer: str) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels, left = 3, CONVOLUTIONS[layer]
        for width in _WIDTHS:
            if not left:
                break
            if width:
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(inplace=True)]
                channels, left = width, left - 1
            else:
                layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1), persistent=False)
        deviation = torch.tensor(_DEVIATION).view(1, 3, 1, 1)
        self.register_buffer("deviation", deviation, persistent=False)
        self.requires_grad_(False)

    def forward(self, rgb: Tensor) -> Tensor:
        return self.features((rgb - self.mean) / self.deviation)

    def load_imagenet(self) -> None:
        """Take torchvision's weights, downloaded once (528 MB).

        Raises ModelError, with the way to go without, where they cannot be had.
        """
        from torchvision.models import VGG16_Weights

        weights = VGG16_Weights.IMAGENET1K_V1
        try:
            state = weights.get_state_dict(progress=True, check_hash=True)
        except (OSError, RuntimeError) as error:
            folder = torch.hub.get_dir()
            raise ModelError(
                f"expected to download VGG16's weights for the perceptual loss; {error}; put"
                f" {weights.url} into {folder}/checkpoints, or go without: loss.perceptual=0"
            ) from error
        own = self.state_dict().keys()
        self.load_state_dict({name: state[name] for name in own})


def perceptual_loss(features: nn.Module, output: Tensor, target: Tensor) -> Tensor:
    """mean |phi(P) - phi(T)|; features is phi."""
    with torch.no_grad():
        expected = features(target)
    return (features(output) - expected).abs().mean()
