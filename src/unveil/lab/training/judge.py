"""The recipe of the network that tells marks from things."""

from dataclasses import dataclass, field, replace

import torch
from torch.nn import functional as F  # noqa: N812

from unveil.lab.losses.location import f1_counts
from unveil.lab.networks.judge import JudgeNetwork
from unveil.lab.synthesis.judged import JudgedBatch, JudgedConfig, JudgedGroups, kept_cases
from unveil.lab.synthesis.textures import Textures
from unveil.lab.training.recipe import Length, ModelTask, Recipe
from unveil.lab.training.schedule import OneCycleConfig
from unveil.lab.training.task import Measured, Task, mask_scores, named_counts
from unveil.location.features import SQUARE_PX

CLEAN = 4.0
"""Weight of the groups of clean pictures: whoever has no mark must not lose anything."""


class JudgeTask(Task):
    """Trains a :class:`JudgeNetwork` on :class:`JudgedBatch` objects."""

    network: JudgeNetwork
    criterion = "cross-entropy of the part of a group where a mark shows"

    def measure(self, batch: JudgedBatch) -> Measured:
        members = self.network.members(batch.marked)
        shows = batch.visible.expand_as(members)
        entropy = F.binary_cross_entropy_with_logits(members, shows, reduction="none")
        loss = (entropy * (1 + (CLEAN - 1) * batch.clean)).mean()
        counts = f1_counts(members.mean(1, keepdim=True), batch.visible > 0.5)
        return Measured(loss, named_counts(counts.float()))

    def scores(self, means: dict[str, float]) -> dict[str, float]:
        return mask_scores(means)


@dataclass(frozen=True, kw_only=True)
class JudgeRecipe(Recipe):
    """Trains the network that judges, on what the bundled model really takes for marks."""

    data: JudgedConfig = field(default_factory=JudgedConfig)
    """What the cases look like."""
    optimiser: OneCycleConfig = field(
        default_factory=lambda: OneCycleConfig(rate=1e-2, weight_decay=0.03)
    )
    """How the weights move."""
    batch_size: int = 256
    """Groups per step."""
    max_steps: int = 2_500
    """Steps of the run; the learning rate's cycle spans them."""
    validate_every: int = 250
    """Steps between validations and checkpoints."""
    validation_crops: int = 1_024
    """Groups per validation, always the same ones."""
    precision: str = "32-true"
    """Lightning's name of it."""

    @property
    def crop_px(self) -> int:
        return SQUARE_PX

    @property
    def model_task(self) -> ModelTask:
        return ModelTask("judge", 1, (self.data.opacity[0], 1.0))

    def network(self) -> JudgeNetwork:
        return JudgeNetwork()

    def task(self, network: JudgeNetwork, length: Length) -> JudgeTask:
        return JudgeTask(network, self.optimiser, length)

    def source(
        self, pictures: Textures, sprites: Textures, batch_size: int, device: torch.device
    ) -> JudgedGroups:
        cases = kept_cases(pictures, sprites, self.data, self.seed)
        return JudgedGroups(cases, batch_size, self.seed, device)

    def validation_source(
        self, pictures: Textures, sprites: Textures, batch_size: int, device: torch.device
    ) -> JudgedGroups:
        config = replace(self.data, cases=self.validation_crops, kept_in="")
        cases = kept_cases(pictures, sprites, config, self.seed + 1)
        return JudgedGroups(cases, batch_size, self.seed, device)
