"""How the weights move: AdamW, and how its rate goes over a run.

Without weight decay AdamW is Adam (Kingma and Ba, arXiv 1412.6980; Loshchilov and Hutter,
arXiv 1711.05101).
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class OptimiserConfig:
    """AdamW at a constant rate."""

    rate: float = 1e-3
    """Highest learning rate."""
    weight_decay: float = 0.0
    """Decoupled weight decay."""
    clip: float = 0.0
    """Largest norm of the gradient; 0: as it comes."""

    def __post_init__(self) -> None:
        if self.rate <= 0:
            raise ValueError(f"expected a rate above 0; got {self.rate}")

    def factor(self, epoch: float, epochs: float) -> float:
        """Rate at this epoch of so many, as a part of the highest."""
        return 1.0


@dataclass(frozen=True, kw_only=True)
class OneCycleConfig(OptimiserConfig):
    """One cycle (Smith and Topin, arXiv 1708.07120): up in a line, down in a cosine."""

    warm_up: float = 0.03
    """Part of the run over which the rate rises."""
    start: float = 0.1
    """The first rate, as a part of the highest."""
    end: float = 0.01
    """The last."""

    def factor(self, epoch: float, epochs: float) -> float:
        progress = min(epoch / epochs, 1.0)
        if progress < self.warm_up:
            return self.start + (1 - self.start) * progress / self.warm_up
        falling = (progress - self.warm_up) / (1 - self.warm_up)
        return self.end + (1 - self.end) * (1 + math.cos(math.pi * falling)) / 2


@dataclass(frozen=True, kw_only=True)
class WarmedOneCycleConfig(OneCycleConfig):
    """Some epochs at a low rate with an optimiser of their own, then one cycle over the rest."""

    first_epochs: float = 2.0
    """Epochs before the cycle; the optimiser's moments start anew after them."""
    first_rate: float = 1e-4
    """Their rate."""
    drop_after: float = 0.0
    """From this epoch of the cycle on the rate is a tenth of the cycle's; 0: never."""

    def factor(self, epoch: float, epochs: float) -> float:
        cycled = epoch - self.first_epochs
        if cycled < 0:
            return self.first_rate / self.rate
        dropped = 0.1 if 0 < self.drop_after <= cycled else 1.0
        return dropped * super().factor(cycled, max(epochs - self.first_epochs, 1e-9))


@dataclass(frozen=True, kw_only=True)
class QuartersConfig(OptimiserConfig):
    """Half the rate from one quarter of the run to the next: 1, 1/2, 1/4, 1/8."""

    def factor(self, epoch: float, epochs: float) -> float:
        return 0.5 ** min(int(4 * epoch / epochs), 3)


@dataclass(frozen=True, kw_only=True)
class TenthConfig(OptimiserConfig):
    """A tenth of the rate from one epoch on."""

    from_epoch: float = 30.0
    """The first epoch at a tenth."""

    def factor(self, epoch: float, epochs: float) -> float:
        return 0.1 if epoch >= self.from_epoch else 1.0
