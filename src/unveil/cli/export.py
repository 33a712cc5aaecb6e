"""unveil export: a checkpoint becomes a model that the runtime loads."""

from pathlib import Path
from typing import Annotated

import typer

CALIBRATION_MARKS = 600


def export(
    checkpoint: Annotated[Path, typer.Argument(help="A run's checkpoint (.ckpt).")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The model to write (.onnx).")],
    pictures: Annotated[
        Path | None,
        typer.Option(
            help="Folder of clean pictures to calibrate on, kept out of training: at most one in"
            " twenty of them is to be reported as marked. Without it, nothing is calibrated."
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
    """Write a checkpoint as ONNX with half-precision weights, with its card beside it.

    Refused where onnxruntime computes anything else than torch.
    """
    from unveil.lab.training.calibration import calibrated
    from unveil.lab.training.export import card_for, export_network
    from unveil.lab.training.recipe import load_sprites
    from unveil.lab.training.weights import load_network

    network, _ = load_network(checkpoint)
    card = card_for(network, output, description, trained_on, licence)
    written = export_network(network, card)
    if pictures is not None:
        written = calibrated(written, pictures, load_sprites(marks, CALIBRATION_MARKS, seed=1))
    typer.echo(
        f"{written.path}: {written.size_mb:.1f} MB, {written.parameters:,} parameters,"
        f" confidence {written.confidence:.3f}"
    )
