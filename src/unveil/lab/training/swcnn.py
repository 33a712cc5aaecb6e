"""The recipe of SWCNN (arXiv 2403.05807): two pictures under the same logo at different places,
each the other's target, and a loss of pixels and VGG16 features."""

from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from unveil.lab.losses.mixed import MixedLoss, MixedWeights
from unveil.lab.networks.swcnn import SIZE_MULTIPLE, SWCNN
from unveil.lab.synthesis.pairs import MarkedPairs, PairConfig, same_logo
from unveil.lab.synthesis.textures import Textures
from unveil.lab.training.recipe import Length, ModelTask, Recipe, load_own_marks
from unveil.lab.training.restorer import Loss, RestorerTask
from unveil.lab.training.schedule import OptimiserConfig, TenthConfig


class SWCNNTask(RestorerTask):
    """Trains by :class:`MixedLoss`."""

    criterion = "L1 of pixels and of VGG16 features"

    def __init__(
        self, network: SWCNN, optimiser: OptimiserConfig, length: Length, weights: MixedWeights
    ) -> None:
        super().__init__(network, optimiser, length)
        self._loss = MixedLoss(weights)

    def loss(self, output: Tensor, target: Tensor, mask: Tensor) -> Loss:
        return Loss(*self._loss(output, target))


@dataclass(frozen=True, kw_only=True)
class SWCNNRecipe(Recipe):
    """Trains an :class:`SWCNN` as its paper does."""

    data: PairConfig = field(default_factory=same_logo)
    """What the pairs look like."""
    loss: MixedWeights = field(default_factory=MixedWeights)
    """Weights of the loss's parts."""
    optimiser: TenthConfig = field(default_factory=lambda: TenthConfig(rate=1e-3, from_epoch=30))
    """How the weights move."""
    epochs: int = 100
    """Passes over the pictures."""

    @property
    def crop_px(self) -> int:
        return self.data.synthesis.size_px

    @property
    def model_task(self) -> ModelTask:
        return ModelTask("restore", SIZE_MULTIPLE, self.data.synthesis.opacity)

    def network(self) -> SWCNN:
        return SWCNN()

    def task(self, network: SWCNN, length: Length) -> SWCNNTask:
        return SWCNNTask(network, self.optimiser, length, self.loss)

    def draw_sprites(self, marks: Path | None) -> Textures:
        return load_own_marks(marks, self.sprites, self.seed)

    def source(
        self, pictures: Textures, sprites: Textures, batch_size: int, device: torch.device
    ) -> MarkedPairs:
        return MarkedPairs(pictures, sprites, self.data, batch_size, self.seed, device)
