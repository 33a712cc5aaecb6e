"""Pairs of one crop under two draws of noise (Lehtinen et al., arXiv 1803.04189)."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from unveil.lab.synthesis.chance import Chance
from unveil.lab.synthesis.noise import parse_noise
from unveil.lab.synthesis.pairs import Pair, visibly_different
from unveil.lab.synthesis.scenes import crops
from unveil.lab.synthesis.textures import Textures


@dataclass(frozen=True)
class NoiseConfig:
    """The noise of source and target, in the syntax of :func:`parse_noise`."""

    size_px: int = 128
    """Side of the square crops."""
    source: str = "gaussian,0,50"
    """Noise of what the network gets."""
    target: str = "gaussian,0,50"
    """Noise of what its loss compares with; ``clean`` for ordinary training."""
    validation: str = "gaussian,25,25"
    """Noise of the crops that it is validated on, against clean ones."""


class NoisyPictures:
    """An endless iterator of noisy crops; the same seed gives the same ones."""

    def __init__(
        self,
        pictures: Textures,
        config: NoiseConfig,
        batch_size: int,
        seed: int,
        device: torch.device | str = "cpu",
        validation: bool = False,
    ) -> None:
        """validation: draw crops under the noise of validation, with clean targets."""
        self._size_px = config.size_px
        self._batch_size = batch_size
        self.chance = Chance(seed, device)
        self._pictures = pictures.to(device)
        self._source = parse_noise(config.validation if validation else config.source)
        self._target = parse_noise("clean" if validation else config.target)

    def __iter__(self) -> Iterator[Pair]:
        while True:
            yield self.draw()

    @torch.no_grad()
    def draw(self) -> Pair:
        """The next batch."""
        chance = self.chance
        clean = crops(self._pictures, self._size_px, (1.0, 1.0), self._batch_size, chance)
        marked, target = self._source(clean, chance), self._target(clean, chance)
        return Pair(marked, target, clean, visibly_different(marked, clean))
