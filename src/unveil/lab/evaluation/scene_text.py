"""Photographs with text that belongs to them: on a sign, a shirt or the cover of a book.

It is opaque, seen at an angle, lit as its surroundings are, no sharper than a lens and as grainy as
film, so that nothing but its meaning tells it from a mark. Drawn with Pillow's own font.
"""

from collections.abc import Callable
from functools import cache
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from unveil.lab.marks.fonts import FontBook
from unveil.lab.marks.palette import RGB, coloured_palette
from unveil.lab.marks.raster import Block, block, centred, flatten, scale, stacked
from unveil.lab.marks.text import set_text

Floats = NDArray[np.floating]
Choice = TypeVar("Choice")

SIGNS = (
    "STATION ROAD", "OPEN", "EXIT", "NO PARKING", "BAKERY", "Platform 4", "Ferry Terminal",
    "SLOW", "City Library", "KEEP LEFT", "Tickets", "Harbour St", "PHARMACY", "24 HOURS",
)  # fmt: skip
SHIRTS = (
    "TEAM 7", "RUN CLUB", "23", "Summer Camp", "COAST", "STAFF", "Class of 98", "VOLUNTEER",
    "North Shore", "10", "CREW", "Mountain School",
)  # fmt: skip
TITLES = (
    "The Long Winter", "Algebra", "Gardens of the South", "A Short History", "Birds", "Cooking",
    "Letters Home", "The Quiet Sea", "Maps", "Physics II",
)  # fmt: skip
AUTHORS = ("M. Hale", "J. Orwin", "Ana Prado", "T. Lindqvist", "R. Osei", "K. Marsh")

DARK: tuple[RGB, ...] = ((20, 20, 24), (15, 60, 120), (10, 90, 60), (150, 25, 30), (70, 45, 30))
BRIGHT: tuple[RGB, ...] = ((245, 245, 240), (250, 215, 60), (225, 230, 235), (240, 225, 195))

SHIRT = (
    (0.36, 0.02), (0.43, 0.07), (0.57, 0.07), (0.64, 0.02), (0.80, 0.08), (1.00, 0.36),
    (0.87, 0.45), (0.78, 0.33), (0.80, 0.98), (0.20, 0.98), (0.22, 0.33), (0.13, 0.45),
    (0.00, 0.36), (0.20, 0.08),
)  # fmt: skip
"""Its outline, x and y."""

SHARE = (0.2, 0.6)
"""Longer side of what carries the text, as a part of the picture's shorter side."""
TILT = 0.14
"""Its corners move by up to this part of its size: perspective."""
LEAST_LIGHT = 0.35
"""The darkest light on it; the brightest is 1."""
FOLDS = 0.12
"""Standard deviation of the light on cloth."""
SOFTNESS_PX = (0.5, 1.1)
GRAIN = (1.0, 4.0)
"""Standard deviation in steps of 1/255."""


