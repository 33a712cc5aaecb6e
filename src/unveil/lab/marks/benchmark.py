"""Twelve benchmark logos of held-out icons and phrases, made the same way each time.

    python -m unveil.lab.marks.benchmark --marks ICONS --out benchmarks/logos

ICONS is a folder of generic SVG icons; fonts are those of the machine. Each logo is drawn OVERSIZE
times larger and reduced, premultiplied, as design programs write logos: crisp, with a rim whose
straight colour is that of the mark.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from unveil.lab.marks.atlas import Painter
from unveil.lab.marks.logos import LAYOUTS, LogoMaker
from unveil.lab.marks.palette import Palette
from unveil.lab.marks.raster import Block, Sprite, extend_colour, flatten, scale, trim
from unveil.lab.marks.text import draw_text

WIDTH_PX, MAX_HEIGHT_PX = 150, 120
"""Every logo is so wide; tall ones keep to the height and have transparent margins at the sides."""

OVERSIZE = 4

BLACK, WHITE, NAVY = (0, 0, 0), (255, 255, 255), (30, 60, 120)


@dataclass(frozen=True)
class Wanted:
    """One logo: its composition ("text" or a name of LAYOUTS), its colours, its draw."""

    layout: str
    colours: tuple[tuple[int, int, int], ...]
    draw: int
    """Seed of the drawing; chosen by eye among the first few."""


LOGOS = (
    Wanted("icon beside text", (WHITE,), 0),
    Wanted("icon alone", (WHITE,), 10),
    Wanted("seal", (WHITE,), 9),
    Wanted("text", ((200, 200, 200),), 7),
    Wanted("letter badge", (WHITE, BLACK), 2),
    Wanted("icon over text", ((225, 225, 225), BLACK), 10),
    Wanted("icon over text", ((214, 40, 40),), 5),
    Wanted("badge", ((20, 110, 190), (250, 250, 250)), 4),
    Wanted("wordmark", ((242, 153, 0), (60, 60, 60)), 6),
    Wanted("several icons", ((38, 140, 80), (240, 190, 20), (200, 50, 90)), 9),
    Wanted("icon alone", ((120, 60, 170), (250, 120, 30), (20, 150, 160)), 3),
    Wanted("text around icon", (NAVY, (220, 60, 60), (40, 160, 120), (250, 180, 0)), 4),
)
"""Six in white or grey (with black), six in one to four colours; thin and thick strokes."""


def make_logo(maker: LogoMaker, wanted: Wanted) -> tuple[Sprite, tuple[str, ...]]:
    """A logo WIDTH_PX wide, (height, WIDTH_PX, 4), and the names of what it shows."""
    rng, palette = np.random.default_rng([2026, wanted.draw]), Palette(wanted.colours)
    if wanted.layout == "text":
        drawing = draw_text(rng, maker.fonts, maker.phrases, palette)
    else:
        drawing = LAYOUTS[wanted.layout][0](maker, rng, palette)
    return _reduce(drawing), drawing.sources


def _reduce(drawing: Block) -> Sprite:
    """The drawing composed OVERSIZE times larger, reduced premultiplied, centred in WIDTH_PX."""
    drawing = trim(drawing)
    height, width = drawing.size_hw
    factor = min(WIDTH_PX / width, MAX_HEIGHT_PX / height)
    size_wh = (max(1, round(width * factor)), max(1, round(height * factor)))
    large = flatten(scale(drawing, factor * OVERSIZE)).astype(np.float32) / 255
    large[..., :3] *= large[..., 3:]
    small = np.asarray(cv2.resize(large, size_wh, interpolation=cv2.INTER_AREA), np.float32)
    small[..., :3] /= np.maximum(small[..., 3:], 1e-6)
    left = (WIDTH_PX - size_wh[0]) // 2
    margins = ((0, 0), (left, WIDTH_PX - size_wh[0] - left), (0, 0))
    sprite = np.pad(np.clip(np.round(small * 255), 0, 255).astype(np.uint8), margins)
    return extend_colour(sprite)


def main() -> None:
    """Write 01.png to 12.png and print what each shows."""
    parser = argparse.ArgumentParser(description="Make the benchmark's twelve logos.")
    parser.add_argument("--marks", type=Path, required=True, help="folder of generic SVG icons")
    parser.add_argument("--out", type=Path, required=True, help="folder for 01.png to 12.png")
    given = parser.parse_args()
    maker = Painter.prepare(given.marks, held_out=True).logos
    given.out.mkdir(parents=True, exist_ok=True)
    for i, wanted in enumerate(LOGOS):
        sprite, sources = make_logo(maker, wanted)
        Image.fromarray(sprite).save(given.out / f"{i + 1:02d}.png", optimize=True)
        print(f"{i + 1:02d}  {wanted.layout}: {', '.join(sources)}")


if __name__ == "__main__":
    main()
