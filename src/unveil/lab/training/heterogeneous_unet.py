"""The recipe of watermarkcnn's heterogeneous U-Net (github.com/ianhenryryan/watermarkcnn): two
marked views of each picture, a loss of five parts, one cycle after a warm-up of its own."""

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from unveil.lab.losses.five_part import FivePartLoss, FivePartWeights
from unveil.lab.networks.heterogeneous_unet import SIZE_MULTIPLE, HeterogeneousUNet
from unveil.lab.synthesis.augment import AugmentConfig, Augmented
from unveil.lab.synthesis.pairs import MarkedPairs, PairConfig, triplets
from unveil.lab.synthesis.textures import Textures
from unveil.lab.training.recipe import Length, ModelTask, Recipe
from unveil.lab.training.restorer import Loss, RestorerTask
from unveil.lab.training.schedule import OptimiserConfig, WarmedOneCycleConfig


class HeterogeneousUNetTask(RestorerTask):
    """Trains by :class:`FivePartLoss`."""

    criterion = "masked L1, VGG16 features, CIE Lab, 1 - SSIM and masked Laplacian"

    def __init__(
        self,
        network: HeterogeneousUNet,
        optimiser: OptimiserConfig,
        length: Length,
        weights: FivePartWeights,
        fixed_statistics: float,
    ) -> None:
        super().__init__(network, optimiser, length)
        self._loss = FivePartLoss(weights)
        self._fixed_statistics = fixed_statistics

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        super().on_train_batch_start(batch, batch_idx)
        for module in self.network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.train(self.progress < self._fixed_statistics)

    def loss(self, output: Tensor, target: Tensor, mask: Tensor) -> Loss:
        return Loss(*self._loss(output, target, mask))


@dataclass(frozen=True, kw_only=True)
class HeterogeneousUNetRecipe(Recipe):
    """Trains a :class:`HeterogeneousUNet` as its author did."""

    data: PairConfig = field(default_factory=triplets)
    """What the pairs look like."""
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    """What happens to the pairs of training besides; never to those of validation."""
    loss: FivePartWeights = field(default_factory=FivePartWeights)
    """Weights of the loss's parts."""
    optimiser: WarmedOneCycleConfig = field(
        default_factory=lambda: WarmedOneCycleConfig(
            rate=1e-3, weight_decay=1e-5, warm_up=0.3, start=0.1, end=1e-3
        )
    )
    """How the weights move."""
    epochs: int = 27
    """Passes over the pictures, two of them warm-up."""
    fixed_statistics: float = 1.0
    """Part of the run after which batch normalisation goes by its running statistics in training
    too, as it does afterwards; 1: never, as its author had it. Small batches need it."""
    patience: int = 10
    """Validations without a better loss after which the run stops; 0: it never stops early."""

    @property
    def crop_px(self) -> int:
        return self.data.synthesis.size_px

    @property
    def model_task(self) -> ModelTask:
        return ModelTask("restore", SIZE_MULTIPLE, (self.data.synthesis.opacity[0], 1.0))

    def network(self) -> HeterogeneousUNet:
        return HeterogeneousUNet()

    def task(self, network: HeterogeneousUNet, length: Length) -> HeterogeneousUNetTask:
        return HeterogeneousUNetTask(
            network, self.optimiser, length, self.loss, self.fixed_statistics
        )

    def source(
        self, pictures: Textures, sprites: Textures, batch_size: int, device: torch.device
    ) -> Augmented:
        pairs = self.validation_source(pictures, sprites, batch_size, device)
        return Augmented(pairs, self.augment)

    def validation_source(
        self, pictures: Textures, sprites: Textures, batch_size: int, device: torch.device
    ) -> MarkedPairs:
        return MarkedPairs(pictures, sprites, self.data, batch_size, self.seed, device)
