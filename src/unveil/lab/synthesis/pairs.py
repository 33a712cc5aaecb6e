"""What restoration networks learn from: a marked crop, a target, the clean crop and the mask."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor

from unveil.lab.synthesis.chance import Chance
from unveil.lab.synthesis.config import SynthesisConfig, on_plain_scenes
from unveil.lab.synthesis.degrade import quantise
from unveil.lab.synthesis.layers import MarkLayers
from unveil.lab.synthesis.marked import VISIBLE
from unveil.lab.synthesis.scenes import Scenes
from unveil.lab.synthesis.textures import Textures
from unveil.lab.synthesis.wear import clouded, worn


class Pair(NamedTuple):
    """A batch for restoration networks; [B, 3, H, W] float32 in [0, 1]."""

    marked: Tensor
    """What the network gets."""
    target: Tensor
    """What its loss compares with: another marked view of the same crop, or the clean one."""
    clean: Tensor
    """What its score compares with."""
    mask: Tensor
    """Bool [B, 1, H, W]: where the marked crop differs visibly from the clean one."""


@dataclass(frozen=True)
class PairConfig:
    """How two marked views of one crop are drawn. Probabilities are per crop or, where said, per
    mark."""

    synthesis: SynthesisConfig = field(default_factory=SynthesisConfig)
    """The clean crops, and size, opacity and shape of the marks; its clean, second_mark,
    other_blend and jpeg have no meaning here."""
    same_mark: bool = False
    """Both views of a crop are under the same mark, at different places."""
    share: tuple[float, float] = (0.0, 0.15)
    """Part of the crop that is covered before no more marks are added, uniform; at least one
    mark is there."""
    clouded: float = 0.0
    """Marks whose opacity varies like clouds."""
    worn: float = 0.0
    """Marks distorted as by a poor scan or camera: blurred, speckled, striped or wavy."""
    retouched: float = 0.0
    """Crops whose brightness and contrast are changed, in both views and in the clean one."""
    sigma: tuple[float, float] = (0.0, 0.0)
    """Deviation of Gaussian noise over the marked views, uniform, in steps of 1/255."""
    clean_target: bool = False
    """The target is the clean crop, not a second marked view."""


def triplets(size_px: int = 256) -> PairConfig:
    """Two views under different translucent marks, as watermarkcnn draws them for its heterogeneous
    U-Net."""
    synthesis = SynthesisConfig(size_px=size_px, opaque=0.0, swapped_channels=0.0)
    return PairConfig(on_plain_scenes(synthesis), clouded=0.5, worn=0.3, retouched=0.2)


def same_logo(size_px: int = 256, opacity: tuple[float, float] = (0.3, 0.3)) -> PairConfig:
    """Two views under the same logo, as SWCNN (arXiv 2403.05807) draws them for protocol A: half
    to the full 150 px of its logos times 1.5, of one opacity, over up to two fifths of the crop."""
    synthesis = SynthesisConfig(
        size_px=size_px, length_px=(75.0, 225.0), opacity=opacity, opaque=0.0, hard_edge=1.0,
        aliased=0.0, stretch=(1.0, 1.0), recoloured=0.0, rotated=0.0, tiled=0.0, varying=0.0,
        shadow=0.0,
    )  # fmt: skip
    return PairConfig(on_plain_scenes(synthesis), same_mark=True, share=(0.0, 0.4))


class MarkedPairs:
    """An endless iterator of pairs of marked views; the same seed gives the same ones."""

    def __init__(
        self,
        pictures: Textures,
        sprites: Textures,
        config: PairConfig,
        batch_size: int,
        seed: int,
        device: torch.device | str = "cpu",
    ) -> None:
        self._config = config
        self._batch_size = batch_size
        self.chance = Chance(seed, device)
        self._sprites = sprites.to(device)
        self._layers = _WornLayers(self._sprites, config, self.chance)
        self._scenes = Scenes(pictures.to(device), self._layers, config.synthesis, self.chance)

    def __iter__(self) -> Iterator[Pair]:
        while True:
            yield self.draw()

    @torch.no_grad()
    def draw(self) -> Pair:
        """The next batch."""
        config, chance, count = self._config, self.chance, self._batch_size
        clean = self._retouched(self._scenes.draw(count))
        index = chance.integers(len(self._sprites), count) if config.same_mark else None
        marked, mask = self._view(clean, index)
        target = clean if config.clean_target else self._view(clean, index)[0]
        return Pair(marked, target, clean, mask)

    def _view(self, clean: Tensor, index: Tensor | None) -> tuple[Tensor, Tensor]:
        """A marked view and where the mark shows in it; then comes the noise."""
        chance, count = self.chance, len(clean)
        share = chance.uniform(*self._config.share, count)
        marked = quantise(self._layers.cover(clean, share, index)[0])
        mask = visibly_different(marked, clean)
        if self._config.sigma[1] > 0:
            sigma = chance.uniform(*self._config.sigma, count).view(-1, 1, 1, 1) / 255
            marked = quantise(marked + sigma * chance.normal_like(marked))
        return marked, mask

    def _retouched(self, clean: Tensor) -> Tensor:
        chance, count = self.chance, len(clean)
        chosen = chance.happens(self._config.retouched, count).view(-1, 1, 1, 1)
        contrast = chance.log_uniform(0.7, 1.4, count).view(-1, 1, 1, 1)
        brightness = chance.uniform(-0.15, 0.15, count).view(-1, 1, 1, 1)
        middle = clean.mean((1, 2, 3), keepdim=True)
        return torch.where(
            chosen, quantise(middle + contrast * (clean - middle) + brightness), clean
        )


class _WornLayers(MarkLayers):
    """Marks whose mattes are clouded and worn as the pairs' configuration asks."""

    def __init__(self, sprites: Textures, config: PairConfig, chance: Chance) -> None:
        super().__init__(sprites, config.synthesis, chance)
        self._pairs = config

    def draw(self, count: int, index: Tensor | None = None):
        layer = super().draw(count, index)
        matte = worn(layer.matte, self._pairs.worn, self._chance)
        return layer._replace(matte=clouded(matte, self._pairs.clouded, self._chance))


def visibly_different(marked: Tensor, clean: Tensor) -> Tensor:
    """Bool [B, 1, H, W]: some channel differs by more than VISIBLE."""
    return (marked - clean).abs().amax(1, keepdim=True) > VISIBLE
