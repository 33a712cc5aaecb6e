"""unveil train: run a recipe of the laboratory."""

from pathlib import Path
from typing import Annotated

import typer


def train(
    recipe: Annotated[
        str, typer.Argument(help="A recipe's name, such as flagship, or a recipe file.")
    ],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(help="Changes to the recipe, such as max_steps=500 synthesis.size_px=128."),
    ] = None,
    pictures: Annotated[Path, typer.Option(help="Folder of clean pictures.")] = Path("."),
    marks: Annotated[
        Path | None, typer.Option(help="Folder of logos (PNG) and icons (SVG), or a saved atlas.")
    ] = None,
    validation: Annotated[
        Path | None,
        typer.Option(
            help="Folder of clean pictures kept for validation. Default: part of the others."
        ),
    ] = None,
    run: Annotated[Path, typer.Option(help="Folder for everything the run leaves.")] = Path(
        "runs/run"
    ),
    weights: Annotated[
        Path | None, typer.Option(help="Start from a checkpoint's or exported model's weights.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes over the pictures, instead of the recipe's.")
    ] = None,
    max_steps: Annotated[
        int | None, typer.Option(min=1, help="Steps, instead of the recipe's length.")
    ] = None,
    resume: Annotated[bool, typer.Option(help="Go on from the run's last checkpoint.")] = False,
) -> None:
    """Train a recipe on a folder of clean pictures.

    \b
    unveil train flagship --pictures photos/ --run runs/mine
    unveil train flagship --pictures photos/ --run runs/mine --resume
    unveil train my-recipe.py --pictures photos/ optimiser.rate=1e-4
    """
    from unveil.lab.training import run as training
    from unveil.lab.training.recipe_files import load_recipe, override, with_length

    chosen = override(with_length(load_recipe(recipe), epochs, max_steps), overrides or [])
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
