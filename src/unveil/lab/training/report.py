"""What a run says of itself: environment, summary, and what it changed against the one before."""

import json
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from torch import nn

from unveil.lab.training.folder import write_json
from unveil.lab.training.history import Row
from unveil.lab.training.recipe import Recipe
from unveil.lab.training.task import Task

PACKAGES = ("unveil", "torch", "torchvision", "lightning", "numpy", "opencv-python-headless")
"""Whose versions decide what a run does."""
SHOWN = ("loss", "psnr", "ssim", "f1", "precision", "recall")
"""The scores of a summary."""


def write_environment(folder: Path, recipe: Recipe, device: torch.device, precision: str) -> None:
    """environment.json."""
    values = {
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: _version(name) for name in PACKAGES},
        "device": device_name(device),
        "threads": torch.get_num_threads(),
        "precision": precision,
        "seed": recipe.seed,
    }
    write_json(folder / "environment.json", values)


def device_name(device: torch.device) -> str:
    """For people: which device it is."""
    if device.type == "cuda":
        return f"cuda ({torch.cuda.get_device_name(device)})"
    return str(device)


def parameter_counts(*modules: nn.Module) -> tuple[int, int]:
    """Parameters that are trained, and those that are frozen."""
    parameters = [p for module in modules for p in module.parameters()]
    trained = sum(p.numel() for p in parameters if p.requires_grad)
    return trained, sum(p.numel() for p in parameters) - trained


def write_summary(folder: Path, recipe: Recipe, task: Task, rows: list[Row]) -> None:
    """training_summary.json."""
    best, last = min(rows, key=lambda row: row["val_loss"]), rows[-1]
    trained, frozen = parameter_counts(task)
    values = {
        "recipe": type(recipe).__name__,
        "network": type(task.network).__name__,
        "parameters": trained,
        "frozen_parameters": frozen,
        "criterion": task.criterion,
        "optimiser": {"name": "AdamW", "schedule": type(recipe.optimiser).__name__}
        | asdict(recipe.optimiser),
        "steps": int(last["step"]),
        "planned_steps": task.length.steps,
        "epochs": last["epoch"],
        "samples": int(last["samples"]),
        "minutes": last["minutes"],
        "rate": last["rate"],
        "best_step": int(best["step"]),
        "best": {"train": _scores(best, "train"), "validation": _scores(best, "val")},
        "last": {"train": _scores(last, "train"), "validation": _scores(last, "val")},
    }
    write_json(folder / "training_summary.json", values)


def _scores(row: Row, part: str) -> dict[str, float]:
    scores = {name: row.get(f"{part}_{name}") for name in SHOWN}
    return {name: value for name, value in scores.items() if value is not None and value == value}


def write_changes(folder: Path) -> None:
    """changes.md: against the run that was finished last of those beside this one."""
    current = _flat_run(folder)
    beside = [
        path.parent
        for path in folder.resolve().parent.glob("*/training_summary.json")
        if path.parent != folder.resolve()
    ]
    previous = max(
        beside, key=lambda path: (path / "training_summary.json").stat().st_mtime, default=None
    )
    before = {} if previous is None else _flat_run(previous)
    lines = [f"# {folder.resolve().name}", ""]
    lines += [f"Against `{previous.name}`:" if previous else "The first run in this folder.", ""]
    lines += ["| what | before | now |", "|---|---|---|"]
    for name in dict.fromkeys([*before, *current]):
        old, new = before.get(name), current.get(name)
        if old != new:
            lines.append(f"| {name} | {_cell(old)} | {_cell(new)} |")
    (folder / "changes.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _flat_run(folder: Path) -> dict[str, Any]:
    """Recipe, and what came out, by dotted names."""
    files = {"recipe": "recipe.json", "result": "training_summary.json", "test": "test.json"}
    values = {
        name: json.loads((folder / file).read_text(encoding="utf-8"))
        for name, file in files.items()
        if (folder / file).is_file()
    }
    result = values["result"]
    values["result"] = {name: result[name] for name in ("steps", "minutes", "best_step", "best")}
    if "test" in values:
        values["test"] = values["test"]["mean"]
    return _flat(values)


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
