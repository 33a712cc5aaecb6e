"""A small U-Net (Ronneberger et al., arXiv 1505.04597) without normalisation: max pooling down,
bilinear up, skips added."""

import itertools

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812


class PlainUNet(nn.Module):
    """[N, channels, H, W] -> [N, outputs, H, W]; the last convolution starts at zero.

    H and W must be multiples of 2 to the power of one less than the number of widths.
    """

    def __init__(self, channels: int, widths: tuple[int, ...], outputs: int) -> None:
        """widths: channels at strides 1, 2, 4, ..."""
        super().__init__()
        self.down = nn.ModuleList(
            _convolutions(before, after)
            for before, after in itertools.pairwise((channels, *widths))
        )
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in itertools.pairwise(widths))
        self.join = nn.ModuleList(_convolutions(width, width) for width in widths[:-1])
        self.head = nn.Conv2d(widths[0], outputs, 3, padding=1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]
        nn.init.zeros_(self.head.weight)

    def through(self, x: Tensor) -> Tensor:
        """The U-Net itself, in single precision at its end; subclasses wrap it."""
        skips = []
        for level, block in enumerate(self.down):
            x = block(F.max_pool2d(x, 2) if level else x)
            skips.append(x)
        for level in reversed(range(len(self.up))):
            larger = F.interpolate(self.up[level](x), scale_factor=2.0, mode="bilinear")
            x = self.join[level](larger + skips[level])
        return self.head(x).float()


def _convolutions(before: int, after: int) -> nn.Sequential:
    """Two 3 x 3 convolutions, each with ReLU."""
    return nn.Sequential(
        nn.Conv2d(before, after, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(after, after, 3, padding=1),
        nn.ReLU(),
    )
