"""The recipe of watermark-segmentation (github.com/Diffusion-Dynamics/watermark-segmentation): a
network of segmentation_models_pytorch learns the mask of logos."""

from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import nn

from unveil.lab.losses.location import f1_counts, mask_loss
from unveil.lab.networks.segmentation import LOCAL_ENCODER, SIZE_MULTIPLE, segmentation_network
from unveil.lab.synthesis.logos import LogoScenes, Scene, SegmentationConfig
from unveil.lab.synthesis.textures import Textures
from unveil.lab.training.recipe import Length, ModelTask, Recipe, load_own_marks
from unveil.lab.training.schedule import OneCycleConfig
from unveil.lab.training.task import Measured, Task, mask_scores, named_counts


class SegmenterTask(Task):
    """Trains mask logits [B, 1, H, W] by cross-entropy and soft Dice; F1, precision, recall."""

    criterion = "cross-entropy + soft Dice of the mask"

    def measure(self, batch: Scene) -> Measured:
        logit = self(batch.marked)
        counts = named_counts(f1_counts(logit, batch.mask).float())
        return Measured(mask_loss(logit, batch.mask), counts)

    def scores(self, means: dict[str, float]) -> dict[str, float]:
        return mask_scores(means)


@dataclass(frozen=True, kw_only=True)
class SegmentationRecipe(Recipe):
    """Trains a segmentation network on pictures under logos."""

    architecture: str = "unet"
    """segmentation_models_pytorch's name of the decoder."""
    encoder: str = LOCAL_ENCODER
    """And of the encoder; the weights of the default one are installed, others are downloaded."""
    pretrained: bool = True
    """Start from the encoder as it was trained on ImageNet."""
    data: SegmentationConfig = field(default_factory=SegmentationConfig)
    """What the pictures look like."""
    optimiser: OneCycleConfig = field(
        default_factory=lambda: OneCycleConfig(rate=5e-4, weight_decay=1e-2, warm_up=0.1)
    )
    """How the weights move."""
    epochs: int = 50
    """Passes over the pictures."""

    @property
    def crop_px(self) -> int:
        return self.data.size_px

    @property
    def model_task(self) -> ModelTask:
        return ModelTask("segment", SIZE_MULTIPLE, self.data.opacity)

    def network(self) -> nn.Module:
        return segmentation_network(self.architecture, self.encoder, pretrained=False)

    def pretrain(self, network: nn.Module) -> None:
        if self.pretrained:
            trained = segmentation_network(self.architecture, self.encoder)
            network.load_state_dict(trained.state_dict())

    def task(self, network: nn.Module, length: Length) -> SegmenterTask:
        return SegmenterTask(network, self.optimiser, length)

    def draw_sprites(self, marks: Path | None) -> Textures:
        return load_own_marks(marks, self.sprites, self.seed)

    def source(
        self, pictures: Textures, sprites: Textures, batch_size: int, device: torch.device
    ) -> LogoScenes:
        return LogoScenes(pictures, sprites, self.data, batch_size, self.seed, device)
