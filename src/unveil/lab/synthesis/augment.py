"""Augmentation of batches for restoration and segmentation, on any device.

The target is never destroyed. Geometry (crop, rotation, flips) moves input, target, clean crop and
mask alike. What changes the light (jitter, grey, gamma) or belongs to the scene (rain, shadow) is
the same over input, target and clean crop, so that they still are one picture with and without its
mark. Blur, compression and dropout, which lose what no network can bring back in full, befall the
input alone, in small doses.
"""

from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from unveil.lab.synthesis.chance import Chance, pixel_grid
from unveil.lab.synthesis.degrade import jpeg, quantise
from unveil.lab.synthesis.logos import Scene
from unveil.lab.synthesis.pairs import Pair

BatchT = TypeVar("BatchT", Pair, Scene)

_LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True)
class AugmentConfig:
    """How often each change happens to a crop of a batch; probabilities."""

    crop: float = 0.3
    """Magnified by up to 1.4, at any place."""
    rotate: float = 0.3
    """Turned by up to .3 rad, magnified as far as keeps its corners filled."""
    flip: float = 0.5
    """Mirrored; and, as often, upside down."""
    jitter: float = 0.3
    """Brightness, contrast and saturation changed."""
    grey: float = 0.05
    """All colour gone."""
    gamma: float = 0.2
    """Values raised to a power of .7 to 1.4."""
    rain: float = 0.05
    """Bright slanted streaks."""
    shadow: float = 0.1
    """One side of a soft slanted edge darker."""
    blur: float = 0.1
    """Input convolved with a Gaussian of .4 to 1.2 px."""
    compression: float = 0.2
    """Input stored as JPEG of quality 50 to 95."""
    dropout: float = 0.05
    """Up to 2 % of the input's pixels black."""


class Source(Protocol):
    """Something that draws batches by its chance, such as MarkedPairs."""

    chance: Chance

    def draw(self) -> Any:
        """The next batch."""
        ...


class Augmented:
    """The batches of a source, augmented by the source's own chance."""

    def __init__(self, source: Source, config: AugmentConfig) -> None:
        self.chance = source.chance
        self._source = source
        self._config = config

    def draw(self) -> Any:
        """The next batch."""
        return augment(self._source.draw(), self._config, self.chance)


@torch.no_grad()
def augment(batch: BatchT, config: AugmentConfig, chance: Chance) -> BatchT:
    """The batch, changed; sides of its crops must be multiples of 16."""
    names = [name for name in batch._fields if name != "mask"]
    count, colours = len(batch.marked), 3 * len(names)
    planes = torch.cat([*(getattr(batch, name) for name in names), batch.mask.float()], dim=1)
    planes = _moved(planes, config, chance)
    pictures = planes[:, :colours].unflatten(1, (len(names), 3))
    pictures = _relit(pictures, config, chance)
    for probability, effect in ((config.rain, _rain), (config.shadow, _shadow)):
        rows = chance.rows(probability, count)
        if len(rows):
            pictures = pictures.index_copy(0, rows, effect(pictures[rows], chance))
    changed = dict(zip(names, quantise(pictures).unbind(1), strict=True))
    changed["marked"] = _degraded(changed["marked"], config, chance)
    return batch._replace(**changed, mask=planes[:, colours:] > 0.5)


def _moved(planes: Tensor, config: AugmentConfig, chance: Chance) -> Tensor:
    count = len(planes)
    for axis in (2, 3):
        flipped = chance.happens(config.flip, count).view(-1, 1, 1, 1)
        planes = torch.where(flipped, planes.flip(axis), planes)
    turned = chance.happens(config.rotate, count)
    zoomed = chance.happens(config.crop, count)
    angle = torch.where(turned, chance.uniform(-0.3, 0.3, count), 0.0)
    zoom = torch.where(zoomed, chance.uniform(1, 1.4, count), 1.0)
    drift = torch.rand(count, 2, generator=chance.generator, device=chance.device) * 2 - 1
    rows = (turned | zoomed).nonzero().flatten()
    if not len(rows):
        return planes
    cos, sin = angle.cos(), angle.sin()
    reach = cos + sin.abs()  # a square turned in a square: its corners stay within
    kept = 1 / (zoom * reach)
    room = (1 - kept * reach).unsqueeze(1)
    move = torch.stack([kept * cos, -kept * sin, kept * sin, kept * cos], dim=1).view(-1, 2, 2)
    move = torch.cat([move, (drift * room).unsqueeze(2)], dim=2)[rows]
    grid = F.affine_grid(move, list(planes[rows].shape), align_corners=False)
    moved = F.grid_sample(planes[rows], grid, padding_mode="border", align_corners=False)
    return planes.index_copy(0, rows, moved)


