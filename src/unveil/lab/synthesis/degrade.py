"""What happens to a picture after it was marked, as batched tensor operations: reduction, rounding
and JPEG."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

# ITU-T T.81, annex K: the tables that nearly every encoder scales by its quality setting.
_LUMINANCE = (
    "16 11 10 16 24 40 51 61  12 12 14 19 26 58 60 55  14 13 16 24 40 57 69 56 "
    "14 17 22 29 51 87 80 62  18 22 37 56 68 109 103 77  24 35 55 64 81 104 113 92 "
    "49 64 78 87 103 121 120 101  72 92 95 98 112 100 103 99"
)
_CHROMINANCE = (
    "17 18 24 47 99 99 99 99  18 21 26 66 99 99 99 99  24 26 56 99 99 99 99 99 "
    "47 66 99 99 99 99 99 99 " + "99 " * 32
)


def quantise(pictures: Tensor) -> Tensor:
    """Round to the 256 levels of an 8-bit file; [0, 1] in, [0, 1] out."""
    return (pictures.clamp(0, 1) * 255).round() / 255


def reduced(planes: Tensor, factor: float) -> Tensor:
    """Planes [n, C, H, W] in [0, 1] with their sides times factor, in [0.5, 1] (bicubic), and
    mirrored at the right and at the bottom until they fill H x W again."""
    height, width = planes.shape[-2:]
    small_hw = (math.ceil(height * factor), math.ceil(width * factor))
    small = F.interpolate(planes, small_hw, mode="bicubic", antialias=True).clamp(0, 1)
    rest = (0, width - small_hw[1], 0, height - small_hw[0])
    return F.pad(small, rest, mode="reflect")


def jpeg(pictures: Tensor, quality: Tensor) -> Tensor:
    """What is left of RGB pictures after JPEG with 4:2:0 chroma, without the entropy coding.

    pictures: [B, 3, H, W] in [0, 1], H and W multiples of 16. quality: [B] in 1..100, on the scale
    of the Independent JPEG Group.
    """
    height, width = pictures.shape[-2:]
    if height % 16 or width % 16:
        raise ValueError(f"expected height and width in multiples of 16; got {height} x {width}")
    quality = quality.float()
    scale = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality) / 100
    red, green, blue = (pictures * 255).unbind(1)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    chroma = torch.stack([(blue - luma) / 1.772, (red - luma) / 1.402], dim=1)
    luma = _code(luma.unsqueeze(1) - 128, _table(_LUMINANCE, scale)) + 128
    chroma = _code(F.avg_pool2d(chroma, 2), _table(_CHROMINANCE, scale))
    chroma = F.interpolate(chroma, scale_factor=2, mode="bilinear", align_corners=False)
    cb, cr = chroma.unbind(1)
    luma = luma[:, 0]
    rgb = [luma + 1.402 * cr, luma - 0.344136 * cb - 0.714136 * cr, luma + 1.772 * cb]
    return quantise(torch.stack(rgb, dim=1) / 255)


def _table(text: str, scale: Tensor) -> Tensor:
    base = torch.tensor([float(v) for v in text.split()], device=scale.device).view(
        1, 1, 1, 1, 8, 8
    )
    return (base * scale.view(-1, 1, 1, 1, 1, 1)).round().clamp(1, 255)


def _code(plane: Tensor, table: Tensor) -> Tensor:
    """Transform 8 x 8 blocks, quantise their coefficients, transform back. plane: [B, C, H, W]."""
    k = torch.arange(8, device=plane.device, dtype=torch.float32)
    basis = torch.cos((2 * k + 1) * k.view(-1, 1) * math.pi / 16) / 2
    basis[0] /= math.sqrt(2)
    blocks = plane.unflatten(-1, (-1, 8)).unflatten(-3, (-1, 8)).transpose(-2, -3)
    coefficients = basis @ blocks @ basis.T
    coefficients = (coefficients / table).round() * table
    blocks = basis.T @ coefficients @ basis
    return blocks.transpose(-2, -3).flatten(-4, -3).flatten(-2, -1)
