"""The folder that a run leaves behind, and how to open it again.

    recipe.json             the resolved recipe
    environment.json        versions, device, seed
    history.csv, .npz       one row per validation
    checkpoints/            the best, named by epoch and score, and last.ckpt
    validation.pt           the first crops of validation, as the network is fed them
    training_summary.json   length, optimiser, loss; scores at the best and the last validation
    test.csv, .json         scores per picture, where pictures were kept for the test
    changes.md              what differs from the previous run beside this one, and what came out
    model.onnx, .json       the best network for the runtime, where the recipe says so

run = load_run("runs/mine")
run.history["val_psnr"]                         # float64, one value per validation
run.network()(run.validation_batch(4).marked)   # what it makes of four crops
"""

import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from torch import Tensor, nn

from unveil.errors import ModelError, UsageError
from unveil.lab.training.history import read_history
from unveil.lab.training.recipe import Recipe
from unveil.lab.training.recipe_files import from_json
from unveil.lab.training.weights import load_network

VALIDATION_BATCH = "validation.pt"
SHOWN_CROPS = 8
"""So many validation crops are kept in the folder, to be looked at."""
_SCORE = re.compile(r"loss(-?[\d.]+(?:e[-+]?\d+)?)\.ckpt$")


@dataclass(frozen=True)
class Run:
    """A run by its folder."""

    folder: Path
    recipe: Recipe
    history: dict[str, np.ndarray]
    """One float64 array per column, one value per validation; NaN where it has no meaning."""

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def best_checkpoint(self) -> Path:
        """The checkpoint of the lowest validation loss. Raises ModelError where there is none."""
        return best_checkpoint(self.folder)

    def network(self) -> nn.Module:
        """The best checkpoint's network in evaluation mode, on the CPU."""
        return load_network(self.best_checkpoint)[0]

    def validation_batch(self, count: int = SHOWN_CROPS) -> SimpleNamespace:
        """The first validation crops as they were fed, at most SHOWN_CROPS: tensors by name, marked
        among them, and clean or background, mask or visible as the recipe has them."""
        return read_validation_batch(self.folder, count)


def load_run(folder: str | Path) -> Run:
    """The run of a folder. Raises UsageError where it is none, or has no history yet."""
    folder = Path(folder)
    try:
        recipe = from_json((folder / "recipe.json").read_text(encoding="utf-8"))
        history = read_history(folder)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{folder}: expected the folder of a run, with recipe.json and history.npz; {error};"
            " name the folder given to `unveil train --run`"
        ) from error
    return Run(folder, recipe, history)


def last_checkpoint(folder: Path) -> Path:
    """Where a run's newest checkpoint lies."""
    return folder / "checkpoints" / "last.ckpt"


def best_checkpoint(folder: Path) -> Path:
    """The checkpoint with the lowest loss in its name. Raises ModelError where there is none."""
    scores = {
        path: float(found[1])
        for path in (folder / "checkpoints").glob("best-*.ckpt")
        if (found := _SCORE.search(path.name))
    }
    if not scores:
        raise ModelError(f"{folder}: expected a run with a best checkpoint; train it first")
    return min(scores, key=lambda path: scores[path])


def save_validation_batch(folder: Path, batch: tuple) -> None:
    """Keep the first crops of a batch, a NamedTuple of tensors."""
    tensors: dict[str, Tensor] = batch._asdict()  # type: ignore[attr-defined]
    shown = {name: tensor[:SHOWN_CROPS].cpu().clone() for name, tensor in tensors.items()}
    content = io.BytesIO()  # torch's own writing does not say that a disk is full
    torch.save(shown, content)
    (folder / VALIDATION_BATCH).write_bytes(content.getvalue())


def read_validation_batch(folder: Path, count: int = SHOWN_CROPS) -> SimpleNamespace:
    """What :func:`save_validation_batch` kept, at most so many crops."""
    tensors = torch.load(folder / VALIDATION_BATCH, weights_only=True)
    return SimpleNamespace(**{name: tensor[:count] for name, tensor in tensors.items()})


def write_json(path: Path, values: object) -> None:
    """As UTF-8 text with indents."""
    path.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
