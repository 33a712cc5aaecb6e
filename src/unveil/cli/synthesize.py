"""``unveil synthesize``: look at what training draws, or write it to disk."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from unveil.cli._console import say
from unveil.cli._run import progress
from unveil.codecs import format_for
from unveil.errors import UsageError

if TYPE_CHECKING:
    from unveil.lab.synthesis.textures import Textures

SPRITES = 200
"""Marks drawn where none are given."""
SHOWN = 50
"""No more pictures than about so many are read for a sheet."""


def synthesize(
    pictures: Annotated[Path, typer.Option(help="Folder of clean pictures.", show_default=False)],
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="PATH",
            help="The sheet (PNG or JPEG), or with --pairs a folder.",
        ),
    ] = Path("synthesis.png"),
    noise: Annotated[
        list[str] | None,
        typer.Option(
            help="Show this noise model, such as gaussian,0,50 or mark,logo.png,30,90; repeatable. "
            "Without any, marks as each recipe draws them."
        ),
    ] = None,
    marks: Annotated[
        Path | None,
        typer.Option(help="A mark with transparency, or a folder of them; else text and shapes."),
    ] = None,
    pairs: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Write N marked crops in the layout of CLWD."),
    ] = None,
    size_px: Annotated[int, typer.Option(help="Side of the crops, a multiple of 32.")] = 256,
    columns: Annotated[int, typer.Option(min=1, max=20, help="Crops in a line of the sheet.")] = 6,
    seed: Annotated[int, typer.Option(help="The same seed draws the same crops.")] = 0,
) -> None:
    """Show the noise and mark models as a contact sheet, or write pairs for other people's code.

    \b
    unveil synthesize --pictures photos/ -o marks.png
    unveil synthesize --pictures photos/ --noise text,0,50 --noise impulse,70,70 -o noise.png
    unveil synthesize --pictures photos/ --marks logos/ --pairs 1000 -o clwd/train
    """
    if pairs is not None and noise:
        raise UsageError("expected --noise for a sheet or --pairs for a folder; got both")
    if size_px % 32 or size_px < 32:
        raise UsageError(f"expected --size-px in multiples of 32; got {size_px}")
    if pairs is not None:
        _write_pairs(pictures, marks, pairs, output, size_px, seed)
        return
    format_for(output)  # before the work, not after it
    from unveil.lab.synthesis import sheet

    photographs = _load(pictures, size_px, SHOWN)
    if noise:
        lines = sheet.noise_lines(photographs, noise, size_px, columns, seed)
    else:
        lines = sheet.mark_lines(photographs, _sprites(marks, seed), size_px, columns, seed)
    sheet.draw_sheet(lines).save(output)
    say(f"{output}: {len(lines)} lines of {columns} crops")


def _write_pairs(
    pictures: Path, marks: Path | None, count: int, output: Path, size_px: int, seed: int
) -> None:
    from unveil.lab.synthesis.clwd import write_pairs

    photographs, sprites = _load(pictures, size_px), _sprites(marks, seed)
    with progress(count) as (advance, _):
        write_pairs(
            photographs, sprites, count, output, size_px=size_px, seed=seed, advance=advance
        )
    say(f"{output}: {count} pairs in the layout of CLWD")


def _load(folder: Path, size_px: int, most: int | None = None) -> "Textures":
    """The pictures of a folder, or so many of them from all over it."""
    from unveil.lab.synthesis.pictures import find_pictures, load_pictures

    paths = find_pictures(folder)
    if most is not None:
        paths = paths[:: max(1, len(paths) // most)]
    return load_pictures(paths, size_px // 2)


def _sprites(marks: Path | None, seed: int) -> "Textures":
    from unveil.lab.marks.atlas import build_atlas
    from unveil.lab.synthesis.pictures import load_marks
    from unveil.lab.synthesis.textures import SPRITE_LEVELS, Textures

    if marks is not None:
        return load_marks(marks)
    return Textures(build_atlas(SPRITES, seed).sprites, SPRITE_LEVELS)
