"""Drawings as stacks of coverage masks, and their rendering to straight-alpha RGBA sprites.

A mark is built large, as a Block: layers of one size, each a coverage mask with a paint. Rendering
crops it, reduces each mask by area averaging, paints and composes the layers premultiplied, divides
by alpha again and extends the colours into the transparent part.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.lab.marks.palette import RGB

Mask = NDArray[np.uint8]
"""Coverage, (height, width), 0..255."""

Sprite = NDArray[np.uint8]
"""Straight-alpha RGBA, (height, width, 4), 0..255."""

MIN_SIDE, MAX_SIDE, MAX_AREA = 96, 512, 256 * 256
"""Limits of a sprite: its longest side is between the first two; its area is at most the third."""

ALPHA_STEP = 5
"""Alpha goes in steps of 5/255, finer than mattes are estimated; it saves a quarter of the file."""


class EmptyDrawingError(ValueError):
    """Nothing shows: a font whose glyphs are blank, an icon that draws nothing."""


@dataclass(frozen=True)
class Paint:
    """A flat colour, or a linear gradient between two, seen through an opacity."""

    first: RGB
    last: RGB | None = None
    angle_deg: float = 90.0
    """Direction of the gradient: 0 runs to the right, 90 downwards."""
    opacity: float = 1.0
    last_opacity: float | None = None
    """Opacity at the far end of the gradient; None keeps it constant."""

    def ramp(self, height: int, width: int) -> NDArray[np.float32]:
        """Position along the gradient, (height, width, 1), in [0, 1]."""
        theta = np.deg2rad(self.angle_deg)
        x = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None, :] * np.float32(np.cos(theta))
        y = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None] * np.float32(np.sin(theta))
        reach = abs(np.cos(theta)) + abs(np.sin(theta))
        return np.clip((x + y) / np.float32(reach) + 0.5, 0, 1).astype(np.float32)[..., None]


@dataclass(frozen=True)
class Layer:
    """One coverage mask and its paint."""

    mask: Mask
    paint: Paint


@dataclass(frozen=True)
class Block:
    """Layers of one size, bottom first, and the names of what was drawn (phrases, icon files)."""

    layers: tuple[Layer, ...]
    sources: tuple[str, ...] = field(default=())

    @property
    def size_hw(self) -> tuple[int, int]:
        height, width = self.layers[0].mask.shape
        return height, width

    def coverage(self) -> Mask:
        """Largest coverage over the layers, (height, width)."""
        return np.maximum.reduce([layer.mask for layer in self.layers])


def block(mask: Mask, colour: RGB | Paint, *sources: str) -> Block:
    """A single layer as a Block."""
    paint = colour if isinstance(colour, Paint) else Paint(colour)
    return Block((Layer(mask, paint),), sources)


def trim(drawing: Block) -> Block:
    """The drawing without empty margins. Raises EmptyDrawingError when nothing is drawn."""
    top, left, bottom, right = bounds(drawing.coverage())
    cut = [replace(each, mask=each.mask[top:bottom, left:right]) for each in drawing.layers]
    return replace(drawing, layers=tuple(cut))


def bounds(mask: NDArray) -> tuple[int, int, int, int]:
    """Top, left, bottom, right of what is not zero. Raises EmptyDrawingError when all of it is."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        raise EmptyDrawingError(
            "expected a mark with at least one visible pixel; got an empty drawing"
        )
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def scale(drawing: Block, factor: float) -> Block:
    """The drawing resized, by area averaging where it shrinks."""
    height, width = drawing.size_hw
    size_wh = (max(1, round(width * factor)), max(1, round(height * factor)))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    layers = [
        replace(
            each, mask=np.asarray(cv2.resize(each.mask, size_wh, interpolation=method), np.uint8)
        )
        for each in drawing.layers
    ]
    return replace(drawing, layers=tuple(layers))


