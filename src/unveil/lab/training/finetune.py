"""From "my logo and my photos" to a model: the bundled network learns one mark by heart."""

from dataclasses import dataclass, field
from pathlib import Path

from unveil.errors import UsageError
from unveil.lab.marks.atlas import build_atlas
from unveil.lab.networks.flagship import FlagshipNetwork
from unveil.lab.synthesis.pictures import read_marks
from unveil.lab.synthesis.textures import SPRITE_LEVELS, Textures
from unveil.lab.training.export import load_exported
from unveil.lab.training.flagship import FlagshipOptimiser, FlagshipRecipe
from unveil.models.catalogue import MODELS


@dataclass(frozen=True, kw_only=True)
class FlagshipFinetuneRecipe(FlagshipRecipe):
    """Trains the bundled model on with marks of one's own among others, so that it learns those
    and does not forget the rest."""

    optimiser: FlagshipOptimiser = field(
        default_factory=lambda: FlagshipOptimiser(rate=2e-4, warm_up=0.1)
    )
    """How the weights move."""
    batch_size: int = 16
    """Crops per step."""
    max_steps: int = 600
    """Steps of the run."""
    validate_every: int = 100
    """Steps between validations and checkpoints."""
    validation_crops: int = 128
    """Crops per validation, always the same ones."""
    sprites: int = 200
    """Other marks, drawn now."""
    own: float = 0.5
    """Part of the marks that are one's own."""
    average: float = 0.99
    """Decay of the moving average of the weights, which is what is validated and kept."""
    export: bool = True
    """At the end, write the best network as model.onnx with its card into the run's folder."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.own < 1:
            raise ValueError(
                f"expected own as a part of the marks, between 0 and 1; got {self.own}"
            )

    def pretrain(self, network: FlagshipNetwork) -> None:
        """The bundled model's weights."""
        network.load_state_dict(load_exported(MODELS["default"]))

    def draw_sprites(self, marks: Path | None) -> Textures:
        """Each mark of one's own often enough to be its part of all.

        Raises UsageError without marks, PictureError where they have no transparency.
        """
        if marks is None:
            raise UsageError(
                "expected the mark to learn with --marks: a PNG with transparency, or a folder of"
                " them; got none"
            )
        own = read_marks(marks)
        copies = max(1, round(self.sprites * self.own / (1 - self.own) / len(own)))
        others = build_atlas(self.sprites, self.seed).sprites
        return Textures([*others, *(own * copies)], SPRITE_LEVELS)
