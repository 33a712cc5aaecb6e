"""The recipe of the network that refines what the solver leaves."""

from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from unveil.lab.losses.location import f1_counts, mask_loss
from unveil.lab.networks.refinement import SIZE_MULTIPLE, RefinementNetwork
from unveil.lab.synthesis.restored import (
    RefinementBatch,
    RefinementConfig,
    RestoredMarks,
    kept_cases,
)
from unveil.lab.synthesis.textures import Textures
from unveil.lab.training.recipe import Length, ModelTask, Recipe
from unveil.lab.training.schedule import OneCycleConfig
from unveil.lab.training.task import Measured, Task, mask_scores, named_counts

LEAST_BEFORE = 1e-4
"""Added to the mean squared error before refinement, so that a crop that was nearly perfect (40 dB)
does not outweigh the others."""
LEAST_AFTER = 1e-6
"""Added to that after it: the root's slope stays finite."""
UNMARKED = -12.0
"""Logit of pixels that may not change."""


class RefinementTask(Task):
    """Trains a :class:`RefinementNetwork` on :class:`RefinementBatch` objects."""

    network: RefinementNetwork
    criterion = (
        "what is left of the root mean squared error where pixels may change, half weight on"
        " cross-entropy + soft Dice of where the mark shows"
    )

    def measure(self, batch: RefinementBatch) -> Measured:
        background, logit = self(batch.marked).split((3, 1), dim=1)
        before, after = _errors(batch.marked[:, 3:6], batch), _errors(background, batch)
        left = ((after + LEAST_AFTER) / (before + LEAST_BEFORE)).sqrt().mean()
        logit = torch.where(batch.marked[:, -1:] > 0, logit, UNMARKED)
        shows = (batch.visible * batch.marked[:, -1:]) > 0
        mask = mask_loss(logit, shows)
        values = {"psnr": _psnr(after), "gain": _psnr(after) - _psnr(before), "mask": mask}
        values |= named_counts(f1_counts(logit, shows).float())
        return Measured(left + 0.5 * mask, values)

    def scores(self, means: dict[str, float]) -> dict[str, float]:
        return mask_scores(means)


def _errors(background: Tensor, batch: RefinementBatch) -> Tensor:
    """Mean squared errors of the crops' pixels that may change, as part of all."""
    editable = batch.marked[:, -1:]
    return (editable * (background - batch.clean).square()).mean((1, 2, 3))


def _psnr(errors: Tensor) -> Tensor:
    return -10 * errors.clamp_min(1e-7).log10().mean()


@dataclass(frozen=True, kw_only=True)
class RefinementRecipe(Recipe):
    """Trains the network that refines, on what the bundled model and the solver really produce."""

    data: RefinementConfig = field(default_factory=RefinementConfig)
    """What the cases look like."""
    optimiser: OneCycleConfig = field(
        default_factory=lambda: OneCycleConfig(rate=1e-3, weight_decay=0.01, clip=0.5)
    )
    """How the weights move."""
    batch_size: int = 16
    """Crops per step."""
    max_steps: int = 10_000
    """Steps of the run; the learning rate's cycle spans them."""
    validate_every: int = 500
    """Steps between validations and checkpoints."""
    average: float = 0.995
    """Decay of the moving average of the weights, which is what is validated and kept."""

    @property
    def crop_px(self) -> int:
        return self.data.synthesis.size_px

    @property
    def model_task(self) -> ModelTask:
        return ModelTask("refine", SIZE_MULTIPLE, (self.data.synthesis.opacity[0], 1.0))

    def network(self) -> RefinementNetwork:
        return RefinementNetwork()

    def task(self, network: RefinementNetwork, length: Length) -> RefinementTask:
        return RefinementTask(network, self.optimiser, length)

    def source(
        self, pictures: Textures, sprites: Textures, batch_size: int, device: torch.device
    ) -> RestoredMarks:
        cases = kept_cases(pictures, sprites, self.data, self.seed)
        return RestoredMarks(cases, self.data, batch_size, self.seed, device)

    def validation_source(
        self, pictures: Textures, sprites: Textures, batch_size: int, device: torch.device
    ) -> RestoredMarks:
        config = replace(self.data, cases=self.validation_crops, kept_in="")
        cases = kept_cases(pictures, sprites, config, self.seed + 1)
        return RestoredMarks(cases, config, batch_size, self.seed, device)
