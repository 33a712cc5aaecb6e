"""unveil export: a checkpoint becomes a model that the runtime loads."""

from pathlib import Path
from typing import Annotated, Any

import typer

CALIBRATION_MARKS = 600


def export(
    checkpoint: Annotated[Path, typer.Argument(help="A run's checkpoint (.ckpt).")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The model to write (.onnx).")],
    pictures: Annotated[
        Path | None,
        typer.Option(
            help="Folder of clean pictures to calibrate on, kept out of training, for a model that"
            " finds marks: at most one in a hundred of them is to be reported as marked; and it is"
            " computed in eight bits, twice as fast. Without it, neither."
        ),
    ] = None,
    marks: Annotated[
        Path | None,
        typer.Option(
            help="Marks to calibrate on, kept out of training: a folder of logos (PNG) and icons"
            " (SVG), or a saved atlas. Without it: text and shapes."
        ),
    ] = None,
    description: Annotated[str, typer.Option(help="What the model is for.")] = "",
    trained_on: Annotated[
        str, typer.Option(help="Pictures and marks of the training, and their terms.")
    ] = "",
    licence: Annotated[str, typer.Option(help="Licence of the weights.")] = "Apache-2.0",
) -> None:
    """Write a checkpoint of any recipe as ONNX, with its card beside it.

    The file serves in unveil remove --model.
    Refused where onnxruntime computes anything else than torch.
    """
    from unveil.lab.synthesis.pictures import find_pictures
    from unveil.lab.training.publish import publish
    from unveil.lab.training.recipe import load_sprites

    card = publish(
        checkpoint,
        output,
        pictures=None if pictures is None else find_pictures(pictures),
        sprites=None if pictures is None else load_sprites(marks, CALIBRATION_MARKS, seed=1),
        description=description,
        trained_on=trained_on,
        licence=licence,
    )
    typer.echo(
        f"{card.path}: {card.size_mb:.1f} MB, {card.parameters:,} parameters, to {card.task};"
        f" {_threshold(card)}"
    )


def _threshold(card: Any) -> str:
    from unveil.models.catalogue import HELPERS

    if card.task in HELPERS:
        return "after a model that locates"
    if card.task == "restore":
        return f"a change counts from {255 * card.threshold:.0f}/255 on"
    return f"confidence {card.confidence:.3f}"
