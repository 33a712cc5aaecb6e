"""A contact sheet: one row per picture, with before, after and mask side by side."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

CELL_WIDTH_PX = 480
GAP_PX = 12
HEADER_PX = 40
CAPTION_PX = 34
COLUMNS = ("before", "after", "mask")
INK, PAPER = (32, 32, 32), (255, 255, 255)


@dataclass(frozen=True)
class Row:
    """One picture of the sheet; pictures uint8 H x W x 3, the mask bool H x W."""

    caption: str
    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    mask: NDArray[np.bool_]


def draw_sheet(rows: Sequence[Row]) -> bytes:
    """The sheet as a PNG."""
    cells = [
        [_fit(pixels) for pixels in (row.before, row.after, _visible(row.mask))] for row in rows
    ]
    width = GAP_PX + len(COLUMNS) * (CELL_WIDTH_PX + GAP_PX)
    height = HEADER_PX + sum(line[0].height + CAPTION_PX for line in cells) + GAP_PX
    sheet = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(sheet)
    for index, title in enumerate(COLUMNS):
        _write(draw, (_left(index), 8), title, size=20)
    top = HEADER_PX
    for row, line in zip(rows, cells, strict=True):
        for index, cell in enumerate(line):
            sheet.paste(cell, (_left(index), top))
        top += line[0].height
        _write(draw, (_left(0), top + 6), row.caption, size=16)
        top += CAPTION_PX
    stream = io.BytesIO()
    sheet.save(stream, "PNG")
    return stream.getvalue()


def _left(column: int) -> int:
    return GAP_PX + column * (CELL_WIDTH_PX + GAP_PX)


def _fit(pixels: NDArray[np.uint8]) -> Image.Image:
    """The picture at the width of a cell, its shape kept."""
    image = Image.fromarray(pixels)
    height = max(1, round(image.height * CELL_WIDTH_PX / image.width))
    return image.resize((CELL_WIDTH_PX, height), Image.Resampling.LANCZOS)


def _visible(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """White on the mark, black elsewhere; never stretched: an empty mask stays black."""
    return np.repeat(mask[..., None].astype(np.uint8) * 255, 3, axis=2)


def _write(draw: ImageDraw.ImageDraw, at_xy: tuple[int, int], text: str, size: int) -> None:
    draw.text(at_xy, text, fill=INK, font=ImageFont.load_default(size))
