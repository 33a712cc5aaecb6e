"""One training run, whatever the recipe: data, task, loop and the folder that it leaves behind."""

import errno
import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import lightning as L  # noqa: N812
import torch
from lightning.pytorch.callbacks import EarlyStopping, EMAWeightAveraging, ModelCheckpoint
from torch.utils.data import DataLoader

from unveil.errors import OutputError, UsageError
from unveil.lab.synthesis.chance import mixed
from unveil.lab.training.data import Batches, FixedBatches, Pictures
from unveil.lab.training.folder import best_checkpoint, last_checkpoint, save_validation_batch
from unveil.lab.training.history import History, Progress
from unveil.lab.training.publish import publish
from unveil.lab.training.recipe import Length, Recipe
from unveil.lab.training.recipe_files import to_json
from unveil.lab.training.report import (
    device_name,
    parameter_counts,
    write_changes,
    write_environment,
    write_summary,
)
from unveil.lab.training.task import Task
from unveil.lab.training.testing import write_test
from unveil.lab.training.weights import fill, load_checkpoint


def train(
    recipe: Recipe,
    pictures: Path,
    run: Path,
    *,
    marks: Path | None = None,
    validation: Path | None = None,
    weights: Path | None = None,
    resume: bool = False,
) -> Path:
    """Run a recipe; returns the path of the last checkpoint.

    pictures: folder of clean pictures. run: the folder that :mod:`unveil.lab.training.folder`
    describes. marks: logos and icons, or a saved atlas; without them, marks are text and shapes.
    validation: folder of clean pictures for validation; without it, part of the others. weights:
    start from these (a checkpoint or an exported model). resume: go on from the run's last
    checkpoint, as if it had never stopped. Raises OutputError where the folder cannot be written.
    """
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", "Checkpoint directory .* exists and is not empty")
    L.seed_everything(recipe.seed, verbose=False)
    torch.set_float32_matmul_precision("high")
    device = _device()
    done = _steps_done(run, resume)
    network = recipe.network()
    if resume:
        fill(network, last_checkpoint(run))  # says so where the run is another network's
    elif weights is not None:
        fill(network, weights)
    else:
        recipe.pretrain(network)
    sprites = recipe.draw_sprites(marks)
    loaded = Pictures.load(pictures, validation, round(recipe.crop_px / 2))
    length = recipe.length(len(loaded.training))
    source = recipe.source(loaded.training, sprites, recipe.batch_size, device)
    check = recipe.validation_source(loaded.validation, sprites, recipe.batch_size, device)
    fixed = FixedBatches(check, recipe.seed, -(-recipe.validation_crops // recipe.batch_size))
    task = recipe.task(network, length)
    task.recipe_text = to_json(recipe)
    print(_headline(recipe, task, device), loaded, sep="\n", file=sys.stderr)
    history = History(run, recipe.batch_size)
    precision = precision_on(device, recipe.precision)
    trainer = _trainer(recipe, precision, run, length, history)
    try:
        run.mkdir(parents=True, exist_ok=True)
        (run / "recipe.json").write_text(task.recipe_text, encoding="utf-8")
        write_environment(run, recipe, device, precision)
        save_validation_batch(run, fixed[0])
        trainer.fit(
            task,
            DataLoader(Batches(source, recipe.seed, done), batch_size=None),
            DataLoader(fixed, batch_size=None),
            ckpt_path=last_checkpoint(run) if resume else None,
        )
        if trainer.is_global_zero:
            best = best_checkpoint(run)
            fill(task.network, best)
            write_summary(run, recipe, task, history.rows)
            write_test(run, recipe, task, loaded.test, sprites, device)
            write_changes(run)
            if recipe.export:
                publish(best, run / "model.onnx", pictures=loaded.validation_paths, sprites=sprites)
    except OSError as error:
        remedy = "name another folder with --run"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            begun = last_checkpoint(run).is_file()
            remedy = f"make room there, then {'go on with --resume' if begun else 'start again'}"
        raise OutputError(
            f"{error.filename or run}: expected to write the run's files, got:"
            f" {error.strerror or error}; {remedy}"
        ) from error
    return last_checkpoint(run)


class _Steps(L.Callback):
    """Fresh random numbers for every step, and a validation after the last one."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def on_train_batch_start(self, trainer: L.Trainer, *_: Any) -> None:
        torch.manual_seed(mixed(self._seed, trainer.global_step))

    def on_train_batch_end(self, trainer: L.Trainer, *_: Any) -> None:
        if trainer.global_step >= trainer.max_steps:
            trainer.should_stop = True


def precision_on(device: torch.device, wanted: str) -> str:
    """The precision to train in. A processor without bfloat16 would emulate it, ten times as slow
    as the single precision in which it trains instead (docs/experiments.md)."""
    if device.type != "cpu" or wanted != "bf16-mixed":
        return wanted
    computed = torch.backends.mkldnn.is_available() and (
        torch.ops.mkldnn._is_mkldnn_bf16_supported()  # PyTorch's own question; it has no public one
    )
    return wanted if computed else "32-true"


def _trainer(
    recipe: Recipe, precision: str, run: Path, length: Length, history: History
) -> L.Trainer:
    folder, named = run / "checkpoints", "epoch{epoch_passed:04.1f}-loss{val_loss:.4f}"
    callbacks: list[L.Callback] = [_Steps(recipe.seed), history, Progress(history)]
    if recipe.average:
        callbacks.append(EMAWeightAveraging(decay=recipe.average))
    if recipe.patience:
        callbacks.append(EarlyStopping("val_loss", patience=recipe.patience))
    # The best first: the last keeps the state of the other. Both whole: of a checkpoint of weights
    # only, they would be those of the moment instead of the average, which was validated.
    callbacks += [
        ModelCheckpoint(
            folder,
            f"best-{named}",
            "val_loss",
            auto_insert_metric_name=False,
            enable_version_counter=False,
        ),
        ModelCheckpoint(folder, "last", enable_version_counter=False),
    ]
    return L.Trainer(
        max_steps=length.steps,
        precision=precision,  # type: ignore[arg-type]
        gradient_clip_val=recipe.optimiser.clip or None,
        val_check_interval=min(recipe.validate_every or length.steps_per_epoch, length.steps),
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        callbacks=callbacks,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def _device() -> torch.device:
    """Where batches are drawn: where Lightning trains."""
    if torch.cuda.is_available():
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def _headline(recipe: Recipe, task: Task, device: torch.device) -> str:
    trained, frozen = parameter_counts(task)
    return (
        f"{type(task.network).__name__} on {device_name(device)}: {trained:,} parameters to train"
        + f", {frozen:,} frozen" * bool(frozen)
        + f"; {task.length.steps:,} steps of {recipe.batch_size} crops of {recipe.crop_px} px"
    )


def _steps_done(run: Path, resume: bool) -> int:
    """Steps that the run has behind it: none, or those of its last checkpoint."""
    last = last_checkpoint(run)
    if resume and not last.is_file():
        raise UsageError(f"{run}: expected a run to resume; it has no {last.name}")
    if not resume and any(last.parent.glob("*.ckpt")):
        raise UsageError(
            f"{run}: expected a new folder for the run; it holds checkpoints already; name another"
            " with --run, or go on with --resume"
        )
    return int(load_checkpoint(last)["global_step"]) if resume else 0
