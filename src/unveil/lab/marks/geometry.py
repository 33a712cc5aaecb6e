"""The sheet that shapes are drawn on, and points on it: spokes, stars, a shield."""

import numpy as np
from PIL import Image, ImageDraw

CANVAS = 768
"""Side of the sheet in pixels, some three times a sprite."""

MID = CANVAS / 2
"""Its centre, on both axes."""

REACH = CANVAS * 0.48
"""Half the side of what is drawn."""


def sheet() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """An empty sheet and a pen for it."""
    canvas = Image.new("L", (CANVAS, CANVAS))
    return canvas, ImageDraw.Draw(canvas)


def stroke(rng: np.random.Generator) -> int:
    """Thick to thin; CANVAS is some three times a sprite."""
    return int(rng.choice([5, 8, 14, 28, 50, 80]))


def thin(rng: np.random.Generator) -> int:
    """One to three pixels of a sprite 256 px wide."""
    return int(rng.integers(3, 11))


def circle(radius: float) -> tuple[float, float, float, float]:
    """The box of a circle around the centre."""
    return (MID - radius, MID - radius, MID + radius, MID + radius)


def spokes(count: int, radius: float, turn: float) -> list[tuple[float, float]]:
    """count points on a circle around the centre, the first one at the angle turn in radians."""
    angles = turn + 2 * np.pi * np.arange(count) / count
    return [(MID + radius * float(np.cos(a)), MID + radius * float(np.sin(a))) for a in angles]


def star(count: int, radius: float, depth: float, turn: float) -> list[tuple[float, float]]:
    """The corners of a star of count points; the inner ones lie at depth times the radius."""
    outer = spokes(count, radius, turn)
    inner = spokes(count, radius * depth, turn + np.pi / count)
    return [point for pair in zip(outer, inner, strict=True) for point in pair]


def shield() -> list[tuple[float, float]]:
    """The outline of a heraldic shield."""
    t = np.linspace(0, 1, 30)
    right = [(MID + 0.85 * REACH * float(np.cos(a * np.pi / 2)) ** 0.7,
              MID + REACH * float(np.sin(a * np.pi / 2))) for a in t]  # fmt: skip
    left = [(2 * MID - x, y) for x, y in reversed(right)]
    top = MID - REACH
    return [(MID - 0.85 * REACH, top), (MID + 0.85 * REACH, top), *right, *left]
