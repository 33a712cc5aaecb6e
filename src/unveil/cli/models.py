"""``unveil models``: the models that come with Unveil."""

from dataclasses import asdict
from typing import Annotated

import typer

from unveil.cli._console import print_json
from unveil.models.catalogue import MODELS, Card


def models(
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object per model on standard output.")
    ] = False,
) -> None:
    """List the models that come with Unveil: size, range, licence, scores.

    Any of the names, or the path of an ONNX file of your own with its card beside it, serves as
    --model.
    """
    if as_json:
        for card in MODELS.values():
            print_json({**asdict(card), "path": str(card.path)})
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "parameters", "size", "opacity", "licence", "what it is", box=None)
    for card in MODELS.values():
        table.add_row(*_row(card))
    Console(highlight=False).print(table)


def _row(card: Card) -> tuple[str, ...]:
    low, high = card.opacity_range
    return (
        card.name,
        f"{card.parameters:,}",
        f"{card.size_mb:.1f} MB",
        f"{low:g}-{high:g}",
        card.licence,
        card.description,
    )
