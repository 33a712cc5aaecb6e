"""Plates: marks that are a shape of one colour with drawings of others on it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.lab.synthesis.textures import Textures

Floats = NDArray[np.floating]

FIGURES = (0.17, 0.5, 0.17, 0.16)
"""How likely a plate has no figure, one, two, three."""


class Plates:
    """Draws plates; their figures are the shapes of sprites, and simple ones."""

    def __init__(self, sprites: Textures, random: np.random.Generator) -> None:
        self._sprites, self._random = sprites, random

    def draw(self, height: int, width: int) -> Floats:
        """A plate of this size, h x w x 4, straight alpha."""
        random = self._random
        colour = np.broadcast_to(self._colour(), (height, width, 3))
        for _ in range(int(random.choice(len(FIGURES), p=FIGURES))):
            sides = [max(4, side * random.uniform(0.2, 0.9)) for side in (height, width)]
            figure = self._shape(*sides) if random.random() < 0.25 else self._outline(*sides)
            rooms = height - figure.shape[0], width - figure.shape[1]
            middle = random.random() < 0.6
            corner = [room // 2 if middle else int(random.integers(room + 1)) for room in rooms]
            padding = [(at, room - at) for at, room in zip(corner, rooms, strict=True)]
            share = np.pad(figure, padding)[..., None]
            colour = (1 - share) * colour + share * self._colour()
        return np.dstack([colour, self._shape(height, width)]).astype(np.float32)

    def _colour(self) -> NDArray[np.floating]:
        """White, black, grey or any."""
        kind, random = self._random.random(), self._random
        if kind < 0.35:
            return np.full(3, random.choice([1, 1, 0.96, 0.9]))
        if kind < 0.55:
            return np.full(3, random.choice([0, 0, 0.05, 0.15]))
        return np.full(3, random.random()) if kind < 0.65 else random.random(3)

    def _outline(self, height: float, width: float) -> Floats:
        """The matte of a sprite, fitted into this size."""
        index = int(self._random.integers(len(self._sprites)))
        return fitted(self._sprites.original(index) / np.float32(255), (height, width))[..., 3]

    def _shape(self, height: float, width: float) -> Floats:
        """An ellipse, a rectangle with round corners, a polygon, or a sprite without its holes."""
        random = self._random
        high, wide = max(1, round(height)), max(1, round(width))
        kind, shape = random.random(), np.zeros((high, wide), np.uint8)
        if kind < 0.3:
            axes = (max(1, wide // 2 - 1), max(1, high // 2 - 1))
            cv2.ellipse(shape, (wide // 2, high // 2), axes, 0, 0, 360, 255, -1, cv2.LINE_AA)
        elif kind < 0.65:
            radius = int(random.uniform(0, 0.45) * min(high, wide))
            shape[radius : high - radius], shape[:, radius : wide - radius] = 255, 255
            for y in (radius, high - 1 - radius):
                for x in (radius, wide - 1 - radius):
                    cv2.circle(shape, (x, y), radius, 255, -1, cv2.LINE_AA)
        elif kind < 0.8:
            corners = int(random.integers(3, 9))
            angle = 2 * np.pi * (np.arange(corners) / corners + random.random())
            around = 0.5 + 0.48 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
            cv2.fillPoly(shape, [(around * (wide, high)).astype(np.int32)], 255, cv2.LINE_AA)
        else:
            outline = self._outline(high, wide)
            shape = np.rint(255 * outline).astype(np.uint8)
            rims, _ = cv2.findContours(
                (shape > 100).view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
            )
            cv2.drawContours(shape, rims, -1, 255, -1)
            shape = np.asarray(cv2.resize(shape, (wide, high)))
        return (shape / 255).astype(np.float32)


def fitted(sprite: Floats, size_hw: tuple[float, float]) -> Floats:
    """An h x w x 4 sprite, straight alpha in [0, 1], as large as fits into this size."""
    factor = min(size_hw[0] / sprite.shape[0], size_hw[1] / sprite.shape[1])
    size_wh = (max(1, round(factor * sprite.shape[1])), max(1, round(factor * sprite.shape[0])))
    alpha = sprite[..., 3:]
    drawn = scaled(np.dstack([sprite[..., :3] * alpha, alpha]), size_wh)
    return np.dstack([drawn[..., :3] / drawn[..., 3:].clip(0.01), drawn[..., 3]]).clip(0, 1)


def scaled(values: NDArray[np.generic], size_wh: tuple[int, int]) -> Floats:
    """Means over what becomes one pixel."""
    size = cv2.resize(values.astype(np.float32), size_wh, interpolation=cv2.INTER_AREA)
    return np.asarray(size, np.float32)
