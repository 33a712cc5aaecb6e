"""unveil train: run a recipe of the laboratory."""

from pathlib import Path
from typing import Annotated

import typer


def train(
    recipe: Annotated[Path, typer.Argument(help="A recipe file, such as recipes/flagship.py.")],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(help="Changes to the recipe, such as max_steps=500 synthesis.size_px=128."),
    ] = None,
    pictures: Annotated[Path, typer.Option(help="Folder of clean pictures.")] = Path("."),
    marks: Annotated[
        Path | None, typer.Option(help="Folder of logos (PNG) and icons (SVG), or a saved atlas.")
    ] = None,
    validation: Annotated[
        Path | None, typer.Option(help="Folder of clean pictures kept for validation.")
    ] = None,
    run: Annotated[Path, typer.Option(help="Folder for checkpoints and log.")] = Path("runs/run"),
    weights: Annotated[
        Path | None, typer.Option(help="Start from a checkpoint's or exported model's weights.")
    ] = None,
    max_steps: Annotated[int | None, typer.Option(help="Short for max_steps=N.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on from the run's last checkpoint.")] = False,
) -> None:
    """Train a recipe on a folder of clean pictures."""
    from unveil.lab.training import run as training
    from unveil.lab.training.recipe import load_recipe, override

    changes = list(overrides or [])
    if max_steps is not None:
        changes.append(f"max_steps={max_steps}")
    chosen = override(load_recipe(recipe), changes)
    last = training.train(
        chosen,
        pictures,
        run,
        marks=marks,
        validation=validation,
        weights=weights,
        resume=resume,
    )
    typer.echo(f"last checkpoint: {last}")
