"""Marks as layers over a crop: sprites placed, turned, tiled, made translucent."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from unveil.blending import compose
from unveil.lab.synthesis.chance import Chance
from unveil.lab.synthesis.config import SynthesisConfig
from unveil.lab.synthesis.textures import Textures

MOST_MARKS = 300
"""No picture gets more marks than this, however much of it they were to cover."""
ALIASED_FROM = (0.02, 0.5)
"""An aliased mark covers pixels from this cover on: from all that it touches to its half."""


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
        matte = self._varied(self._aliased(cover) * opacity.view(-1, 1, 1, 1))
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
        drawn_hw = size_hw * scale.view(-1, 1)
        # the mark's centre: anywhere from which a good part of the mark lies in the crop
        room_hw = torch.tensor(self._size_hw, device=chance.device)
        reach_hw = (drawn_hw * 0.25).minimum(room_hw * 0.4)
        spread = torch.rand(count, 2, generator=chance.generator, device=chance.device)
        centre_hw = spread * (room_hw - 20 + 2 * reach_hw) - reach_hw + 10
        x, y = self._turned(angle, centre_hw)
        x = x / (scale * stretch).view(-1, 1, 1) + size_hw[:, 1].view(-1, 1, 1) / 2
        y = y / scale.view(-1, 1, 1) + size_hw[:, 0].view(-1, 1, 1) / 2
        gap = chance.uniform(1.1, 2.2, count).view(-1, 1) * size_hw
        gap = gap.maximum(size_hw.amax(1, keepdim=True) * 0.3)
        rows = chance.rows(tiled, count)
        if len(rows):
            x[rows], y[rows] = _repeated(x[rows], y[rows], gap[rows])
        level = (-scale.log2()).floor().clamp(0, self._sprites.levels - 1).long()
        hard = chance.happens(hard_edge, count)
        sprite = self._sprites.sample(index, torch.stack([x, y], dim=-1), level, hard)
        cover = sprite[:, 3:]
        colour = sprite[:, :3] / cover.clamp_min(1e-4)
        # a magnified sprite has a soft edge; real marks of that size are mostly drawn sharp
        sharp = 1 + (scale - 1).clamp_min(0) * chance.uniform(0, 1, count)
        sharp = sharp.view(-1, 1, 1, 1)
        cover = torch.where(sharp > 1, ((cover - 0.5) * sharp + 0.5).clamp(0, 1), cover)
        permuted = chance.rows(config.recoloured, count)
        if len(permuted):
            colour = colour.index_copy(0, permuted, colour[permuted][:, [2, 0, 1]])
        return colour, cover

    def _aliased(self, cover: Tensor) -> Tensor:
        """Some of the covers in whole pixels: from a threshold on, which differs."""
        rows = self._chance.rows(self._config.aliased, len(cover))
        least = self._chance.uniform(*ALIASED_FROM, len(rows)).view(-1, 1, 1, 1)
        return cover.index_copy(0, rows, (cover[rows] > least).to(cover.dtype))

    def cover(
        self, pictures: Tensor, share: Tensor, index: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Pictures [B, 3, H, W] under one mark after another, at least one, until more than its
        share [B] of each is covered; and the union of the mattes, [B, 1, H, W].

        index: [B] the sprite of each picture, else any.
        """
        shown, union = pictures, torch.zeros_like(pictures[:, :1])
        marked, matte = pictures.clone(), union.clone()
        rows = torch.arange(len(pictures), device=pictures.device)
        for _ in range(MOST_MARKS):
            layer = self.draw(len(rows), None if index is None else index[rows])
            shown = compose(shown, layer.colour, layer.matte)
            union = layer.matte + (1 - layer.matte) * union
            wanting = (union > 0).float().mean((1, 2, 3)) <= share[rows]
            marked[rows[~wanting]], matte[rows[~wanting]] = shown[~wanting], union[~wanting]
            rows, shown, union = rows[wanting], shown[wanting], union[wanting]
            if not len(rows):
                break
        marked[rows], matte[rows] = shown, union
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

    def _varied(self, matte: Tensor) -> Tensor:
        """Mattes [n, 1, H, W], some of them times a ramp in some direction."""
        chance, (height, width) = self._chance, self._size_hw
        rows = chance.rows(self._config.varying, len(matte))
        if not len(rows):
            return matte
        middle_hw = torch.tensor([[height / 2, width / 2]], device=chance.device)
        angle = chance.uniform(-torch.pi, torch.pi, len(rows))
        ramp = self._turned(angle, middle_hw)[0].unsqueeze(1) / max(height, width)
        ends = chance.uniform(0.2, 0.9, len(rows)).view(-1, 1, 1, 1)
        ramp = ends + (1 - ends) * (ramp + 0.5).clamp(0, 1)
        return matte.index_copy(0, rows, matte[rows] * ramp)

    def _turned(self, angle: Tensor, centre_hw: Tensor) -> tuple[Tensor, Tensor]:
        """How far each pixel lies from a centre, along an axis turned by the angle and across it:
        [n, H, W] each."""
        rows, columns = (torch.arange(side, device=angle.device) + 0.5 for side in self._size_hw)
        down = (rows - centre_hw[:, :1]).unsqueeze(2)
        right = (columns - centre_hw[:, 1:]).unsqueeze(1)
        cos, sin = angle.cos().view(-1, 1, 1), angle.sin().view(-1, 1, 1)
        return cos * right + sin * down, cos * down - sin * right


def _repeated(x: Tensor, y: Tensor, gap_hw: Tensor) -> tuple[Tensor, Tensor]:
    """Positions wrapped to a brick pattern of the given period."""
    height, width = gap_hw.view(-1, 2, 1, 1).unbind(1)
    row = (y / height).floor()
    return (x + 0.5 * width * (row % 2)) % width, y - row * height
