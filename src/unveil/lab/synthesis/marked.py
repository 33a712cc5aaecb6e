"""Marked pictures without end: crops of clean pictures with marks composed over them, batch by
batch.

One implementation for CPU and GPU; the same seed gives the same batches. What the batches look like
follows what marks in the wild look like: a crop is mostly clean, one in five carries no mark at
all, and a mark is a logo or a line of text of one opacity, seldom tiled, seldom varying in space.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from unveil.blending import BLEND_MODES, compose
from unveil.lab.synthesis.degrade import jpeg, quantise
from unveil.lab.synthesis.textures import Textures

VISIBLE = 2.5 / 255
"""A pixel counts as marked where the mark changed some channel by more than this."""


@dataclass(frozen=True)
class SynthesisConfig:
    """How marked crops are drawn. Probabilities are per crop or, where said, per mark."""

    size_px: int = 160
    """Side of the square crops; a multiple of 32."""
    clean: float = 0.2
    """Crops without any mark."""
    second_mark: float = 0.15
    """Marked crops that get a second mark over the first."""
    length_px: tuple[float, float] = (44.0, 360.0)
    """Longer side of a mark as it is drawn; log-uniform."""
    picture_scale: tuple[float, float] = (0.75, 2.5)
    """Magnification of the clean picture; log-uniform, never past what the picture can fill."""
    opacity: tuple[float, float] = (0.15, 0.95)
    """Opacity of a mark, uniform, unless opaque."""
    opaque: float = 0.12
    """Marks of full opacity."""
    rotated: float = 0.2
    """Marks turned by any angle."""
    tiled: float = 0.1
    """Marks repeated over the whole crop."""
    hard_edge: float = 0.35
    """Marks whose every touched pixel has the full opacity, as benchmark protocols force it."""
    varying: float = 0.12
    """Marks whose opacity changes over the crop."""
    shadow: float = 0.1
    """Marks with a soft dark shadow."""
    other_blend: float = 0.06
    """Marks that multiply, screen or overlay; matte and colour are not defined for these crops."""
    swapped_channels: float = 0.15
    """Crops whose picture has red and blue swapped, as benchmark protocols read it, for colour
    variety."""
    noise: float = 0.2
    """Crops with sensor noise of up to 8/255 before the mark."""
    jpeg: float = 0.25
    """Crops stored as JPEG after the mark."""
    jpeg_quality: tuple[int, int] = (60, 98)
    """Range of that JPEG's quality."""

    def __post_init__(self) -> None:
        if self.size_px % 32:
            raise ValueError(f"expected size_px in multiples of 32; got {self.size_px}")


class Batch(NamedTuple):
    """A batch of crops; colours [B, 3, H, W] and mattes [B, 1, H, W], float32 in [0, 1]."""

    marked: Tensor
    background: Tensor
    colour: Tensor
    matte: Tensor
    visible: Tensor
    """Bool [B, 1, H, W]: the mark changed this pixel by more than VISIBLE."""
    normal: Tensor
    """Bool [B, 1, 1, 1]: every mark was blended normally, so matte and colour are defined."""
    opacity: Tensor
    """[B] highest opacity of the crop's marks; 0 where there is none."""


