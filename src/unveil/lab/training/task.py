"""What every training task shares: steps, running means of what is measured, the optimiser."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any, NamedTuple

import lightning as L  # noqa: N812
import torch
from torch import Tensor, nn

from unveil.lab.training.recipe import Length
from unveil.lab.training.schedule import OptimiserConfig, WarmedOneCycleConfig

COUNTS = ("hit", "false", "missed")


class Measured(NamedTuple):
    """A batch's loss, and by name what else is to be known of it: scalars, means over the batch."""

    loss: Tensor
    values: dict[str, Tensor]


class Means:
    """Means of named values over batches, weighted by their size; they stay on the device."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._count = 0

    def add(self, values: dict[str, Tensor], count: int) -> None:
        """The values of a batch of so many."""
        for name, value in values.items():
            weighted = value.detach().float() * count
            self._sums[name] = self._sums[name] + weighted if name in self._sums else weighted
        self._count += count

    def take(self) -> dict[str, float]:
        """The means so far, and a new start."""
        means = {name: float(total) / self._count for name, total in self._sums.items()}
        self._sums, self._count = {}, 0
        return means


class Task(L.LightningModule):
    """Trains a network on batches; a subclass says what is measured of a batch."""

    network: nn.Module
    criterion: str
    """The loss, in words."""
    recipe_text: str = ""
    """The recipe as JSON; kept in every checkpoint, which can so be opened by itself."""

    def __init__(self, network: nn.Module, optimiser: OptimiserConfig, length: Length) -> None:
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.length = length
        self.train_means = Means()
        self.val_means = Means()
        self.val_scores: dict[str, float] = {}
        """What the last validation measured."""
        self._optimiser = optimiser

    def forward(self, planes: Tensor) -> Tensor:
        return self.network(planes.contiguous(memory_format=torch.channels_last)).float()

    @abstractmethod
    def measure(self, batch: Any) -> Measured:
        """The loss of a batch and what else is to be known of it."""

    def scores(self, means: dict[str, float]) -> dict[str, float]:
        """The columns of history that follow from the means of what is measured."""
        return means

    @property
    def progress(self) -> float:
        """Part of the run that lies behind, in [0, 1]."""
        return min(self.global_step / self.length.steps, 1.0)

    def training_step(self, batch: Any, _: int) -> Tensor:
        measured = self.measure(batch)
        self.train_means.add({"loss": measured.loss, **measured.values}, len(batch.marked))
        return measured.loss

    def validation_step(self, batch: Any, _: int) -> None:
        measured = self.measure(batch)
        self.val_means.add({"loss": measured.loss, **measured.values}, len(batch.marked))

    def on_validation_epoch_end(self) -> None:
        self.val_scores = self.scores(self.val_means.take())
        self.log("val_loss", self.val_scores["loss"])
        self.log("epoch_passed", self.global_step / self.length.steps_per_epoch)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["recipe"] = self.recipe_text

    def on_train_batch_start(self, batch: Any, _: int) -> None:
        config = self._optimiser
        if isinstance(config, WarmedOneCycleConfig):
            first = round(config.first_epochs * self.length.steps_per_epoch)
            if self.global_step == first:
                self.trainer.optimizers[0].state.clear()

    def parameter_groups(self) -> Iterable[Any]:
        """The parameters as the optimiser takes them."""
        return [{"params": [p for p in self.network.parameters() if p.requires_grad]}]

    def configure_optimizers(self) -> Any:
        config, length = self._optimiser, self.length
        optimiser = torch.optim.AdamW(
            self.parameter_groups(), lr=config.rate, weight_decay=config.weight_decay
        )
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: config.factor(step / length.steps_per_epoch, length.epochs)
        )
        return {
            "optimizer": optimiser,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


def named_counts(counts: Tensor, suffix: str = "") -> dict[str, Tensor]:
    """[B, 3] true positives, false positives and false negatives as means per crop, by name."""
    means = counts.mean(0).unbind()
    return {f"{name}{suffix}": mean for name, mean in zip(COUNTS, means, strict=True)}


def mask_scores(means: dict[str, float]) -> dict[str, float]:
    """The counts of :func:`named_counts` become f1, precision and recall; the rest stays.

    Counts with a suffix become an f1 with that suffix.
    """
    scores = dict(means)
    for suffix in [n.removeprefix("hit") for n in means if n.startswith("hit")]:
        hit, false, missed = (scores.pop(f"{name}{suffix}") for name in COUNTS)
        scores[f"f1{suffix}"] = 2 * hit / max(2 * hit + false + missed, 1e-9)
        if not suffix:
            scores["precision"] = hit / max(hit + false, 1e-9)
            scores["recall"] = hit / max(hit + missed, 1e-9)
    return scores
