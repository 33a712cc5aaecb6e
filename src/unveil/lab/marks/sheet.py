"""Contact sheets: many sprites at a glance, over a checkerboard."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from unveil.lab.marks.atlas import Atlas
from unveil.lab.marks.raster import Sprite


def contact_sheet(
    atlas: Atlas | Sequence[Sprite],
    columns: int = 10,
    cell_px: int = 128,
    squares_px: int | None = 16,
    limit: int | None = None,
) -> Image.Image:
    """The first sprites in rows, each reduced to its cell.

    squares_px: side of the checkerboard's squares; None for plain mid-grey. limit: sprites shown.
    """
    sprites = list(atlas.sprites if isinstance(atlas, Atlas) else atlas)[:limit]
    rows = -(-len(sprites) // columns)
    sheet = _ground(rows * cell_px, columns * cell_px, squares_px)
    for i, sprite in enumerate(sprites):
        picture = Image.fromarray(sprite).convert("RGBa")
        room = cell_px - 8
        factor = min(1.0, room / picture.width, room / picture.height)
        size_wh = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
        picture = picture.resize(size_wh, Image.Resampling.BOX).convert("RGBA")
        x = (i % columns) * cell_px + (cell_px - size_wh[0]) // 2
        y = (i // columns) * cell_px + (cell_px - size_wh[1]) // 2
        sheet.alpha_composite(picture, (x, y))
    return sheet.convert("RGB")


def _ground(height: int, width: int, squares_px: int | None) -> Image.Image:
    if squares_px is None:
        return Image.new("RGBA", (width, height), (128, 128, 128, 255))
    y, x = np.mgrid[:height, :width] // squares_px
    grey = np.where((x + y) % 2 == 0, 112, 144).astype(np.uint8)
    return Image.fromarray(np.dstack([grey] * 3)).convert("RGBA")
