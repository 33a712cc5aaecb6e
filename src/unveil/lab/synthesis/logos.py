"""What segmentation networks learn from: crops under one to five logos, after
github.com/Diffusion-Dynamics/watermark-segmentation."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from unveil.blending import BLEND_MODES
from unveil.lab.synthesis.chance import Chance
from unveil.lab.synthesis.config import SynthesisConfig, on_plain_scenes
from unveil.lab.synthesis.degrade import quantise
from unveil.lab.synthesis.layers import MarkLayers
from unveil.lab.synthesis.marked import composed
from unveil.lab.synthesis.pairs import visibly_different
from unveil.lab.synthesis.scenes import Scenes
from unveil.lab.synthesis.textures import Textures


class Scene(NamedTuple):
    """A batch for segmentation networks; [B, 3, H, W] float32 in [0, 1]."""

    marked: Tensor
    clean: Tensor
    mask: Tensor
    """Bool [B, 1, H, W]: what the network is to find."""


@dataclass(frozen=True)
class SegmentationConfig:
    """How crops under logos are drawn."""

    size_px: int = 256
    """Side of the square crops; a multiple of 32."""
    logos: tuple[int, int] = (1, 5)
    """Logos of a crop."""
    length: tuple[float, float] = (0.05, 0.7)
    """Longer side of a logo as a part of the crop's diagonal; log-uniform."""
    rotated: float = 0.75
    """Logos turned: half of these by any angle, half by up to .3 rad."""
    opacity: tuple[float, float] = (0.3, 1.0)
    """Opacity of a logo, uniform."""
    blends: tuple[str, ...] = ("normal", "multiply", "overlay")
    """Blend modes, each as likely."""
    clean: float = 0.0
    """Crops without any logo."""
    dilation_px: int = 0
    """By how much the mask is wider than the logos on every side."""

    def __post_init__(self) -> None:
        unknown = set(self.blends) - set(BLEND_MODES)
        if unknown or not self.blends:
            raise ValueError(
                f"expected blends of {', '.join(BLEND_MODES)}; got {sorted(unknown) or 'none'}"
            )
        if not 1 <= self.logos[0] <= self.logos[1]:
            raise ValueError(f"expected logos as (least, most) of at least 1; got {self.logos}")

    def synthesis(self) -> SynthesisConfig:
        """The same in the terms of the mark's drawing."""
        diagonal = self.size_px * 2**0.5
        config = SynthesisConfig(
            size_px=self.size_px, length_px=(self.length[0] * diagonal, self.length[1] * diagonal),
            opacity=self.opacity, opaque=0.0, rotated=self.rotated, tiled=0.0, hard_edge=0.0,
            aliased=0.0, stretch=(1.0, 1.0), recoloured=0.0, varying=0.0, shadow=0.0,
            swapped_channels=0.0,
        )  # fmt: skip
        return on_plain_scenes(config)


class LogoScenes:
    """An endless iterator of crops under logos; the same seed gives the same ones."""

    def __init__(
        self,
        pictures: Textures,
        logos: Textures,
        config: SegmentationConfig,
        batch_size: int,
        seed: int,
        device: torch.device | str = "cpu",
    ) -> None:
        self._config = config
        self._batch_size = batch_size
        self.chance = Chance(seed, device)
        self._layers = MarkLayers(logos.to(device), config.synthesis(), self.chance)
        scenes = Scenes(pictures.to(device), self._layers, config.synthesis(), self.chance)
        self._scenes = scenes

    def __iter__(self) -> Iterator[Scene]:
        while True:
            yield self.draw()

    @torch.no_grad()
    def draw(self) -> Scene:
        """The next batch."""
        config, chance, count = self._config, self.chance, self._batch_size
        clean = self._scenes.draw(count)
        least, most = config.logos
        logos = least + chance.integers(most - least + 1, count)
        logos = torch.where(chance.happens(config.clean, count), 0, logos)
        blends = torch.tensor([BLEND_MODES.index(name) for name in config.blends])
        marked = clean.clone()
        matte = torch.zeros_like(clean[:, :1])
        for number in range(most):
            rows = (logos > number).nonzero().flatten()
            if not len(rows):
                break
            layer = self._layers.draw(len(rows))
            mode = blends.to(chance.device)[chance.integers(len(blends), len(rows))]
            marked[rows] = composed(marked[rows], layer, mode)
            matte[rows] = layer.matte.maximum(matte[rows])
        marked = quantise(marked)
        mask = visibly_different(marked, clean) & (matte > 0)
        return Scene(marked, clean, dilated(mask, config.dilation_px))


def dilated(mask: Tensor, by_px: int) -> Tensor:
    """Bool mask [B, 1, H, W] widened by so many pixels on every side, in a square."""
    if by_px == 0:
        return mask
    return F.max_pool2d(mask.float(), 2 * by_px + 1, stride=1, padding=by_px) > 0
