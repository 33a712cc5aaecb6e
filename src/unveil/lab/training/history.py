"""What a run tells while it goes on: one row of figures per validation, and lines for people."""

import csv
import math
import sys
import time
from pathlib import Path
from typing import Any

import lightning as L  # noqa: N812
import numpy as np

from unveil.lab.training.task import Task

COLUMNS = (
    "step",
    "epoch",
    "samples",
    "minutes",
    "rate",
    "train_loss",
    "val_loss",
    "train_psnr",
    "val_psnr",
    "train_ssim",
    "val_ssim",
)
"""The columns of every history; a task's own follow."""

SHOWN = {
    "train_loss": "loss {:.4f}",
    "val_loss": "validation {:.4f}",
    "val_psnr": "PSNR {:.2f} dB",
    "val_ssim": "SSIM {:.4f}",
    "val_f1": "F1 {:.3f}",
}
"""The columns that people are told of, and how."""

SHOWN_EVERY = 20
"""Steps between two looks at the loss: each makes a GPU wait."""

Row = dict[str, float]


class History(L.Callback):
    """Keeps the rows and writes them as history.csv and history.npz after every validation.

    The rows are part of each checkpoint, so a resumed run goes on with exactly what led up to it.
    """

    def __init__(self, folder: Path, batch_size: int) -> None:
        self.rows: list[Row] = []
        self._folder = folder
        self._batch_size = batch_size
        self._seconds = 0.0
        self._started = time.monotonic()

    @property
    def minutes(self) -> float:
        """Of the whole run, earlier parts of a resumed one included."""
        return (self._seconds + time.monotonic() - self._started) / 60

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        self._started = time.monotonic()

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        assert isinstance(pl_module, Task)
        task, step = pl_module, trainer.global_step
        trained = task.scores(task.train_means.take())
        measured = {f"train_{name}": value for name, value in trained.items()}
        measured |= {f"val_{name}": value for name, value in task.val_scores.items()}
        row = dict.fromkeys(COLUMNS, math.nan) | {
            "step": step,
            "epoch": step / task.length.steps_per_epoch,
            "samples": step * self._batch_size * trainer.world_size,
            "minutes": self.minutes,
            "rate": trainer.optimizers[0].param_groups[0]["lr"],
            **measured,
        }
        self.rows.append(row)
        if trainer.is_global_zero:
            write_history(self._folder, self.rows)

    def state_dict(self) -> dict[str, Any]:
        return {"rows": self.rows, "seconds": 60 * self.minutes}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.rows, self._seconds = state_dict["rows"], state_dict["seconds"]


class Progress(L.Callback):
    """On a terminal a bar with the time left; elsewhere a line for every validation."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._bar: Any = None
        self._first_step = 0
        self._started = time.monotonic()

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        self._first_step, self._started = trainer.global_step, time.monotonic()
        if not (sys.stderr.isatty() and trainer.is_global_zero):
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._bar = Bar(*columns, TimeRemainingColumn(), console=Console(stderr=True))
        self._bar.start()
        self._row = self._bar.add_task(
            "training", total=trainer.max_steps, completed=trainer.global_step
        )

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, *_: Any
    ) -> None:
        done = trainer.global_step
        if self._bar is not None and (done % SHOWN_EVERY == 0 or done == trainer.max_steps):
            loss = float(outputs["loss"])
            self._bar.update(self._row, completed=done, description=f"loss {loss:.4f}")

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        if not trainer.is_global_zero:
            return
        done, total = trainer.global_step, trainer.max_steps
        taken = (time.monotonic() - self._started) / max(done - self._first_step, 1)
        left = _duration(taken * (total - done) / 60)
        row = self._history.rows[-1]
        known = [name for name in SHOWN if math.isfinite(row.get(name, math.nan))]
        figures = ", ".join(SHOWN[name].format(row[name]) for name in known)
        self._say(f"step {done:,} of {total:,}, {left} left: {figures}")

    def on_train_end(self, *_: Any) -> None:
        self._close()

    def on_exception(self, *_: Any) -> None:
        self._close()

    def _say(self, line: str) -> None:
        if self._bar is None:
            print(line, file=sys.stderr, flush=True)
        else:
            self._bar.console.print(line, highlight=False)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def write_history(folder: Path, rows: list[Row]) -> None:
    """history.csv, empty where a column has no meaning, and history.npz, NaN there."""
    columns = {name: [row.get(name, math.nan) for row in rows] for name in _names(rows)}
    with (folder / "history.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for values in zip(*columns.values(), strict=True):
            writer.writerow("" if math.isnan(value) else f"{value:.8g}" for value in values)
    arrays: dict[str, Any] = {name: np.array(values) for name, values in columns.items()}
    np.savez(folder / "history.npz", **arrays)


def read_history(folder: Path) -> dict[str, np.ndarray]:
    """The columns of a run's history by name, float64, one value per validation."""
    with np.load(folder / "history.npz", allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _names(rows: list[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _duration(minutes: float) -> str:
    hours, rest = divmod(round(minutes), 60)
    return f"{hours} h {rest:02d} min" if hours else f"{rest} min"