def with_scene_text(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The picture, H x W x 3, with a sign, a shirt or a book in it."""
    make = PANELS[int(rng.integers(len(PANELS)))]
    panel = make(rng)
    height, width = picture.shape[:2]
    longest = rng.uniform(*SHARE) * min(height, width)
    flat = flatten(scale(panel, longest / max(panel.size_hw))).astype(np.float32) / 255
    flat[..., :3] *= flat[..., 3:]
    seen = _in_perspective(flat, (height, width), rng)
    seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), rng.uniform(*SOFTNESS_PX)), np.float32)
    ink, cover = seen[..., :3], seen[..., 3:]
    clean = picture.astype(np.float32) / 255
    grey = clean.mean(axis=-1, keepdims=True)
    light = cv2.GaussianBlur(grey, (0, 0), longest / 6)[..., None]
    light = light / max(float(light[cover > 0].max(initial=0)), 1e-3)
    light = np.clip(light, LEAST_LIGHT, 1)
    if make is _shirt:
        light = light * (1 + _folds(rng, (height, width), longest)[..., None])
    grain = rng.normal(0, rng.uniform(*GRAIN) / 255, grey.shape)
    done = ink * light + cover * grain + (1 - cover) * clean
    return np.rint(done * 255).clip(0, 255).astype(np.uint8)


def _sign(rng: np.random.Generator) -> Block:
    """One or two lines on a plate, with a border."""
    dark, bright = _pick(rng, DARK), _pick(rng, BRIGHT)
    plate, ink = (dark, bright) if rng.random() < 0.5 else (bright, dark)
    lines = [_line(rng, _pick(rng, SIGNS), ink) for _ in range(int(rng.integers(1, 3)))]
    text = stacked(lines, 30)
    height, width = (side + 2 * int(rng.integers(35, 70)) for side in text.size_hw)
    return centred([_plate(height, width, ink), _plate(height - 16, width - 16, plate), text])


def _shirt(rng: np.random.Generator) -> Block:
    """A shirt with one or two lines across the chest."""
    dark, bright = _pick(rng, DARK), _pick(rng, BRIGHT)
    cloth, ink = (dark, bright) if rng.random() < 0.5 else (bright, dark)
    lines = [_line(rng, _pick(rng, SHIRTS), ink) for _ in range(int(rng.integers(1, 3)))]
    text = stacked(lines, 20)
    side = round(max(1.8 * text.size_hw[1], 3 * text.size_hw[0]))
    shape = Image.new("L", (side, side))
    ImageDraw.Draw(shape).polygon([(x * side, y * side) for x, y in SHIRT], 255)
    return centred([block(np.asarray(shape), cloth), text])


def _book(rng: np.random.Generator) -> Block:
    """A title word by word over a band, and the author under it."""
    cover, ink = _pick(rng, DARK), _pick(rng, BRIGHT)
    title = [_line(rng, word, ink) for word in _pick(rng, TITLES).split()]
    author = scale(_line(rng, _pick(rng, AUTHORS), ink), 0.5)
    width = max(part.size_hw[1] for part in [*title, author]) + 100
    band = _plate(int(rng.integers(8, 60)), width, coloured_palette(rng, 1)[0])
    face = stacked([*title, band, author], 45)
    height = max(round(1.4 * width), face.size_hw[0] + 100)
    return centred([_plate(height, width, cover), face])


PANELS: tuple[Callable[[np.random.Generator], Block], ...] = (_sign, _shirt, _book)


@cache
def _fonts() -> FontBook:
    """Pillow's own font alone: the same on every machine."""
    return FontBook(())


def _line(rng: np.random.Generator, text: str, ink: RGB) -> Block:
    mask = set_text(rng, _fonts(), text)
    assert mask is not None, f"Pillow's own font has all of {text!r}"
    return block(mask, ink, text)


def _plate(height: int, width: int, colour: RGB) -> Block:
    return block(np.full((height, width), 255, np.uint8), colour)


def _folds(
    rng: np.random.Generator, size_hw: tuple[int, int], length_px: float
) -> NDArray[np.float32]:
    """A smooth random field of deviation FOLDS, four swings in the given length."""
    knots = [int(4 * side / length_px) + 2 for side in size_hw]
    coarse = rng.normal(0, FOLDS, knots).astype(np.float32)
    field = cv2.resize(coarse, size_hw[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(field, np.float32)


def _pick(rng: np.random.Generator, choices: tuple[Choice, ...]) -> Choice:
    return choices[int(rng.integers(len(choices)))]


def _in_perspective(panel: Floats, size_hw: tuple[int, int], rng: np.random.Generator) -> Floats:
    """The panel somewhere on an empty layer, its four corners moved."""
    height, width = panel.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    moved = corners + rng.uniform(-TILT, TILT, (4, 2)) * (width, height)
    moved -= moved.min(axis=0)
    room = np.maximum((size_hw[1], size_hw[0]) - moved.max(axis=0), 0)
    moved = (moved + rng.uniform(0, 1, 2) * room).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(corners, moved)
    return np.asarray(cv2.warpPerspective(panel, matrix, size_hw[::-1]), np.float32)
