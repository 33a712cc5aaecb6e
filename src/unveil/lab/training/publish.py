"""From a run's checkpoint to a model file with everything on its card that can be fitted."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from unveil.errors import UsageError
from unveil.lab.synthesis.textures import Textures
from unveil.lab.training.calibration import calibrated, draw_examples
from unveil.lab.training.eight_bits import in_eight_bits
from unveil.lab.training.export import best_threshold, card_for, export_network
from unveil.lab.training.folder import VALIDATION_BATCH, read_validation_batch
from unveil.lab.training.weights import load_network
from unveil.models.catalogue import Card

RANGES_FROM = 64
"""The ranges of a network's activations are found on so many crops."""


def publish(
    checkpoint: Path,
    output: Path,
    *,
    pictures: list[Path] | None = None,
    sprites: Textures | None = None,
    crops: int = 320,
    description: str = "",
    trained_on: str = "",
    licence: str = "Apache-2.0",
) -> Card:
    """Write a checkpoint's network to the output (.onnx), its card beside it; returns the card.

    A network that finds marks is brought to eight bits and calibrated on clean pictures under
    sprites, in so many crops; without pictures it is neither. On the run's validation crops, where
    the checkpoint lies in the run's folder, one that completes or refines is brought to eight bits,
    and the threshold of one that restores is fitted. Raises UsageError for another suffix,
    ModelError for a checkpoint that cannot be used.
    """
    if output.suffix != ".onnx":
        raise UsageError(f"{output}: expected a model's name to end in .onnx")
    network, recipe = load_network(checkpoint)
    description = description or f"{type(network).__name__}, trained by {type(recipe).__name__}"
    card = card_for(network, recipe.model_task, output, description, trained_on, licence)
    run = checkpoint.parent.parent
    batch = read_validation_batch(run) if (run / VALIDATION_BATCH).is_file() else None
    if card.task == "restore" and batch is not None:
        card = replace(card, threshold=best_threshold(network, batch.marked, batch.clean))
    card = export_network(network, card)
    if card.task in ("refine", "complete") and batch is not None:
        card = in_eight_bits(card, batch.marked.numpy())
    if pictures is not None and sprites is not None and card.task in ("locate", "segment"):
        examples = draw_examples(pictures, sprites, crops)
        if card.task == "locate":
            seen = [rgb.astype(np.float32) / 255 for rgb, _ in examples[:RANGES_FROM]]
            card = in_eight_bits(card, [rgb.transpose(2, 0, 1) for rgb in seen])
        card = calibrated(card, pictures, examples)
    return card
