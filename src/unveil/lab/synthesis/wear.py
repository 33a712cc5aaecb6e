"""What happens to a mark before it is laid over a picture: opacity like clouds, and the traces of
poor scans and cameras. Only its matte changes, so the forward model holds as it is."""

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from unveil.lab.synthesis.chance import Chance, pixel_grid

LEAST = 0.35
"""The opacity of a clouded mark falls to this part of itself where it is least."""


def clouded(matte: Tensor, probability: float, chance: Chance) -> Tensor:
    """Mattes [n, 1, H, W], this part of them times a smooth random field in [LEAST, 1]."""
    rows = chance.rows(probability, len(matte))
    if not len(rows):
        return matte
    coarse = chance.uniform_like(matte.new_empty(len(rows), 1, 5, 5))
    field = F.interpolate(coarse, matte.shape[2:], mode="bilinear", align_corners=True)
    return matte.index_copy(0, rows, matte[rows] * (LEAST + (1 - LEAST) * field))


def worn(matte: Tensor, probability: float, chance: Chance) -> Tensor:
    """Mattes [n, 1, H, W], this part of them blurred, speckled, striped or wavy."""
    ways = (_blurred, _speckled, _striped, _wavy)
    way = chance.integers(len(ways), len(matte))
    way = torch.where(chance.happens(probability, len(matte)), way, -1)
    for number, change in enumerate(ways):
        rows = (way == number).nonzero().flatten()
        if len(rows):
            matte = matte.index_copy(0, rows, change(matte[rows], chance))
    return matte


def _blurred(matte: Tensor, chance: Chance) -> Tensor:
    return F.avg_pool2d(matte, 3, stride=1, padding=1)


def _speckled(matte: Tensor, chance: Chance) -> Tensor:
    """A tenth of the pixels lose half of their opacity."""
    return matte * torch.where(chance.uniform_like(matte) < 0.1, 0.5, 1.0)


def _striped(matte: Tensor, chance: Chance) -> Tensor:
    """Every fourth row or so is fainter, as an interlaced or badly printed mark has it."""
    rows = torch.arange(matte.shape[2], device=matte.device).view(1, 1, -1, 1)
    first = chance.integers(4, len(matte)).view(-1, 1, 1, 1)
    return matte * torch.where((rows + first) % 4 == 0, 0.6, 1.0)


def _wavy(matte: Tensor, chance: Chance) -> Tensor:
    """Rows shifted by up to three pixels along a sine."""
    count, _, height, width = matte.shape
    grid = pixel_grid((height, width), matte.device).expand(count, -1, -1, -1)
    length = chance.uniform(20, 60, count).view(-1, 1, 1)
    swing = chance.uniform(1, 3, count).view(-1, 1, 1)
    x = grid[..., 0] + swing * torch.sin(2 * torch.pi * grid[..., 1] / length)
    unit = torch.stack([2 * x / width - 1, 2 * grid[..., 1] / height - 1], dim=-1)
    return F.grid_sample(matte, unit, align_corners=False)
