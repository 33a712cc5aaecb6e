"""Random numbers of one seed, on one device."""

import numpy as np
import torch
from torch import Tensor


class Chance:
    """Draws vectors of `count` random numbers; the same seed gives the same ones."""

    def __init__(self, seed: int, device: torch.device | str) -> None:
        self.device = torch.device(device)
        self.generator = torch.Generator(device=self.device).manual_seed(seed)

    def reseed(self, *seed: int) -> None:
        """Start again from these numbers."""
        self.generator.manual_seed(mixed(*seed))

    def uniform(self, low: float, high: float, count: int) -> Tensor:
        """[count] in [low, high)."""
        unit = torch.rand(count, generator=self.generator, device=self.device)
        return low + (high - low) * unit

    def log_uniform(self, low: float, high: float, count: int) -> Tensor:
        """[count] in [low, high), uniform in the logarithm."""
        return low * (high / low) ** self.uniform(0, 1, count)

    def happens(self, probability: float, count: int) -> Tensor:
        """[count] bool, True with this probability."""
        return self.uniform(0, 1, count) < probability

    def rows(self, probability: float, count: int) -> Tensor:
        """Indices in [0, count) of those that happen."""
        return self.happens(probability, count).nonzero().flatten()

    def integers(self, end: int, count: int) -> Tensor:
        """[count] in [0, end)."""
        return torch.randint(end, (count,), generator=self.generator, device=self.device)

    def uniform_like(self, tensor: Tensor) -> Tensor:
        """Random numbers in [0, 1) of the tensor's shape."""
        return torch.empty_like(tensor).uniform_(generator=self.generator)

    def normal_like(self, tensor: Tensor) -> Tensor:
        """Standard normal noise of the tensor's shape."""
        return torch.empty_like(tensor).normal_(generator=self.generator)


def mixed(*numbers: int) -> int:
    """One seed made of several numbers; none of them can be had from another by counting up."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def pixel_grid(size_hw: tuple[int, int], device: torch.device) -> Tensor:
    """[1, H, W, 2] positions of the pixels' centres, x then y."""
    rows, columns = (torch.arange(side, device=device) + 0.5 for side in size_hw)
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    return torch.stack([x, y], dim=-1).unsqueeze(0)
