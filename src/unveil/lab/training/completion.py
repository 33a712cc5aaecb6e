"""The recipe of the network that looks at found marks as a whole."""

from dataclasses import dataclass, field, replace

import torch
from torch.nn import functional as F  # noqa: N812

from unveil.lab.losses.location import f1_counts, soft_dice_loss
from unveil.lab.networks.completion import SIZE_MULTIPLE, CompletionNetwork
from unveil.lab.synthesis.located import (
    CompletionBatch,
    CompletionConfig,
    LocatedMarks,
    kept_cases,
)
from unveil.lab.synthesis.textures import Textures
from unveil.lab.training.recipe import Length, ModelTask, Recipe
from unveil.lab.training.schedule import OneCycleConfig
from unveil.lab.training.task import Measured, Task, mask_scores, named_counts


class CompletionTask(Task):
    """Trains a :class:`CompletionNetwork` on :class:`CompletionBatch` objects."""

    network: CompletionNetwork
    criterion = "twice the cross-entropy of all pixels + half of soft Dice of the mark"

    def measure(self, batch: CompletionBatch) -> Measured:
        logit, visible = self(batch.marked), batch.visible
        entropy = F.binary_cross_entropy_with_logits(logit, visible)
        dice = soft_dice_loss(logit.sigmoid(), visible)
        counts = named_counts(f1_counts(logit, visible > 0).float())
        return Measured(2 * entropy + 0.5 * dice, {"entropy": entropy, **counts})

    def scores(self, means: dict[str, float]) -> dict[str, float]:
        return mask_scores(means)


@dataclass(frozen=True, kw_only=True)
class CompletionRecipe(Recipe):
    """Trains the network that completes marks, on what the bundled model locates of them."""

    data: CompletionConfig = field(default_factory=CompletionConfig)
    """What the cases look like."""
    optimiser: OneCycleConfig = field(
        default_factory=lambda: OneCycleConfig(rate=1.2e-3, weight_decay=0.01, clip=1.0)
    )
    """How the weights move."""
    batch_size: int = 8
    """Squares per step."""
    max_steps: int = 10_000
    """Steps of the run; the learning rate's cycle spans them."""
    validate_every: int = 500
    """Steps between validations and checkpoints."""
    average: float = 0.998
    """Decay of the moving average of the weights, which is what is validated and kept."""

    @property
    def crop_px(self) -> int:
        return self.data.synthesis.size_px

    @property
    def model_task(self) -> ModelTask:
        return ModelTask("complete", SIZE_MULTIPLE, (self.data.synthesis.opacity[0], 1.0))

    def network(self) -> CompletionNetwork:
        return CompletionNetwork()

    def task(self, network: CompletionNetwork, length: Length) -> CompletionTask:
        return CompletionTask(network, self.optimiser, length)

    def source(
        self, pictures: Textures, sprites: Textures, batch_size: int, device: torch.device
    ) -> LocatedMarks:
        cases = kept_cases(pictures, sprites, self.data, self.seed)
        return LocatedMarks(cases, self.data, batch_size, self.seed, device)

    def validation_source(
        self, pictures: Textures, sprites: Textures, batch_size: int, device: torch.device
    ) -> LocatedMarks:
        config = replace(self.data, cases=self.validation_crops, kept_in="")
        cases = kept_cases(pictures, sprites, config, self.seed + 1)
        return LocatedMarks(cases, config, batch_size, self.seed, device)