def arrange(parts: Sequence[Block], offsets_xy: Sequence[tuple[float, float]]) -> Block:
    """The parts on one canvas, each with its upper left corner at its offset; later ones on top."""
    places = [(round(x), round(y)) for x, y in offsets_xy]
    left, top = min(x for x, _ in places), min(y for _, y in places)
    right = max(x + part.size_hw[1] for part, (x, _) in zip(parts, places, strict=True))
    bottom = max(y + part.size_hw[0] for part, (_, y) in zip(parts, places, strict=True))
    layers: list[Layer] = []
    for part, (x, y) in zip(parts, places, strict=True):
        height, width = part.size_hw
        for each in part.layers:
            canvas = np.zeros((bottom - top, right - left), np.uint8)
            canvas[y - top : y - top + height, x - left : x - left + width] = each.mask
            layers.append(replace(each, mask=canvas))
    return Block(tuple(layers), tuple(name for part in parts for name in part.sources))


def beside(parts: Sequence[Block], gap: float) -> Block:
    """The parts from left to right, centred vertically."""
    tallest, x, offsets = max(part.size_hw[0] for part in parts), 0.0, []
    for part in parts:
        offsets.append((x, (tallest - part.size_hw[0]) / 2))
        x += part.size_hw[1] + gap
    return arrange(parts, offsets)


def stacked(parts: Sequence[Block], gap: float, align: float = 0.5) -> Block:
    """The parts from top to bottom; align 0 is flush left, 0.5 centred, 1 flush right."""
    widest, y, offsets = max(part.size_hw[1] for part in parts), 0.0, []
    for part in parts:
        offsets.append(((widest - part.size_hw[1]) * align, y))
        y += part.size_hw[0] + gap
    return arrange(parts, offsets)


def centred(parts: Sequence[Block]) -> Block:
    """The parts on top of each other with a common centre."""
    return arrange(parts, [(-part.size_hw[1] / 2, -part.size_hw[0] / 2) for part in parts])


def knock_out(mask: Mask, hole: Mask) -> Mask:
    """mask without hole, both (height, width)."""
    return (mask.astype(np.uint16) * (255 - hole) // 255).astype(np.uint8)


def render(drawing: Block, longest: int | None = None) -> Sprite:
    """The drawing as a sprite within the limits of this module.

    longest: wanted longest side in pixels; limited by MAX_AREA. Raises EmptyDrawingError when
    nothing shows.
    """
    drawing = trim(drawing)
    height, width = drawing.size_hw
    factor = (longest or MAX_SIDE) / max(height, width)
    factor = min(factor, (MAX_AREA / (height * width)) ** 0.5)
    while round(height * factor) * round(width * factor) > MAX_AREA:
        factor *= 0.998
    return flatten(scale(drawing, factor))


def flatten(drawing: Block) -> Sprite:
    """The layers composed at their own size, cropped and with their colours extended."""
    height, width = drawing.size_hw
    colour = np.zeros((height, width, 3), np.float32)
    alpha = np.zeros((height, width, 1), np.float32)
    for each in drawing.layers:
        paint = each.paint
        cover = each.mask.astype(np.float32)[..., None] / 255
        ink: NDArray = np.array(paint.first, np.float32)
        if paint.last is not None or paint.last_opacity is not None:
            ramp = paint.ramp(height, width)
            ink = ink + ramp * (np.array(paint.last or paint.first, np.float32) - ink)
            end = paint.opacity if paint.last_opacity is None else paint.last_opacity
            cover = cover * (paint.opacity + ramp * (end - paint.opacity))
        else:
            cover = cover * np.float32(paint.opacity)
        colour = ink * cover + colour * (1 - cover)
        alpha = cover + alpha * (1 - cover)
    straight = colour / np.maximum(alpha, 1e-6)
    sprite = np.concatenate([straight, alpha * (255 / ALPHA_STEP)], axis=2)
    sprite = np.clip(np.round(sprite), 0, 255).astype(np.uint8)
    sprite[..., 3] *= ALPHA_STEP
    top, left, bottom, right = bounds(sprite[..., 3])
    return extend_colour(np.ascontiguousarray(sprite[top:bottom, left:right]))


def extend_colour(sprite: Sprite) -> Sprite:
    """The sprite with each fully transparent pixel given the colour of its nearest visible one."""
    hidden = (sprite[..., 3] == 0).astype(np.uint8)
    if not hidden.any() or hidden.all():
        return sprite
    _, labels = cv2.distanceTransformWithLabels(
        hidden, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    seen = hidden == 0
    lookup = np.zeros((int(labels.max()) + 1, 3), np.uint8)
    lookup[labels[seen]] = sprite[seen][:, :3]
    return np.dstack([lookup[labels], sprite[..., 3]])
