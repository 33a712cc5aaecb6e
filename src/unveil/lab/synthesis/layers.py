"""Marks as layers over a crop: sprites placed, turned, tiled, made translucent."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from unveil.blending import compose
from unveil.lab.synthesis.chance import Chance, pixel_grid
from unveil.lab.synthesis.config import SynthesisConfig
from unveil.lab.synthesis.textures import Textures

MOST_MARKS = 300
"""No picture gets more marks than this, however much of it they were to cover."""


class Layer(NamedTuple):
    """Colour [n, 3, H, W] and matte [n, 1, H, W] of n marks, and their opacities [n]."""

    colour: Tensor
    matte: Tensor
    opacity: Tensor


class MarkLayers:
    """Draws marks for crops, or for pictures of another size."""

    def __init__(
        self,
        sprites: Textures,
        config: SynthesisConfig,
        chance: Chance,
        size_hw: tuple[int, int] | None = None,
    ) -> None:
        self._sprites = sprites
        self._config = config
        self._chance = chance
        self._size_hw = size_hw or (config.size_px, config.size_px)

    def draw(self, count: int, index: Tensor | None = None) -> Layer:
        """Marks as they are laid over pictures; index: [count] which sprites, else any."""
        config, chance = self._config, self._chance
        colour, cover = self.sprites(count, config.tiled, config.hard_edge, index)
        opaque = chance.happens(config.opaque, count)
        opacity = torch.where(opaque, 1.0, chance.uniform(*config.opacity, count))
        matte = cover * opacity.view(-1, 1, 1, 1) * self._fields(count)
        matte, colour = self._with_shadow(matte, colour)
        return Layer(colour.clamp(0, 1), matte, opacity)

    def sprites(
        self, count: int, tiled: float, hard_edge: float, index: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Colour [n, 3, H, W] and cover [n, 1, H, W] of placed sprites; tiled and hard_edge are
        probabilities."""
        config, chance = self._config, self._chance
        if index is None:
            index = chance.integers(len(self._sprites), count)
        size_hw = self._sprites.sizes_hw[index].float()
        scale = chance.log_uniform(*config.length_px, count) / size_hw.amax(1)
        stretch = chance.log_uniform(*config.stretch, count)
        angle = chance.uniform(-torch.pi, torch.pi, count) * chance.happens(config.rotated, count)
        angle = torch.where(
            chance.happens(0.5, count), angle, angle.clamp(-0.3, 0.3)
        )  # most turned marks are only tilted
        cos, sin = angle.cos().view(-1, 1, 1), angle.sin().view(-1, 1, 1)
        drawn_hw = size_hw * scale.view(-1, 1)
        # the mark's centre: anywhere from which a good part of the mark lies in the crop
        room_hw = torch.tensor(self._size_hw, device=chance.device)
        reach_hw = (drawn_hw * 0.25).minimum(room_hw * 0.4)
        spread = torch.rand(count, 2, generator=chance.generator, device=chance.device)
        centre_hw = spread * (room_hw - 20 + 2 * reach_hw) - reach_hw + 10
        offset = pixel_grid(self._size_hw, chance.device) - centre_hw.flip(1).view(-1, 1, 1, 2)
        along = cos * offset[..., 0] + sin * offset[..., 1]
        across = cos * offset[..., 1] - sin * offset[..., 0]
        half_hw = size_hw / 2
        x = along / (scale * stretch).view(-1, 1, 1) + half_hw[:, 1].view(-1, 1, 1)
        y = across / scale.view(-1, 1, 1) + half_hw[:, 0].view(-1, 1, 1)
        gap = chance.uniform(1.1, 2.2, count).view(-1, 1) * size_hw
        gap = gap.maximum(size_hw.amax(1, keepdim=True) * 0.3)
        x, y = _repeated(x, y, gap, chance.happens(tiled, count))
        level = (-scale.log2()).floor().clamp(0, self._sprites.levels - 1).long()
        hard = chance.happens(hard_edge, count)
        sprite = self._sprites.sample(index, torch.stack([x, y], dim=-1), level, hard)
        cover = sprite[:, 3:]
        colour = sprite[:, :3] / cover.clamp_min(1e-4)
        # a magnified sprite has a soft edge; real marks of that size are mostly drawn sharp
        sharp = 1 + (scale - 1).clamp_min(0) * chance.uniform(0, 1, count)
        sharp = sharp.view(-1, 1, 1, 1)
        cover = torch.where(sharp > 1, ((cover - 0.5) * sharp + 0.5).clamp(0, 1), cover)
        permuted = chance.happens(config.recoloured, count).view(-1, 1, 1, 1)
        return torch.where(permuted, colour[:, [2, 0, 1]], colour), cover

    def cover(
        self, pictures: Tensor, share: Tensor, index: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Pictures [B, 3, H, W] under one mark after another, at least one, until more than its
        share [B] of each is covered; and the union of the mattes, [B, 1, H, W].

        index: [B] the sprite of each picture, else any.
        """
        marked, matte = pictures.clone(), torch.zeros_like(pictures[:, :1])
        rows = torch.arange(len(pictures), device=pictures.device)
        for _ in range(MOST_MARKS):
            layer = self.draw(len(rows), None if index is None else index[rows])
            marked[rows] = compose(marked[rows], layer.colour, layer.matte)
            matte[rows] = layer.matte + (1 - layer.matte) * matte[rows]
            covered = (matte[rows] > 0).float().mean((1, 2, 3))
            rows = rows[covered <= share[rows]]
            if not len(rows):
                break
        return marked, matte

    def _with_shadow(self, matte: Tensor, colour: Tensor) -> tuple[Tensor, Tensor]:
        rows = self._chance.rows(self._config.shadow, len(matte))
        if not len(rows):
            return matte, colour
        front, shift = matte[rows], 1 + int(self._chance.integers(4, 1))
        shadow = F.pad(front, (shift, 0, shift, 0))[..., :-shift, :-shift]
        strength = self._chance.uniform(0.3, 0.9, len(rows)).view(-1, 1, 1, 1)
        shadow = F.avg_pool2d(shadow, 3, stride=1, padding=1) * strength
        both = front + (1 - front) * shadow
        shaded = colour[rows] * front / both.clamp_min(1e-4)
        return matte.index_copy(0, rows, both), colour.index_copy(0, rows, shaded)

    def _fields(self, count: int) -> Tensor:
        """[n, 1, H, W] in [0, 1]: 1, or a ramp in some direction where the opacity varies."""
        chance, (height, width) = self._chance, self._size_hw
        varying = chance.happens(self._config.varying, count).view(-1, 1, 1, 1)
        angle = chance.uniform(-torch.pi, torch.pi, count).view(-1, 1, 1)
        grid = pixel_grid(self._size_hw, chance.device)
        grid = grid / torch.tensor([width, height], device=chance.device) - 0.5
        ramp = angle.cos() * grid[..., 0] + angle.sin() * grid[..., 1]
        ends = chance.uniform(0.2, 0.9, count).view(-1, 1, 1, 1)
        ramp = ends + (1 - ends) * (ramp.unsqueeze(1) + 0.5).clamp(0, 1)
        return torch.where(varying, ramp, 1.0)


def _repeated(x: Tensor, y: Tensor, gap_hw: Tensor, tiled: Tensor) -> tuple[Tensor, Tensor]:
    """Positions wrapped to a brick pattern of the given period where tiled is True."""
    height, width = gap_hw.view(-1, 2, 1, 1).unbind(1)
    row = (y / height).floor()
    wrapped_x = (x + 0.5 * width * (row % 2)) % width
    wrapped_y = y - row * height
    choose = tiled.view(-1, 1, 1)
    return torch.where(choose, wrapped_x, x), torch.where(choose, wrapped_y, y)
