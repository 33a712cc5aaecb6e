"""A recipe that trains in a moment: three convolutions between marked and clean crops."""

from dataclasses import dataclass, field
from typing import NamedTuple

from torch import Tensor, nn

from unveil.lab.synthesis.chance import Chance
from unveil.lab.synthesis.config import SynthesisConfig
from unveil.lab.synthesis.marked import MarkedPictures
from unveil.lab.synthesis.textures import Textures
from unveil.lab.training.recipe import ModelTask, Recipe
from unveil.lab.training.restorer import Loss, RestorerTask
from unveil.lab.training.schedule import OneCycleConfig


class Batch(NamedTuple):
    marked: Tensor
    target: Tensor
    clean: Tensor
    mask: Tensor


class Source:
    def __init__(self, draw: MarkedPictures) -> None:
        self._draw = draw
        self.chance: Chance = draw.chance

    def draw(self) -> Batch:
        drawn = self._draw.draw()
        return Batch(drawn.marked, drawn.background, drawn.background, drawn.visible)


class TinyNetwork(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, padding=1)
        self.last = nn.Sequential(nn.ReLU(), nn.Dropout(0.2), nn.Conv2d(4, 3, 3, padding=1))

    def forward(self, rgb: Tensor) -> Tensor:
        return rgb + self.last(self.first(rgb))


class TinyTask(RestorerTask):
    criterion = "mse"

    def loss(self, output: Tensor, target: Tensor, mask: Tensor) -> Loss:
        error = (output - target).square().mean()
        return Loss(error, {"ssim": error})


@dataclass(frozen=True, kw_only=True)
class TinyRecipe(Recipe):
    synthesis: SynthesisConfig = field(default_factory=lambda: SynthesisConfig(size_px=32))
    optimiser: OneCycleConfig = field(default_factory=OneCycleConfig)
    batch_size: int = 2
    max_steps: int = 6
    validate_every: int = 2
    validation_crops: int = 4
    sprites: int = 4
    average: float = 0.9
    seed: int = 3

    @property
    def crop_px(self) -> int:
        return self.synthesis.size_px

    @property
    def model_task(self) -> ModelTask:
        return ModelTask("restore", 1)

    def network(self) -> TinyNetwork:
        return TinyNetwork()

    def task(self, network, length) -> TinyTask:
        return TinyTask(network, self.optimiser, length)

    def draw_sprites(self, marks) -> Textures:
        import numpy as np

        return Textures([np.full((30, 40, 4), 255, np.uint8)], 4)

    def source(self, pictures, sprites, batch_size, device) -> Source:
        config = self.synthesis
        return Source(MarkedPictures(pictures, sprites, config, batch_size, self.seed, device))
