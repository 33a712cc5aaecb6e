"""Generic SVG icons from a folder, without those that show a company or a product."""

import io
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image

from unveil.lab.marks.brands import is_brand
from unveil.lab.marks.raster import Mask
from unveil.lab.marks.split import HELD_OUT_ICONS, is_held_out

_log = logging.getLogger(__name__)

DRAWN_PX = 384
"""Side at which icons are drawn; render() reduces them."""


@dataclass(frozen=True)
class IconShelf:
    """The icons (SVG) and ready logos (RGBA PNG) of one side of the split, sorted by path."""

    icons: tuple[Path, ...] = ()
    logos: tuple[Path, ...] = ()

    @classmethod
    def open(cls, marks_dir: Path | None, held_out: bool = False) -> "IconShelf":
        """What the folder holds, at any depth; None gives an empty shelf.

        Logos that cannot be read or have no transparency, so that their shape is not known, are
        passed over and counted in a warning. Raises FileNotFoundError when the folder does not
        exist.
        """
        if marks_dir is None:
            return cls()
        if not marks_dir.is_dir():
            raise FileNotFoundError(
                f"expected a folder of SVG or PNG marks; {marks_dir} is not one"
            )
        files = [p for p in marks_dir.rglob("*") if p.suffix.lower() in {".svg", ".png"}]
        kept = sorted(p for p in files if is_held_out(p.stem, HELD_OUT_ICONS) == held_out)
        pictures = [p for p in kept if p.suffix.lower() == ".png"]
        logos = tuple(p for p in pictures if _is_transparent(p))
        if len(logos) < len(pictures):
            _log.warning(
                "passed over %d of %d logos: no transparency (PNG with alpha), or no picture",
                len(pictures) - len(logos), len(pictures),
            )  # fmt: skip
        icons = (p for p in kept if p.suffix.lower() == ".svg" and not is_brand(p.stem))
        return cls(tuple(icons), logos)

    def draw(self, rng: np.random.Generator) -> tuple[str, Mask]:
        """The name and the mask, DRAWN_PX a side, of a random icon. The shelf must not be empty."""
        for _ in range(20):
            path = self.icons[int(rng.integers(len(self.icons)))]
            mask = icon_mask(path, stroke=float(rng.choice([0.6, 1.0, 1.0, 1.4])))
            if mask is not None and np.count_nonzero(mask) > mask.size // 100:
                return path.stem, mask
        raise ValueError("expected SVG icons that draw something; got twenty that do not")


def _is_transparent(path: Path) -> bool:
    """Whether the head of a picture's file announces an alpha channel."""
    try:
        with Image.open(path) as image:
            return image.has_transparency_data
    except (OSError, ValueError, SyntaxError):
        return False


def icon_mask(path: Path, stroke: float = 1.0, side_px: int = DRAWN_PX) -> Mask | None:
    """The coverage of an icon, (side_px, side_px); None where it cannot be drawn.

    stroke: factor on the stroke width of icons that are drawn with strokes of width 2.
    """
    svg = path.read_text(encoding="utf-8", errors="replace")
    if stroke != 1.0:
        svg = svg.replace('stroke-width="2"', f'stroke-width="{2 * stroke:.2f}"')
    try:
        png = resvg_py.svg_to_bytes(
            svg_string=svg, width=side_px, height=side_px, skip_system_fonts=True
        )
    except (ValueError, RuntimeError):
        return None
    return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGBA"))[..., 3].copy()
