"""A recipe: everything that decides what one training run does, as typed data."""

import pickle
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import torch
from torch import nn

from unveil.errors import UsageError
from unveil.lab.marks.atlas import Atlas, build_atlas
from unveil.lab.marks.icons import IconShelf
from unveil.lab.synthesis.augment import Source
from unveil.lab.synthesis.pictures import SUFFIXES, read_marks
from unveil.lab.synthesis.textures import SPRITE_LEVELS, Textures
from unveil.lab.training.schedule import OptimiserConfig

if TYPE_CHECKING:
    from unveil.lab.training.task import Task


@dataclass(frozen=True)
class Length:
    """How long a run is."""

    steps: int
    steps_per_epoch: int

    @property
    def epochs(self) -> float:
        """Passes over the pictures."""
        return self.steps / self.steps_per_epoch


class ModelTask(NamedTuple):
    """What a trained network does in the runtime."""

    task: Literal["locate", "restore", "segment", "complete", "refine", "figure", "judge"]
    size_multiple: int
    """Height and width of its input must be multiples of this."""
    opacity_range: tuple[float, float] = (0.0, 1.0)
    """Opacities that the training covered."""


@dataclass(frozen=True, kw_only=True)
class Recipe(ABC):
    """What all recipes have: length, batches, validation, precision, seed; and what each builds."""

    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    """How the weights move."""
    batch_size: int = 8
    """Crops per step."""
    epochs: int = 0
    """Passes over the pictures; 0: max_steps decides. Where both are given, the shorter counts."""
    max_steps: int = 0
    """Steps of the run; 0: epochs decide."""
    validate_every: int = 0
    """Steps between validations and checkpoints; 0: every epoch."""
    validation_crops: int = 256
    """Crops per validation, always the same ones."""
    sprites: int = 2_000
    """Marks drawn for training where no atlas is given."""
    average: float = 0.0
    """Decay of a moving average of the weights, which is then what is validated and kept; 0: none.
    """
    patience: int = 0
    """Validations without a better loss after which the run stops; 0: it never stops early."""
    precision: str = "bf16-mixed"
    """Lightning's name of it: bf16-mixed (32-true on processors that would emulate it), 16-mixed
    for older GPUs, 32-true."""
    export: bool = False
    """At the end, write the best network as model.onnx with its card into the run's folder."""
    seed: int = 0
    """Seed of weights, crops and marks."""

    def __post_init__(self) -> None:
        wrong = [name for name in ("batch_size", "validation_crops") if getattr(self, name) < 1]
        if self.epochs < 0 or self.max_steps < 0 or not (self.epochs or self.max_steps):
            wrong.append("epochs or max_steps")
        if wrong:
            raise ValueError(f"expected at least 1 as {', '.join(wrong)}")

    @property
    @abstractmethod
    def crop_px(self) -> int:
        """Side of the crops."""

    @property
    @abstractmethod
    def model_task(self) -> ModelTask:
        """What the trained network does."""

    @abstractmethod
    def network(self) -> nn.Module:
        """The network, its weights random."""

    def pretrain(self, network: Any) -> None:  # noqa: B027
        """Give a new network the weights that training starts from, where those are not random."""

    @abstractmethod
    def task(self, network: Any, length: Length) -> "Task":
        """What is learnt, and how well."""

    @abstractmethod
    def source(
        self, pictures: Textures, sprites: Textures, batch_size: int, device: torch.device
    ) -> Source:
        """Batches for training."""

    def validation_source(
        self, pictures: Textures, sprites: Textures, batch_size: int, device: torch.device
    ) -> Source:
        """Batches for validation and test."""
        return self.source(pictures, sprites, batch_size, device)

    def draw_sprites(self, marks: Path | None) -> Textures:
        """The marks of the training; see :func:`load_sprites`."""
        return load_sprites(marks, self.sprites, self.seed)

    def length(self, pictures: int) -> Length:
        """The length of a run on so many pictures."""
        steps_per_epoch = max(1, round(pictures / self.batch_size))
        limits = (self.epochs * steps_per_epoch, self.max_steps)
        return Length(min(limit for limit in limits if limit), steps_per_epoch)


def load_own_marks(marks: Path | None, count: int, seed: int) -> Textures:
    """The marks as they are: one PNG with transparency, a folder of them, or a saved atlas.

    Without them, so many are drawn: text and shapes.
    """
    if marks is None or (marks.is_file() and marks.suffix.lower() not in SUFFIXES):
        return load_sprites(marks, count, seed)
    return Textures(read_marks(marks), SPRITE_LEVELS)


def load_sprites(marks: Path | None, count: int, seed: int) -> Textures:
    """Sprites of a saved atlas, or of one of this many marks drawn now.

    marks: an atlas, or a folder of logos and icons to draw from; without it, text and shapes.
    Raises UsageError where it is neither.
    """
    if marks is not None and marks.is_file():
        try:
            return Textures(Atlas.load(marks).sprites, SPRITE_LEVELS)
        except (OSError, ValueError, pickle.UnpicklingError) as error:
            raise UsageError(
                f"{marks}: expected a folder of logos (PNG) and icons (SVG), or an atlas that"
                f" `unveil` saved; {error}"
            ) from error
    if marks is not None and IconShelf.open(marks) == IconShelf():
        raise UsageError(
            f"{marks}: expected a folder of logos (PNG with alpha) and icons (SVG); found none;"
            " without --marks, text and shapes are drawn"
        )
    return Textures(build_atlas(count, seed, marks).sprites, SPRITE_LEVELS)
