"""The flagship's training task: learn to find marks in endless synthetic crops."""

import math
from dataclasses import dataclass

import lightning as L  # noqa: N812
import torch
from torch import Tensor

from unveil.lab.losses.location import f1_counts, location_loss
from unveil.lab.networks.flagship import FlagshipNetwork
from unveil.lab.synthesis.marked import Batch

OPACITY_BANDS = ((0.15, 0.35), (0.35, 0.6), (0.6, 0.9), (0.9, 1.01))
"""Validation reports F1 for each of these ranges of opacity."""


@dataclass(frozen=True)
class OptimiserConfig:
    """AdamW under a one-cycle rate."""

    rate: float = 1.5e-3
    """Highest learning rate."""
    encoder: float = 0.25
    """Rate of the pretrained encoder, as a part of the others'."""
    weight_decay: float = 0.01
    """Decoupled weight decay."""
    warm_up: float = 0.03
    """Part of the run over which the rate rises."""
    clip: float = 1.0
    """Largest norm of the gradient."""


def one_cycle(progress: float, warm_up: float) -> float:
    """Learning rate at this part of a run, as a part of the highest: up in a line, down in a
    cosine.

    progress, warm_up: in [0, 1]; the rate begins at a tenth and ends at a hundredth.
    """
    if progress < warm_up:
        return 0.1 + 0.9 * progress / warm_up
    falling = (min(progress, 1.0) - warm_up) / (1 - warm_up)
    return 0.01 + 0.99 * (1 + math.cos(math.pi * falling)) / 2


class LocatorTask(L.LightningModule):
    """Trains a :class:`FlagshipNetwork` on :class:`Batch` objects; validation F1 by opacity
    band."""

    def __init__(self, network: FlagshipNetwork, optimiser: OptimiserConfig) -> None:
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._optimiser = optimiser
        self._counts: dict[tuple[float, float], Tensor] = {}

    def forward(self, rgb: Tensor) -> Tensor:
        return self.network(rgb.contiguous(memory_format=torch.channels_last)).float()

    def _loss(self, batch: Batch) -> tuple[Tensor, dict[str, Tensor], Tensor]:
        output = self(batch.marked)
        total, parts = location_loss(
            output,
            visible=batch.visible,
            matte=batch.matte,
            colour=batch.colour,
            defined=batch.normal,
        )
        return total, parts, output

    def training_step(self, batch: Batch, _: int) -> Tensor:
        total, parts, _output = self._loss(batch)
        self.log("loss", total, prog_bar=True)
        self.log_dict({f"loss_{name}": value for name, value in parts.items()})
        return total

    def on_validation_epoch_start(self) -> None:
        self._counts = {band: torch.zeros(3, device=self.device) for band in OPACITY_BANDS}

    def validation_step(self, batch: Batch, _: int) -> None:
        total, parts, output = self._loss(batch)
        self.log("val_loss", total, batch_size=len(batch.marked))
        for name, value in parts.items():
            self.log(f"val_{name}", value, batch_size=len(batch.marked))
        for low, high in OPACITY_BANDS:
            rows = (batch.opacity >= low) & (batch.opacity < high)
            self._counts[low, high] += f1_counts(output[rows, :1], batch.visible[rows])

    def on_validation_epoch_end(self) -> None:
        for (low, _), (hit, false_alarm, miss) in self._counts.items():
            f1 = 2 * hit / (2 * hit + false_alarm + miss).clamp_min(1)
            self.log(f"f1_from_{low:.2f}", f1, prog_bar=True)

    def configure_optimizers(self):
        config = self._optimiser
        encoder = list(self.network.encoder.parameters())
        others = [p for name, p in self.network.named_parameters() if "encoder." not in name]
        optimiser = torch.optim.AdamW(
            [{"params": others}, {"params": encoder, "lr": config.encoder * config.rate}],
            lr=config.rate,
            weight_decay=config.weight_decay,
        )
        steps = int(self.trainer.estimated_stepping_batches)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: one_cycle(step / steps, config.warm_up)
        )
        return {
            "optimizer": optimiser,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }
