"""``unveil models``: the models that come with Unveil."""

from dataclasses import asdict
from typing import Annotated

import typer

from unveil.cli._console import print_json
from unveil.models.catalogue import MODELS, Card, get


def models(
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object per model on standard output.")
    ] = False,
) -> None:
    """List the models that come with Unveil: size, range, licence, scores.

    Any of the names, or the path of an ONNX file of your own with its card beside it, serves as
    --model.
    """
    cards = [get(name) for name in MODELS]
    if as_json:
        for card in cards:
            print_json({**asdict(card), "path": str(card.path), "size_mb": card.size_mb})
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "parameters", "size", "opacity", "licence", "what it is", box=None)
    for card in cards:
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
