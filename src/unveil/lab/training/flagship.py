"""The bundled model's recipe."""

from dataclasses import dataclass, field

import torch

from unveil.lab.networks.flagship import SIZE_MULTIPLE, FlagshipNetwork
from unveil.lab.synthesis.config import SynthesisConfig
from unveil.lab.synthesis.marked import MarkedPictures
from unveil.lab.synthesis.textures import Textures
from unveil.lab.training.locator import LocatorTask
from unveil.lab.training.recipe import Length, ModelTask, Recipe
from unveil.lab.training.schedule import OneCycleConfig


@dataclass(frozen=True, kw_only=True)
class FlagshipOptimiser(OneCycleConfig):
    """AdamW under one cycle, the pretrained encoder slower than the rest."""

    rate: float = 1.5e-3
    """Highest learning rate."""
    encoder: float = 0.25
    """Rate of the pretrained encoder, as a part of the others'."""
    weight_decay: float = 0.01
    """Decoupled weight decay."""
    clip: float = 1.0
    """Largest norm of the gradient."""


@dataclass(frozen=True, kw_only=True)
class FlagshipRecipe(Recipe):
    """Trains the bundled model's network on synthetic crops."""

    synthesis: SynthesisConfig = field(default_factory=SynthesisConfig)
    """What the crops look like."""
    optimiser: FlagshipOptimiser = field(default_factory=FlagshipOptimiser)
    """How the weights move."""
    batch_size: int = 32
    """Crops per step."""
    max_steps: int = 30_000
    """Steps of the run; the learning rate's cycle spans them."""
    validate_every: int = 1_000
    """Steps between validations and checkpoints."""
    validation_crops: int = 512
    """Crops per validation, always the same ones."""
    sprites: int = 6_000
    """Marks drawn for training where no atlas is given."""
    average: float = 0.999
    """Decay of the moving average of the weights, which is what is validated and kept."""

    @property
    def crop_px(self) -> int:
        return self.synthesis.size_px

    @property
    def model_task(self) -> ModelTask:
        return ModelTask("locate", SIZE_MULTIPLE, (self.synthesis.opacity[0], 1.0))

    def network(self) -> FlagshipNetwork:
        return FlagshipNetwork()

    def pretrain(self, network: FlagshipNetwork) -> None:
        """The encoder as it was trained on ImageNet."""
        network.encoder.load_imagenet()

    def task(self, network: FlagshipNetwork, length: Length) -> LocatorTask:
        return LocatorTask(network, self.optimiser, self.optimiser.encoder, length)

    def source(
        self, pictures: Textures, sprites: Textures, batch_size: int, device: torch.device
    ) -> MarkedPictures:
        return MarkedPictures(pictures, sprites, self.synthesis, batch_size, self.seed, device)
