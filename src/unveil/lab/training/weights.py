"""Networks and weights from checkpoints and exported models."""

import pickle
import struct
from pathlib import Path
from typing import Any

import torch
from google.protobuf.message import DecodeError
from torch import Tensor, nn

from unveil.errors import ModelError
from unveil.lab.training.export import load_exported
from unveil.lab.training.flagship import FlagshipRecipe
from unveil.lab.training.recipe import Recipe
from unveil.lab.training.recipe_files import from_json

_UNREADABLE = (OSError, KeyError, ValueError, EOFError, pickle.UnpicklingError, DecodeError)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """A checkpoint as Lightning wrote it. Raises ModelError where the file is none."""
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
        checkpoint["state_dict"]
    except (*_UNREADABLE, RuntimeError, TypeError, struct.error) as error:
        reason = (str(error).splitlines() or [""])[0]
        raise ModelError(
            f"{path}: expected a run's checkpoint (.ckpt); it is missing, damaged or something"
            f" else ({reason[:100]})"
        ) from error
    return checkpoint


def load_weights(path: Path) -> dict[str, Tensor]:
    """The weights of a checkpoint or exported model by parameter name.

    Raises ModelError where the file is neither.
    """
    if path.suffix != ".onnx":
        state = load_checkpoint(path)["state_dict"]
        return {
            name.removeprefix("network."): tensor
            for name, tensor in state.items()
            if name.startswith("network.")
        }
    try:
        return load_exported(path)
    except _UNREADABLE as error:
        raise ModelError(f"{path}: expected an exported model (.onnx); {error}") from error


def fill(network: nn.Module, path: Path) -> None:
    """Load a file's weights into the network. Raises ModelError where they are another's."""
    try:
        network.load_state_dict(load_weights(path))
    except RuntimeError as error:  # names or shapes of other weights
        reason = str(error).splitlines()[1].strip() if "\n" in str(error) else str(error)
        raise ModelError(
            f"{path}: expected weights of {type(network).__name__}, got those of another network"
            f" ({reason[:200]}); give a checkpoint of the same recipe"
        ) from error


def load_network(path: Path) -> tuple[nn.Module, Recipe]:
    """The network of a checkpoint, in evaluation mode, and the recipe that trained it.

    Raises ModelError where the file is no checkpoint, or damaged.
    """
    text = load_checkpoint(path).get("recipe")
    try:
        recipe = FlagshipRecipe() if text is None else from_json(text)
    except ValueError as error:
        raise ModelError(f"{path}: expected a checkpoint of a known recipe; {error}") from error
    network = recipe.network()
    fill(network, path)
    return network.eval(), recipe
