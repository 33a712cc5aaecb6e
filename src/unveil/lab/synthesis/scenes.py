"""Clean crops, before any mark: cut out, warped, with things and print in them, sharpened, with
grain."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from unveil.lab.synthesis.chance import Chance, pixel_grid
from unveil.lab.synthesis.config import SynthesisConfig
from unveil.lab.synthesis.degrade import quantise
from unveil.lab.synthesis.layers import MarkLayers
from unveil.lab.synthesis.textures import Textures


class Scenes:
    """Draws clean crops."""

    def __init__(
        self, pictures: Textures, layers: MarkLayers, config: SynthesisConfig, chance: Chance
    ) -> None:
        self._pictures = pictures
        self._layers = layers
        self._config = config
        self._chance = chance

    def draw(self, count: int) -> Tensor:
        """[count, 3, H, W] in [0, 1], in steps of 1/255."""
        config, chance = self._config, self._chance
        scenes = crops(
            self._pictures, config.size_px, config.picture_scale, count, chance, config.warped
        )
        swapped = chance.happens(config.swapped_channels, count).view(-1, 1, 1, 1)
        scenes = torch.where(swapped, scenes.flip(1), scenes)
        turned, upside_down = (
            chance.happens(config.turned, count).view(-1, 1, 1, 1) for _ in range(2)
        )
        scenes = torch.where(turned, scenes.transpose(2, 3), scenes)
        scenes = torch.where(upside_down, scenes.flip(2), scenes)
        rows = chance.rows(config.toned, count)
        if len(rows):
            scenes[rows] = self._toned(scenes[rows])
        rows = chance.rows(config.obstructed, count)
        if len(rows):
            scenes[rows] = self._with_thing(scenes[rows], scenes[rows - 1])
        rows = chance.rows(config.sharpened, count)
        if len(rows):
            amount = chance.uniform(0.2, 1.5, len(rows)).view(-1, 1, 1, 1)
            soft = scenes[rows]
            scenes[rows] = (soft + amount * (soft - _blurred(soft))).clamp(0, 1)
        rows = chance.rows(config.printed, count)
        if len(rows):
            scenes[rows] = self._with_print(scenes[rows])
        rows = chance.rows(config.bordered, count)
        if len(rows):
            scenes[rows] = self._with_border(scenes[rows])
        rows = chance.rows(config.noise, count)
        if len(rows):
            sigma = chance.uniform(0, 8 / 255, len(rows)).view(-1, 1, 1, 1)
            scenes[rows] = scenes[rows] + sigma * chance.normal_like(scenes[rows])
        return quantise(scenes)

    def _toned(self, scenes: Tensor) -> Tensor:
        """Scenes in other light: each channel to a power of .6 to 1.6, and times .8 to 1.2."""
        count = 3 * len(scenes)
        gamma = self._chance.log_uniform(0.6, 1.6, count).view(-1, 3, 1, 1)
        gain = self._chance.log_uniform(0.8, 1.2, count).view(-1, 3, 1, 1)
        return (gain * scenes.clamp(0, 1) ** gamma).clamp(0, 1)

    def _with_print(self, scenes: Tensor) -> Tensor:
        """Scenes with print on them: opaque, lit as its surroundings are, no sharper than the
        lens."""
        chance, count = self._chance, len(scenes)
        colour, cover = self._layers.sprites(count, tiled=0.0, hard_edge=0.0)
        light = F.avg_pool2d(scenes.mean(1, keepdim=True), 31, stride=1, padding=15)
        light = light / light.amax((2, 3), keepdim=True).clamp_min(1 / 255)
        ink = chance.uniform(0.8, 1, count).view(-1, 1, 1, 1)
        cover = _blurred(cover)
        softer = chance.happens(0.5, count).view(-1, 1, 1, 1)
        cover = torch.where(softer, _blurred(cover), cover)
        return scenes + ink * cover * (colour.clamp(0, 1) * light - scenes)

    def _with_thing(self, scenes: Tensor, others: Tensor) -> Tensor:
        """Scenes with a piece of another in front: opaque, anything between an ellipse and a
        rectangle."""
        chance, count = self._chance, len(scenes)
        side = self._config.size_px
        middle = chance.uniform(0, side, 2 * count).view(-1, 1, 1, 2)
        angle = chance.uniform(0, math.pi, count).view(-1, 1, 1)
        radius = chance.log_uniform(side / 16, side / 2, 2 * count).view(-1, 2, 1, 1)
        power = chance.log_uniform(2, 10, count).view(-1, 1, 1)
        x, y = (pixel_grid((side, side), chance.device) - middle).unbind(-1)
        along = (angle.cos() * x + angle.sin() * y).abs() / radius[:, 0]
        beside = (angle.cos() * y - angle.sin() * x).abs() / radius[:, 1]
        distance = (along**power + beside**power) ** (1 / power)
        cover = (0.5 + (1 - distance) * radius.amin(1)).clamp(0, 1).unsqueeze(1)
        return torch.lerp(scenes, others, _blurred(cover))

    def _with_border(self, scenes: Tensor) -> Tensor:
        """Scenes with a band of 1 to 12 pixels along some of their sides: grey, and more or less of
        the scene shines through."""
        chance, count = self._chance, len(scenes)
        side = self._config.size_px
        width = chance.uniform(1, 12, 4 * count).round().view(count, 4, 1, 1)
        there = chance.happens(0.4, 4 * count).view(count, 4, 1, 1)
        x, y = pixel_grid((side, side), chance.device).unbind(-1)
        to_side = torch.stack([x, y, side - x, side - y], dim=1)
        band = ((to_side < width) & there).any(1, keepdim=True)
        grey = chance.integers(3, count).view(-1, 1, 1, 1) / 2
        cover = chance.uniform(0.2, 1, count).view(-1, 1, 1, 1) * band
        return scenes + cover * (grey - scenes)


def crops(
    pictures: Textures,
    size_px: int,
    scale: tuple[float, float],
    count: int,
    chance: Chance,
    warped: float = 0.0,
) -> Tensor:
    """[count, 3, size_px, size_px] cut out of any pictures at any place, half of them mirrored.

    scale: range of the magnification, log-uniform; a picture that would not fill the crop is
    magnified until it does. warped: part of the crops that is turned by any angle and stretched by
    up to a third.
    """
    index = chance.integers(len(pictures), count)
    is_warped = chance.happens(warped, count)
    angle = chance.uniform(-math.pi, math.pi, count) * is_warped
    stretch = chance.log_uniform(3 / 4, 4 / 3, count) ** (0.5 * is_warped)
    flip = 1 - 2 * chance.happens(0.5, count).float()
    across = torch.stack([angle.cos(), angle.sin()], dim=-1) * (flip * stretch).unsqueeze(-1)
    down = torch.stack([-angle.sin(), angle.cos()], dim=-1) / stretch.unsqueeze(-1)
    reach_xy = (across.abs() + down.abs()) * size_px / 2
    size_xy = pictures.sizes_hw[index].float().flip(1)
    factor = chance.log_uniform(*scale, count).maximum((2 * reach_xy / size_xy).amax(1))
    reach_xy = reach_xy / factor.unsqueeze(-1)
    place = torch.rand(count, 2, generator=chance.generator, device=chance.device)
    corner_xy = (size_xy - 2 * reach_xy) * place
    unscaled = ((factor == 1) & ~is_warped).unsqueeze(-1)
    corner_xy = torch.where(unscaled, corner_xy.floor(), corner_xy)  # between pixels it would blur
    shape = (-1, 1, 1, 2)
    x, y = (pixel_grid((size_px, size_px), chance.device) - size_px / 2).split(1, dim=-1)
    turned = x * across.view(shape) + y * down.view(shape)
    xy = turned / factor.view(-1, 1, 1, 1) + (corner_xy + reach_xy).view(shape)
    return pictures.sample(index, xy)[:, :3]


def _blurred(planes: Tensor) -> Tensor:
    """Convolved with [1 2 1] / 4 along both axes."""
    kernel = torch.tensor([0.25, 0.5, 0.25], device=planes.device)
    kernel = (kernel.view(3, 1) * kernel).expand(planes.shape[1], 1, 3, 3)
    padded = F.pad(planes, (1, 1, 1, 1), mode="replicate")
    return F.conv2d(padded, kernel, groups=planes.shape[1])
