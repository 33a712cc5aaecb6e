"""Marked pictures without end: crops of clean pictures with marks composed over them, batch by
batch.

One implementation for CPU and GPU; the same seed gives the same batches. What the batches look like
follows what marks in the wild look like: a crop is mostly clean, three in ten carry no mark at
all, and a mark is a logo or a line of text of one opacity, seldom tiled, seldom varying in space.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from unveil.blending import BLEND_MODES, compose
from unveil.lab.synthesis.chance import Chance
from unveil.lab.synthesis.config import SynthesisConfig
from unveil.lab.synthesis.degrade import jpeg, quantise, reduced
from unveil.lab.synthesis.layers import Layer, MarkLayers
from unveil.lab.synthesis.scenes import Scenes
from unveil.lab.synthesis.textures import Textures

VISIBLE = 2.5 / 255
"""A pixel counts as marked where the mark changed some channel by more than this."""


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
        self._config = config
        self._batch_size = batch_size
        self.chance = Chance(seed, device)
        self._layers = MarkLayers(sprites.to(device), config, self.chance)
        self._scenes = Scenes(pictures.to(device), self._layers, config, self.chance)

    def __iter__(self) -> Iterator[Batch]:
        while True:
            yield self.draw()

    @torch.no_grad()
    def draw(self) -> Batch:
        """The next batch."""
        config, chance, count = self._config, self.chance, self._batch_size
        background = self._scenes.draw(count)
        marked = background
        matte = torch.zeros_like(background[:, :1])
        premultiplied = torch.zeros_like(background)
        normal = torch.ones(count, dtype=torch.bool, device=chance.device)
        opacity = torch.zeros(count, device=chance.device)
        first = ~chance.happens(config.clean, count)
        second = first & chance.happens(config.second_mark, count)
        for chosen in (first, second):
            rows = chosen.nonzero().flatten()
            if not len(rows):
                continue
            layer = self._layers.draw(len(rows))
            other = 1 + chance.integers(len(BLEND_MODES) - 1, len(rows))
            mode = torch.where(chance.happens(config.other_blend, len(rows)), other, 0)
            marked = marked.index_copy(0, rows, composed(marked[rows], layer, mode))
            over = 1 - layer.matte
            premultiplied[rows] = layer.matte * layer.colour + over * premultiplied[rows]
            matte[rows] = layer.matte + over * matte[rows]
            normal[rows] &= mode == 0
            opacity[rows] = torch.maximum(opacity[rows], layer.opacity)
        rows = chance.rows(config.reduced, count)
        if len(rows):
            factor = float(chance.log_uniform(*config.reduction, 1))
            planes = (marked, background, premultiplied, matte)
            smaller = reduced(torch.cat([plane[rows] for plane in planes], dim=1), factor)
            marked, background, premultiplied, matte = (
                plane.index_copy(0, rows, part)
                for plane, part in zip(planes, smaller.split([3, 3, 3, 1], dim=1), strict=True)
            )
        marked, background = quantise(marked), quantise(background)
        visible = ((marked - background).abs().amax(1, keepdim=True) > VISIBLE) & (matte > 0)
        rows = chance.rows(config.noise_over_mark, count)
        if len(rows):
            sigma = chance.log_uniform(*config.noise_sigma, len(rows)).view(-1, 1, 1, 1)
            noisy = marked[rows] + sigma * chance.normal_like(marked[rows])
            marked = marked.index_copy(0, rows, quantise(noisy))
        stored = chance.rows(config.jpeg, count)
        if len(stored):
            low, high = config.jpeg_quality
            quality = chance.uniform(low, high, len(stored)).round()
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


def composed(background: Tensor, layer: Layer, mode: Tensor) -> Tensor:
    """Each layer composed over its background in its own blend mode, an index into BLEND_MODES."""
    composed = torch.empty_like(background)
    for number, name in enumerate(BLEND_MODES):
        picked = mode == number
        if picked.any():
            composed[picked] = compose(
                background[picked], layer.colour[picked], layer.matte[picked], name
            )
    return composed


def levels_of(planes: Tensor) -> NDArray[np.uint8]:
    """[B, C, H, W] in [0, 1] as B x H x W x C levels."""
    return (planes * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
