"""Procedural shapes: rings, crosses, polygons, stars, stripes, badges, frames and thin drawings.

Each maker returns masks, (CANVAS, CANVAS), bottom first; they are drawn several times larger than a
sprite is, and render() reduces them, which smooths the rim.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image

from unveil.lab.marks.geometry import (
    CANVAS,
    MID,
    REACH,
    circle,
    sheet,
    shield,
    spokes,
    star,
    stroke,
    thin,
)
from unveil.lab.marks.palette import Palette
from unveil.lab.marks.raster import Block, Layer, Mask, Paint, knock_out
from unveil.lab.marks.text import fill


def draw_shape(rng: np.random.Generator, palette: Palette) -> Block:
    """A mark of one shape, or of one shape inside another."""
    name = list(SHAPES)[int(rng.integers(len(SHAPES)))]
    masks = SHAPES[name](rng)
    if len(masks) > 1 and palette.single:
        masks = [knock_out(masks[0], np.maximum.reduce(masks[1:]))]
    layers = [
        Layer(mask, fill(rng, palette) if i == 0 else Paint(palette[i]))
        for i, mask in enumerate(masks)
    ]
    return Block(tuple(layers), (f"shape:{name}",))


def solid_shape(rng: np.random.Generator) -> Mask:
    """A filled convex shape to put something on: disc, square, polygon, shield or rosette."""
    kind = int(rng.integers(6))
    canvas, pen = sheet()
    box = (MID - REACH, MID - REACH, MID + REACH, MID + REACH)
    if kind <= 1:
        pen.ellipse(box, 255)
    elif kind == 2:
        pen.rounded_rectangle(box, float(rng.uniform(0, 0.5)) * REACH, 255)
    elif kind == 3:
        turn = float(rng.choice([0.0, np.pi / 6]))
        pen.polygon(spokes(int(rng.integers(5, 9)), REACH, turn), 255)
    elif kind == 4:
        pen.polygon(shield(), 255)
    else:
        count = int(rng.integers(10, 25))
        pen.polygon(star(count, REACH, float(rng.uniform(0.82, 0.93)), 0), 255)
    return np.asarray(canvas)


def _rings(rng: np.random.Generator) -> list[Mask]:
    canvas, pen = sheet()
    radius, width = REACH, 0
    for _ in range(int(rng.integers(1, 4))):
        width = stroke(rng)
        pen.ellipse(circle(radius), outline=255, width=width)
        radius -= width + rng.uniform(0.06, 0.25) * REACH
        if radius < 0.2 * REACH:
            break
    if rng.random() < 0.25:
        pen.ellipse(circle(rng.uniform(0.1, 0.2) * REACH), 255)
    return [np.asarray(canvas)]


def _cross(rng: np.random.Generator) -> list[Mask]:
    canvas, pen = sheet()
    turn = float(rng.choice([0, np.pi / 4]))
    arms, width = int(rng.choice([4, 4, 6, 8])), stroke(rng)
    for x, y in spokes(arms, REACH, turn):
        pen.line((MID, MID, x, y), 255, width)
    if rng.random() < 0.3:
        pen.ellipse(circle(0.55 * REACH), outline=255, width=width)
    return [np.asarray(canvas)]


def _polygon(rng: np.random.Generator) -> list[Mask]:
    points = spokes(int(rng.integers(3, 9)), REACH, float(rng.choice([0, np.pi / 6, np.pi / 4])))
    return _filled_or_traced(rng, points)


def _star_shape(rng: np.random.Generator) -> list[Mask]:
    count = int(rng.choice([4, 5, 5, 6, 8, 12]))
    return _filled_or_traced(rng, star(count, REACH, float(rng.uniform(0.3, 0.75)), -np.pi / 2))


def _stripes(rng: np.random.Generator) -> list[Mask]:
    canvas, pen = sheet()
    count, slope = int(rng.integers(3, 9)), float(rng.choice([0, 0, 0.5, 1.0]))
    step = 2 * REACH / count
    for i in range(count):
        y = MID - REACH + (i + 0.5) * step
        lift = slope * REACH * 0.5
        pen.line((MID - REACH, y + lift, MID + REACH, y - lift), 255, max(2, round(step * 0.45)))
    if rng.random() < 0.5:
        return [_within(np.asarray(canvas), solid_shape(rng))]
    return [np.asarray(canvas)]


def _badge(rng: np.random.Generator) -> list[Mask]:
    outer, inner = solid_shape(rng), solid_shape(rng)
    small = np.asarray(Image.fromarray(inner).resize((CANVAS // 2, CANVAS // 2)))
    pad = (CANVAS - CANVAS // 2) // 2
    return [outer, np.pad(small, pad)]


def _frame(rng: np.random.Generator) -> list[Mask]:
    canvas, pen = sheet()
    height = REACH * rng.uniform(0.4, 1.0)
    for inset in (0.0, 0.1) if rng.random() < 0.4 else (0.0,):
        gap = inset * REACH
        box = (MID - REACH + gap, MID - height + gap, MID + REACH - gap, MID + height - gap)
        pen.rounded_rectangle(box, float(rng.choice([0, 0, 60])), None, 255, stroke(rng) // 2 + 2)
    return [np.asarray(canvas)]


def _corners(rng: np.random.Generator) -> list[Mask]:
    canvas, pen = sheet()
    width, arm, height = stroke(rng), rng.uniform(0.25, 0.6) * REACH, REACH * rng.uniform(0.6, 1)
    for sx in (-1, 1):
        for sy in (-1, 1):
            x, y = MID + sx * (REACH - width), MID + sy * (height - width)
            pen.line([(x - sx * arm, y), (x, y), (x, y - sy * arm)], 255, width, joint="curve")
    return [np.asarray(canvas)]


def _curve(rng: np.random.Generator) -> list[Mask]:
    """A thin closed curve: rose, spiral or knot."""
    canvas, pen = sheet()
    t = np.linspace(0, 2 * np.pi, 500)
    kind, petals = int(rng.integers(3)), int(rng.integers(2, 8))
    if kind == 0:
        radius = np.cos(petals * t)
    elif kind == 1:
        t = t * int(rng.integers(2, 5))
        radius = t / t.max()
    else:
        radius = 1 + rng.uniform(0.15, 0.5) * np.sin(petals * t)
        radius = radius / radius.max()
    x, y = MID + REACH * 0.97 * radius * np.cos(t), MID + REACH * 0.97 * radius * np.sin(t)
    pen.line(list(zip(x.tolist(), y.tolist(), strict=True)), 255, thin(rng), joint="curve")
    return [np.asarray(canvas)]


def _scribble(rng: np.random.Generator) -> list[Mask]:
    """A signature-like stroke."""
    canvas, pen = sheet()
    t = np.linspace(0, 1, 400)
    waves = rng.integers(3, 9)
    y = sum(
        rng.normal() * np.sin(2 * np.pi * (k * t + rng.random())) / k for k in range(1, waves + 4)
    )
    x = t + rng.uniform(0.02, 0.12) * np.sin(2 * np.pi * waves * t)
    x = (x - x.min()) / (x.max() - x.min())
    y = (y - np.min(y)) / (np.max(y) - np.min(y) + 1e-6)
    height = rng.uniform(0.25, 0.6) * CANVAS
    points = list(zip((20 + x * (CANVAS - 40)).tolist(), (20 + y * height).tolist(), strict=True))
    pen.line(points, 255, thin(rng), joint="curve")
    return [np.asarray(canvas)]


def _camera(rng: np.random.Generator) -> list[Mask]:
    canvas, pen = sheet()
    width = int(rng.integers(12, 40))
    top = rng.uniform(0.25, 0.32) * CANVAS
    body = (20, top, CANVAS - 20, CANVAS * 0.82)
    hump = (CANVAS * 0.33, top - CANVAS * 0.1, CANVAS * 0.67, top + width)
    solid = rng.random() < 0.4
    for box in (hump, body):
        if solid:
            pen.rounded_rectangle(box, 50, 255)
        else:
            pen.rounded_rectangle(box, 50, 0, 255, width)
    middle = (top + CANVAS * 0.82) / 2
    for radius in (0.19, 0.1):
        reach = CANVAS * radius
        box = (MID - reach, middle - reach, MID + reach, middle + reach)
        pen.ellipse(box, None, 0 if solid else 255, width)
    return [np.asarray(canvas)]


def _arcs(rng: np.random.Generator) -> list[Mask]:
    canvas, pen = sheet()
    for i in range(int(rng.integers(2, 5))):
        start, width = rng.uniform(0, 360), stroke(rng) // 2 + 4
        pen.arc(circle(REACH * (1 - 0.22 * i)), start, start + rng.uniform(60, 270), 255, width)
    return [np.asarray(canvas)]


def _dots(rng: np.random.Generator) -> list[Mask]:
    canvas, pen = sheet()
    count = int(rng.integers(3, 8))
    step = 2 * REACH / count
    for i in range(count):
        for j in range(count):
            x, y = MID - REACH + (i + 0.5) * step, MID - REACH + (j + 0.5) * step
            reach = step * 0.42 * (1 - 0.8 * (i + j) / (2 * count))
            pen.ellipse((x - reach, y - reach, x + reach, y + reach), 255)
    return [np.asarray(canvas)]


def _diagonal(rng: np.random.Generator) -> list[Mask]:
    """Crossing lines from corner to corner, as preview pictures carry."""
    canvas, pen = sheet()
    width = thin(rng)
    height = CANVAS * rng.uniform(0.5, 1.0)
    pen.line((0, 0, CANVAS, height), 255, width)
    if rng.random() < 0.8:
        pen.line((0, height, CANVAS, 0), 255, width)
    if rng.random() < 0.4:
        pen.rectangle((0, 0, CANVAS - 1, height - 1), None, 255, width)
    return [np.asarray(canvas)]


SHAPES: dict[str, Callable[[np.random.Generator], list[Mask]]] = {
    "rings": _rings, "cross": _cross, "polygon": _polygon, "star": _star_shape,
    "stripes": _stripes, "badge": _badge, "frame": _frame, "corners": _corners,
    "curve": _curve, "scribble": _scribble, "camera": _camera, "arcs": _arcs,
    "dots": _dots, "diagonal": _diagonal,
}  # fmt: skip
"""All makers of shapes by name."""


def _filled_or_traced(rng: np.random.Generator, points: list[tuple[float, float]]) -> list[Mask]:
    canvas, pen = sheet()
    if rng.random() < 0.45:
        pen.polygon(points, 255)
        return [np.asarray(canvas)]
    pen.line([*points, *points[:2]], 255, stroke(rng) // 2 + 3, joint="curve")
    return [np.asarray(canvas)]


def _within(mask: Mask, region: Mask) -> Mask:
    return np.minimum(mask, region)