def _relit(pictures: Tensor, config: AugmentConfig, chance: Chance) -> Tensor:
    """pictures: [B, K, 3, H, W]; the same change for all K of a crop."""
    count = len(pictures)

    def drawn(probability: float, low: float, high: float, neutral: float) -> Tensor:
        happens = chance.happens(probability, count)
        value = torch.where(happens, chance.uniform(low, high, count), neutral)
        return value.view(-1, 1, 1, 1, 1)

    brightness = drawn(config.jitter, -0.1, 0.1, 0.0)
    contrast = drawn(config.jitter, 0.75, 1.2, 1.0)
    saturation = drawn(config.jitter, 0.6, 1.4, 1.0) * drawn(config.grey, 0.0, 0.0, 1.0)
    power = drawn(config.gamma, 0.7, 1.4, 1.0)
    weights = torch.tensor(_LUMA, device=pictures.device).view(1, 1, 3, 1, 1)
    grey = (pictures * weights).sum(2, keepdim=True)
    pictures = grey + saturation * (pictures - grey)
    pictures = (contrast * (pictures - 0.5) + 0.5 + brightness).clamp(0, 1)
    return pictures**power


def _rain(pictures: Tensor, chance: Chance) -> Tensor:
    """Noise thinned to drops, drawn out along a slanted line."""
    count = len(pictures)
    drops = (chance.uniform_like(pictures[:, 0, :1]) < 0.004).float()
    length, slope = 15, float(chance.uniform(-0.4, 0.4, 1))
    streak = torch.zeros(1, 1, length, length, device=pictures.device)
    for row in range(length):
        streak[0, 0, row, round(length // 2 + slope * (row - length // 2))] = 1
    streaks = F.conv2d(drops, streak, padding=length // 2).clamp_max(1)
    matte = streaks * chance.uniform(0.15, 0.45, count).view(-1, 1, 1, 1)
    return pictures + matte.unsqueeze(1) * (0.85 - pictures)


def _shadow(pictures: Tensor, chance: Chance) -> Tensor:
    count, (height, width) = len(pictures), pictures.shape[-2:]
    grid = pixel_grid((height, width), pictures.device) - torch.tensor(
        [width / 2, height / 2], device=pictures.device
    )
    angle = chance.uniform(-torch.pi, torch.pi, count).view(-1, 1, 1)
    edge = chance.uniform(-0.3, 0.3, count).view(-1, 1, 1) * width
    softness = chance.uniform(1, 12, count).view(-1, 1, 1)
    distance = angle.cos() * grid[..., 0] + angle.sin() * grid[..., 1] - edge
    depth = chance.uniform(0.2, 0.55, count).view(-1, 1, 1)
    light = 1 - depth * (distance / softness).sigmoid()
    return pictures * light[:, None, None]


def _degraded(marked: Tensor, config: AugmentConfig, chance: Chance) -> Tensor:
    """Blur, JPEG and dropout, of the input alone."""
    count = len(marked)
    rows = chance.rows(config.blur, count)
    if len(rows):
        sigma = chance.uniform(0.4, 1.2, len(rows))
        marked = marked.index_copy(0, rows, quantise(_blurred(marked[rows], sigma)))
    rows = chance.rows(config.compression, count)
    if len(rows):
        quality = chance.uniform(50, 95, len(rows)).round()
        marked = marked.index_copy(0, rows, jpeg(marked[rows], quality))
    share = chance.uniform(0, 0.02, count) * chance.happens(config.dropout, count)
    lost = chance.uniform_like(marked[:, :1]) < share.view(-1, 1, 1, 1)
    return torch.where(lost, 0.0, marked)


def _blurred(pictures: Tensor, sigma: Tensor) -> Tensor:
    """Convolved with a Gaussian of its own deviation each, 7 pixels wide."""
    place = torch.arange(-3, 4, device=pictures.device)
    line = torch.exp(-(place**2) / (2 * sigma.view(-1, 1) ** 2))
    line = (line / line.sum(1, keepdim=True)).repeat_interleave(3, dim=0)
    planes = F.pad(pictures, (3, 3, 3, 3), mode="replicate").flatten(0, 1).unsqueeze(0)
    planes = F.conv2d(planes, line.view(-1, 1, 1, 7), groups=len(line))
    planes = F.conv2d(planes, line.view(-1, 1, 7, 1), groups=len(line))
    return planes.view_as(pictures)
