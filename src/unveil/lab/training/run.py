"""One training run: data, task, loop and the folder that it leaves behind."""

import json
import pickle
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import lightning as L  # noqa: N812
import torch
from google.protobuf.message import DecodeError
from lightning.pytorch.callbacks import (
    EMAWeightAveraging,
    LearningRateMonitor,
    ModelCheckpoint,
    TQDMProgressBar,
)
from lightning.pytorch.loggers import CSVLogger
from torch.utils.data import DataLoader, IterableDataset

from unveil.errors import ModelError, UsageError
from unveil.lab.marks.atlas import Atlas, build_atlas
from unveil.lab.networks.flagship import FlagshipNetwork
from unveil.lab.synthesis.marked import Batch, MarkedPictures
from unveil.lab.synthesis.pictures import find_pictures, load_pictures
from unveil.lab.synthesis.textures import Textures
from unveil.lab.training.export import load_exported
from unveil.lab.training.locator import LocatorTask
from unveil.lab.training.recipe import FlagshipRecipe

SPRITE_LEVELS = 4
"""Pyramid levels of the sprites: a mark may be drawn at a sixteenth of its sprite's size."""
VALIDATION_EVERY = 10
"""One picture in so many is kept for validation where no folder for it is given."""


class _Batches(IterableDataset):
    """Batches as a dataset, so that Lightning moves and counts them like any other."""

    def __init__(self, batches: Iterable[Batch]) -> None:
        self._batches = batches

    def __iter__(self):
        return iter(self._batches)


def train(
    recipe: FlagshipRecipe,
    pictures: Path,
    run: Path,
    *,
    marks: Path | None = None,
    validation: Path | None = None,
    weights: Path | None = None,
    resume: bool = False,
) -> Path:
    """Run a recipe; returns the path of the last checkpoint.

    pictures: folder of clean pictures. run: folder for checkpoints, log and resolved recipe. marks:
    a folder of logos and icons, or a saved atlas; without it, marks are text and shapes.
    validation: folder of clean pictures for validation; without it, part of the others. weights:
    start from these (a checkpoint or an exported model); without them, from an encoder trained on
    ImageNet. resume: go on from the run's last
    checkpoint.
    """
    L.seed_everything(recipe.seed, verbose=False)
    torch.set_float32_matmul_precision("high")
    run.mkdir(parents=True, exist_ok=True)
    (run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2) + "\n")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    sprites = load_sprites(marks, recipe.sprites, recipe.seed)
    least_px = round(recipe.synthesis.size_px / 2)
    training, validating = _pictures(pictures, validation, least_px)
    seed = recipe.seed + 2 * _steps_done(run) if resume else recipe.seed
    draw = MarkedPictures(training, sprites, recipe.synthesis, recipe.batch_size, seed, device)
    check = MarkedPictures(
        validating, sprites, recipe.synthesis, recipe.batch_size, recipe.seed + 1, device
    )
    fixed = [check.draw() for _ in range(-(-recipe.validation_crops // recipe.batch_size))]
    if weights is not None:
        network = load_network(weights)
    else:
        network = FlagshipNetwork()
        network.encoder.load_imagenet()
    task = LocatorTask(network, recipe.optimiser)
    checkpoint = ModelCheckpoint(  # the newest at every validation, not the best: a run is resumed
        run / "checkpoints",
        filename="step{step:07d}",
        auto_insert_metric_name=False,
        save_last=True,
    )
    trainer = L.Trainer(
        max_steps=recipe.max_steps,
        precision="bf16-mixed",
        gradient_clip_val=recipe.optimiser.clip,
        val_check_interval=min(recipe.validate_every, recipe.max_steps),
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        log_every_n_steps=50,
        callbacks=[
            checkpoint,
            EMAWeightAveraging(decay=recipe.average),
            LearningRateMonitor("step"),
            TQDMProgressBar(refresh_rate=20),
        ],
        logger=CSVLogger(run, name="log"),
        enable_model_summary=False,
    )
    trainer.fit(
        task,
        DataLoader(_Batches(draw), batch_size=None),
        DataLoader(_Batches(fixed), batch_size=None),
        ckpt_path=_last(run) if resume else None,
    )
    return _last(run)


def _last(run: Path) -> Path:
    return run / "checkpoints" / "last.ckpt"


def _steps_done(run: Path) -> int:
    """Steps that a run's last checkpoint has behind it. A resumed run must not see the crops of
    its start again."""
    if not _last(run).is_file():
        raise UsageError(f"{run}: expected a run to resume; it has no {_last(run).name}")
    return int(torch.load(_last(run), map_location="cpu", weights_only=True)["global_step"])


def load_network(path: Path) -> FlagshipNetwork:
    """The network of a checkpoint or exported model.

    Raises ModelError where the file is neither, or holds another network.
    """
    network = FlagshipNetwork()
    try:
        network.load_state_dict(_load_weights(path))
    except (OSError, KeyError, ValueError, pickle.UnpicklingError, DecodeError) as error:
        raise ModelError(
            f"{path}: expected a checkpoint (.ckpt) or an exported model (.onnx); {error}"
        ) from error
    except RuntimeError as error:  # names or shapes of other weights
        raise ModelError(f"{path}: expected weights of the flagship's network; {error}") from error
    return network


def _load_weights(path: Path) -> dict[str, torch.Tensor]:
    if path.suffix == ".onnx":
        return load_exported(path)
    state = torch.load(path, map_location="cpu", weights_only=True)["state_dict"]
    return {name.removeprefix("network."): tensor for name, tensor in state.items()}


def load_sprites(marks: Path | None, count: int, seed: int) -> Textures:
    """Sprites of a saved atlas, or of one of this many marks drawn now.

    marks: an atlas, or a folder of logos and icons to draw from; without it, text and shapes.
    """
    if marks is not None and marks.is_file():
        return Textures(Atlas.load(marks).sprites, SPRITE_LEVELS)
    return Textures(build_atlas(count, seed, marks).sprites, SPRITE_LEVELS)


def _pictures(pictures: Path, validation: Path | None, least_px: int) -> tuple[Textures, Textures]:
    paths = find_pictures(pictures)
    if validation is not None:
        held = find_pictures(validation)
    else:
        held = paths[::VALIDATION_EVERY]
        paths = [path for path in paths if path not in set(held)] or held
    return load_pictures(paths, least_px), load_pictures(held, least_px)
