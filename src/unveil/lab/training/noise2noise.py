"""The recipe of n2n-dewatermark (github.com/shimmerjordan/n2n-dewatermark) and its base, yu4u's
noise2noise: learn to restore without clean pictures (Lehtinen et al., arXiv 1803.04189)."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from unveil.errors import UsageError
from unveil.lab.losses.restoration import NAMES, restoration_loss
from unveil.lab.networks import denoising, noise2noise_unet, srresnet
from unveil.lab.synthesis.noisy import NoiseConfig, NoisyPictures
from unveil.lab.synthesis.textures import Textures
from unveil.lab.training.recipe import Length, ModelTask, Recipe
from unveil.lab.training.restorer import Loss, RestorerTask
from unveil.lab.training.schedule import OneCycleConfig, OptimiserConfig, QuartersConfig

NETWORKS = {
    "srresnet": (srresnet.SRResNet, srresnet.SIZE_MULTIPLE),
    "unet": (noise2noise_unet.Noise2NoiseUNet, noise2noise_unet.SIZE_MULTIPLE),
    "small_unet": (denoising.DenoisingNetwork, denoising.SIZE_MULTIPLE),
}
"""The networks by name, and what the sides of their input are multiples of."""


class Noise2NoiseTask(RestorerTask):
    """Trains by mse, mae or the annealed l0."""

    def __init__(
        self, network: nn.Module, optimiser: OptimiserConfig, length: Length, loss: str
    ) -> None:
        super().__init__(network, optimiser, length)
        self.criterion = loss

    def loss(self, output: Tensor, target: Tensor, mask: Tensor) -> Loss:
        # the l0 of validation must not fall by its exponent alone
        progress = self.progress if self.training else 0.5
        return Loss(restoration_loss(self.criterion, output, target, progress), {})


@dataclass(frozen=True, kw_only=True)
class NoiseRecipe(Recipe):
    """Trains an SRResNet, a U-Net or the bundled small one between noisy pictures, or from noisy to
    clean ones."""

    model: str = "srresnet"
    """srresnet, unet or small_unet."""
    data: NoiseConfig = field(default_factory=NoiseConfig)
    """Noise of source, target and validation."""
    loss: str = "mse"
    """mse learns the mean of the targets, mae the median, l0 (annealed) the mode."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.model not in NETWORKS or self.loss not in NAMES:
            raise ValueError(
                f"expected a model of {', '.join(NETWORKS)} and a loss of {', '.join(NAMES)};"
                f" got {self.model} and {self.loss}"
            )

    @property
    def crop_px(self) -> int:
        return self.data.size_px

    @property
    def model_task(self) -> ModelTask:
        return ModelTask("restore", NETWORKS[self.model][1])

    def network(self) -> nn.Module:
        return NETWORKS[self.model][0]()

    def task(self, network: nn.Module, length: Length) -> Noise2NoiseTask:
        return Noise2NoiseTask(network, self.optimiser, length, self.loss)

    def source(
        self, pictures: Textures, sprites: Textures, batch_size: int, device: torch.device
    ) -> NoisyPictures:
        return NoisyPictures(pictures, self.data, batch_size, self.seed, device)

    def validation_source(
        self, pictures: Textures, sprites: Textures, batch_size: int, device: torch.device
    ) -> NoisyPictures:
        return NoisyPictures(pictures, self.data, batch_size, self.seed, device, validation=True)

    def draw_sprites(self, marks: Path | None) -> Textures:
        """None: a mark is named by its noise model, ``mark,logo.png,20,90``.

        Raises UsageError where marks are given.
        """
        if marks is not None:
            raise UsageError(
                f"expected marks as noise, data.source=mark,{marks},20,90, with this recipe; got"
                f" --marks {marks}"
            )
        return Textures([np.zeros((1, 1, 4), np.uint8)])


@dataclass(frozen=True, kw_only=True)
class Noise2NoiseRecipe(NoiseRecipe):
    """As the published code trains: the rate halved from quarter to quarter."""

    optimiser: QuartersConfig = field(default_factory=lambda: QuartersConfig(rate=1e-3))
    """How the weights move."""
    max_steps: int = 100_000
    """Steps of the run: a hundred of the published code's epochs."""
    validate_every: int = 1_000
    """Steps between validations and checkpoints: one of the published code's epochs."""


@dataclass(frozen=True, kw_only=True)
class DenoisingRecipe(NoiseRecipe):
    """As the bundled network is trained: in one cycle."""

    optimiser: OneCycleConfig = field(default_factory=lambda: OneCycleConfig(rate=1e-3))
    """How the weights move."""
