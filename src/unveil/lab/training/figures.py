"""The recipe of the network that finds figures on marks."""

from dataclasses import dataclass, field

import torch
from torch.nn import functional as F  # noqa: N812

from unveil.lab.losses.location import f1_counts, soft_dice_loss
from unveil.lab.networks.figures import SIZE_MULTIPLE, FigureNetwork
from unveil.lab.synthesis.figures import FigureBatch, FigureConfig, MarksWithFigures
from unveil.lab.synthesis.textures import Textures
from unveil.lab.training.recipe import Length, ModelTask, Recipe
from unveil.lab.training.schedule import OneCycleConfig
from unveil.lab.training.task import Measured, Task, mask_scores, named_counts

ELSEWHERE = -12.0
"""Logit of pixels that the mark does not cover fully."""


class FigureTask(Task):
    """Trains a :class:`FigureNetwork` on :class:`FigureBatch` objects."""

    network: FigureNetwork
    criterion = (
        "cross-entropy of the mark's pixels + half of soft Dice of the figures"
        " + half of the mean error of their colours"
    )

    def measure(self, batch: FigureBatch) -> Measured:
        colour, logit = self(batch.marked).split((3, 1), dim=1)
        inside, figure = batch.marked[:, 9:10], batch.visible
        entropy = F.binary_cross_entropy_with_logits(logit, figure, reduction="none")
        entropy = (entropy * inside).sum() / inside.sum()
        logit = torch.where(inside > 0, logit, ELSEWHERE)
        dice = soft_dice_loss(logit.sigmoid(), figure)
        error = (colour - batch.colour).abs().mean(1, keepdim=True)
        error = (error * figure).sum() / figure.sum().clamp_min(1)
        values = {"entropy": entropy, "colour_error": error}
        values |= named_counts(f1_counts(logit, figure > 0).float())
        return Measured(entropy + 0.5 * dice + 0.5 * error, values)

    def scores(self, means: dict[str, float]) -> dict[str, float]:
        return mask_scores(means)


@dataclass(frozen=True, kw_only=True)
class FigureRecipe(Recipe):
    """Trains the network that finds figures, on marks with the errors that the solver makes."""

    data: FigureConfig = field(default_factory=FigureConfig)
    """What the marks look like."""
    optimiser: OneCycleConfig = field(
        default_factory=lambda: OneCycleConfig(rate=1.2e-3, weight_decay=0.01, clip=1.0)
    )
    """How the weights move."""
    batch_size: int = 10
    """Crops per step."""
    max_steps: int = 8_000
    """Steps of the run; the learning rate's cycle spans them."""
    validate_every: int = 500
    """Steps between validations and checkpoints."""
    average: float = 0.998
    """Decay of the moving average of the weights, which is what is validated and kept."""

    @property
    def crop_px(self) -> int:
        return self.data.size_px

    @property
    def model_task(self) -> ModelTask:
        return ModelTask("figure", SIZE_MULTIPLE, self.data.opacity)

    def network(self) -> FigureNetwork:
        return FigureNetwork()

    def task(self, network: FigureNetwork, length: Length) -> FigureTask:
        return FigureTask(network, self.optimiser, length)

    def source(
        self, pictures: Textures, sprites: Textures, batch_size: int, device: torch.device
    ) -> MarksWithFigures:
        return MarksWithFigures(pictures, sprites, self.data, batch_size, self.seed, device)
