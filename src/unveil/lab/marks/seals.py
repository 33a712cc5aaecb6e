"""Marks with a look of their own: round seals with text along a circle, camera date stamps."""

import cv2
import numpy as np
from PIL import Image, ImageDraw

from unveil.lab.marks.palette import RGB
from unveil.lab.marks.raster import Mask, Paint

SEGMENTS = {
    "0": "abcdef", "1": "bc", "2": "abdeg", "3": "abcdg", "4": "bcfg", "5": "acdfg",
    "6": "acdefg", "7": "abc", "8": "abcdefg", "9": "abcdfg", "-": "g", " ": "", "'": "f",
}  # fmt: skip
"""Lit segments of a seven-segment digit: a top, then clockwise to f, g in the middle."""

DATE_COLOURS: tuple[RGB, ...] = ((255, 140, 20), (255, 90, 20), (255, 190, 60), (250, 60, 30))
"""What the date backs of film cameras leave: orange to red."""


def text_on_circle(strip: Mask, radius: float, below: bool = False) -> Mask:
    """A line of text bent around a circle; (2r, 2r) where r is the outer radius.

    strip: (height, width), the line. radius: of the circle that its foot (its head, when below)
    stands on. The text is centred at the top, or at the bottom reading from left to right.
    """
    height, width = strip.shape
    outer = radius + height
    side = 2 * int(np.ceil(outer))
    y, x = np.mgrid[:side, :side].astype(np.float32) - np.float32(side / 2 - 0.5)
    distance = np.hypot(x, y)
    angle = np.arctan2(x, y if below else -y)
    middle = radius + height / 2
    column = angle * middle + width / 2
    row = distance - radius if below else outer - distance
    bent = cv2.remap(
        strip, column.astype(np.float32), row.astype(np.float32), cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT, borderValue=0,
    )  # fmt: skip
    return np.asarray(bent, np.uint8)


def ring(outer: float, thickness: float, side: int) -> Mask:
    """A circle line of an outer radius and a thickness, centred on a (side, side) canvas."""
    scale = 2
    canvas = Image.new("L", (side * scale, side * scale))
    centre, reach = side * scale / 2, outer * scale
    box = (centre - reach, centre - reach, centre + reach - 1, centre + reach - 1)
    ImageDraw.Draw(canvas).ellipse(box, None, 255, max(1, round(thickness * scale)))
    return np.asarray(canvas.resize((side, side), Image.Resampling.BOX))


def seven_segments(
    text: str, digit_px: int = 72, weight: float = 0.13, slant: float = 0.08
) -> Mask:
    """Digits as a camera's date back writes them; ".", ":" and "/" take half a place.

    digit_px: height of a digit. weight: thickness of a segment as a share of the height.
    Raises ValueError for a character that has no segments.
    """
    unknown = set(text) - set(SEGMENTS) - set(".:/")
    if unknown:
        raise ValueError(
            f"expected digits, spaces and -'.:/ in a date stamp; got {sorted(unknown)}"
        )
    wide, thick = digit_px * 0.52, max(2.0, digit_px * weight)
    pitch = wide + thick * 1.6
    lengths = [pitch * (0.45 if c in ".:/" else 1.0) for c in text]
    margin = round(digit_px * (0.2 + slant))
    canvas = Image.new("L", (round(sum(lengths)) + 2 * margin, digit_px + 2 * margin))
    pen = ImageDraw.Draw(canvas)
    x = float(margin)
    for c, length in zip(text, lengths, strict=True):
        for start, end in _strokes(c, wide, digit_px - thick, thick):
            ends = [
                (x + px + slant * (digit_px / 2 - py), margin + thick / 2 + py)
                for px, py in (start, end)
            ]
            pen.line(ends, 255, round(thick))
        x += length
    return np.asarray(canvas)


def date_paint(rng: np.random.Generator) -> Paint:
    """A colour of a camera's date stamp."""
    return Paint(DATE_COLOURS[int(rng.integers(len(DATE_COLOURS)))])


def _strokes(
    character: str, wide: float, tall: float, thick: float
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Lines of one character, from (0, 0) at the upper left to (wide, tall)."""
    gap, half = thick * 0.62, tall / 2
    if character == "/":
        return [((0.0, tall), (wide * 0.3, 0.0))]
    if character in ".:":
        heights = (tall,) if character == "." else (tall * 0.3, tall * 0.7)
        return [((0.0, y - thick / 2), (0.0, y + thick / 2)) for y in heights]
    lines = {
        "a": ((gap, 0.0), (wide - gap, 0.0)),
        "b": ((wide, gap), (wide, half - gap)),
        "c": ((wide, half + gap), (wide, tall - gap)),
        "d": ((gap, tall), (wide - gap, tall)),
        "e": ((0.0, half + gap), (0.0, tall - gap)),
        "f": ((0.0, gap), (0.0, half - gap)),
        "g": ((gap, half), (wide - gap, half)),
    }
    return [lines[name] for name in SEGMENTS[character]]