class MarkedPictures:
    """An endless iterator of batches."""

    def __init__(
        self,
        pictures: Textures,
        sprites: Textures,
        config: SynthesisConfig,
        batch_size: int,
        seed: int,
        device: torch.device | str = "cpu",
    ) -> None:
        self._pictures = pictures.to(device)
        self._sprites = sprites.to(device)
        self._config = config
        self._batch_size = batch_size
        self._device = torch.device(device)
        self._generator = torch.Generator(device=device).manual_seed(seed)

    def __iter__(self) -> Iterator[Batch]:
        while True:
            yield self.draw()

    @torch.no_grad()
    def draw(self) -> Batch:
        """The next batch."""
        config, count = self._config, self._batch_size
        background = self._backgrounds()
        marked = background
        matte = torch.zeros_like(background[:, :1])
        premultiplied = torch.zeros_like(background)
        normal = torch.ones(count, dtype=torch.bool, device=self._device)
        opacity = torch.zeros(count, device=self._device)
        first = ~self._chance(config.clean, count)
        second = first & self._chance(config.second_mark, count)
        for chosen in (first, second):
            rows = chosen.nonzero().flatten()
            if not len(rows):
                continue
            colour, alpha, strength = self._marks(len(rows))
            mode = self._blend_modes(len(rows))
            layer = marked[rows]
            for number, name in enumerate(BLEND_MODES):
                picked = mode == number
                if picked.any():
                    layer[picked] = compose(layer[picked], colour[picked], alpha[picked], name)
            marked = marked.index_copy(0, rows, layer)
            premultiplied[rows] = alpha * colour + (1 - alpha) * premultiplied[rows]
            matte[rows] = alpha + (1 - alpha) * matte[rows]
            normal[rows] &= mode == 0
            opacity[rows] = torch.maximum(opacity[rows], strength)
        marked = quantise(marked)
        visible = ((marked - background).abs().amax(1, keepdim=True) > VISIBLE) & (matte > 0)
        stored = self._chance(config.jpeg, count).nonzero().flatten()
        if len(stored):
            low, high = config.jpeg_quality
            quality = self._uniform(low, high, len(stored)).round()
            marked = marked.index_copy(0, stored, jpeg(marked[stored], quality))
        return Batch(
            marked=marked,
            background=background,
            colour=premultiplied / matte.clamp_min(1e-4),
            matte=matte,
            visible=visible,
            normal=normal.view(-1, 1, 1, 1),
            opacity=opacity,
        )

    def _backgrounds(self) -> Tensor:
        config, count = self._config, self._batch_size
        index = self._integers(len(self._pictures), count)
        size_hw = self._pictures.sizes_hw[index].float()
        least = config.size_px / size_hw.amin(1)
        scale = self._log_uniform(*config.picture_scale, count).maximum(least)
        room_hw = size_hw - config.size_px / scale.view(-1, 1)
        corner_hw = room_hw * torch.rand(count, 2, generator=self._generator, device=self._device)
        flip = self._chance(0.5, count).view(-1, 1, 1)
        xy = self._grid().expand(count, -1, -1, -1)
        x = torch.where(flip, config.size_px - xy[..., 0], xy[..., 0])
        xy = torch.stack([x, xy[..., 1]], dim=-1) / scale.view(-1, 1, 1, 1)
        background = self._pictures.sample(index, xy + corner_hw.flip(1).view(-1, 1, 1, 2))[:, :3]
        swapped = self._chance(config.swapped_channels, count).view(-1, 1, 1, 1)
        background = torch.where(swapped, background.flip(1), background)
        rows = self._chance(config.noise, count).nonzero().flatten()
        if len(rows):
            noisy = background[rows]
            grain = torch.empty_like(noisy).normal_(generator=self._generator)
            sigma = self._uniform(0, 8 / 255, len(rows)).view(-1, 1, 1, 1)
            background[rows] = noisy + sigma * grain
        return quantise(background)

    def _marks(self, count: int) -> tuple[Tensor, Tensor, Tensor]:
        """Colour [n, 3, H, W] and matte [n, 1, H, W] of n marks, and their opacities [n]."""
        config, side = self._config, self._config.size_px
        index = self._integers(len(self._sprites), count)
        size_hw = self._sprites.sizes_hw[index].float()
        scale = self._log_uniform(*config.length_px, count) / size_hw.amax(1)
        stretch = self._log_uniform(0.85, 1.18, count)
        tiled = self._chance(config.tiled, count)
        angle = self._uniform(-torch.pi, torch.pi, count) * self._chance(config.rotated, count)
        angle = torch.where(
            self._chance(0.5, count), angle, angle.clamp(-0.3, 0.3)
        )  # most turned marks are only tilted
        cos, sin = angle.cos().view(-1, 1, 1), angle.sin().view(-1, 1, 1)
        drawn_hw = size_hw * scale.view(-1, 1)
        # the mark's centre: anywhere from which a good part of the mark lies in the crop
        reach_hw = (drawn_hw * 0.25).clamp_max(side * 0.4)
        spread = torch.rand(count, 2, generator=self._generator, device=self._device)
        centre_hw = spread * (side - 20 + 2 * reach_hw) - reach_hw + 10
        offset = self._grid() - centre_hw.flip(1).view(-1, 1, 1, 2)
        along = cos * offset[..., 0] + sin * offset[..., 1]
        across = cos * offset[..., 1] - sin * offset[..., 0]
        half_hw = size_hw / 2
        x = along / (scale * stretch).view(-1, 1, 1) + half_hw[:, 1].view(-1, 1, 1)
        y = across / scale.view(-1, 1, 1) + half_hw[:, 0].view(-1, 1, 1)
        gap = self._uniform(1.1, 2.2, count).view(-1, 1) * size_hw
        gap = gap.maximum(size_hw.amax(1, keepdim=True) * 0.3)
        x, y = _repeated(x, y, gap, tiled)
        level = (-scale.log2()).floor().clamp(0, self._sprites.levels - 1).long()
        hard = self._chance(config.hard_edge, count)
        sprite = self._sprites.sample(index, torch.stack([x, y], dim=-1), level, hard)
        alpha = sprite[:, 3:]
        colour = sprite[:, :3] / alpha.clamp_min(1e-4)
        # a magnified sprite has a soft edge; real marks of that size are mostly drawn sharp
        sharp = 1 + (scale - 1).clamp_min(0) * self._uniform(0, 1, count)
        sharp = sharp.view(-1, 1, 1, 1)
        alpha = torch.where(sharp > 1, ((alpha - 0.5) * sharp + 0.5).clamp(0, 1), alpha)
        permuted = self._chance(0.3, count).view(-1, 1, 1, 1)
        colour = torch.where(permuted, colour[:, [2, 0, 1]], colour)
        opaque = self._chance(config.opaque, count)
        opacity = torch.where(opaque, 1.0, self._uniform(*config.opacity, count))
        field = opacity.view(-1, 1, 1, 1) * self._fields(count)
        alpha, colour = self._with_shadow(alpha * field, colour)
        return colour.clamp(0, 1), alpha, opacity

    def _with_shadow(self, alpha: Tensor, colour: Tensor) -> tuple[Tensor, Tensor]:
        count = len(alpha)
        rows = self._chance(self._config.shadow, count).nonzero().flatten()
        if not len(rows):
            return alpha, colour
        front, shift = alpha[rows], 1 + int(self._integers(4, 1))
        shadow = F.pad(front, (shift, 0, shift, 0))[..., :-shift, :-shift]
        shadow = F.avg_pool2d(shadow, 3, stride=1, padding=1) * self._uniform(
            0.3, 0.9, len(rows)
        ).view(-1, 1, 1, 1)
        both = front + (1 - front) * shadow
        alpha = alpha.index_copy(0, rows, both)
        shaded = colour[rows] * front / both.clamp_min(1e-4)
        return alpha, colour.index_copy(0, rows, shaded)

    def _fields(self, count: int) -> Tensor:
        """[n, 1, H, W] in [0, 1]: 1, or a ramp in some direction where the opacity varies."""
        side = self._config.size_px
        varying = self._chance(self._config.varying, count).view(-1, 1, 1, 1)
        angle = self._uniform(-torch.pi, torch.pi, count).view(-1, 1, 1)
        grid = self._grid() / side - 0.5
        ramp = angle.cos() * grid[..., 0] + angle.sin() * grid[..., 1]
        ends = self._uniform(0.2, 0.9, count).view(-1, 1, 1, 1)
        ramp = ends + (1 - ends) * (ramp.unsqueeze(1) + 0.5).clamp(0, 1)
        return torch.where(varying, ramp, 1.0)

    def _blend_modes(self, count: int) -> Tensor:
        other = 1 + self._integers(len(BLEND_MODES) - 1, count)
        return torch.where(self._chance(self._config.other_blend, count), other, 0)

    def _grid(self) -> Tensor:
        """[1, H, W, 2] positions of the pixels' centres, x then y."""
        line = torch.arange(self._config.size_px, device=self._device) + 0.5
        y, x = torch.meshgrid(line, line, indexing="ij")
        return torch.stack([x, y], dim=-1).unsqueeze(0)

    def _uniform(self, low: float, high: float, count: int) -> Tensor:
        unit = torch.rand(count, generator=self._generator, device=self._device)
        return low + (high - low) * unit

    def _log_uniform(self, low: float, high: float, count: int) -> Tensor:
        return low * (high / low) ** self._uniform(0, 1, count)

    def _chance(self, probability: float, count: int) -> Tensor:
        return self._uniform(0, 1, count) < probability

    def _integers(self, end: int, count: int) -> Tensor:
        return torch.randint(end, (count,), generator=self._generator, device=self._device)


def _repeated(x: Tensor, y: Tensor, gap_hw: Tensor, tiled: Tensor) -> tuple[Tensor, Tensor]:
    """Positions wrapped to a brick pattern of the given period where tiled is True."""
    height, width = gap_hw.view(-1, 2, 1, 1).unbind(1)
    row = (y / height).floor()
    wrapped_x = (x + 0.5 * width * (row % 2)) % width
    wrapped_y = y - row * height
    choose = tiled.view(-1, 1, 1)
    return torch.where(choose, wrapped_x, x), torch.where(choose, wrapped_y, y)
