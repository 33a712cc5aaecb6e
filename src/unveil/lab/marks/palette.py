"""Colours of marks: nearly half are a single white, black or grey, others one to five colours."""

import colorsys
from dataclasses import dataclass

import numpy as np

RGB = tuple[int, int, int]

NEUTRAL_SHARE = 0.45
"""Share of the marks that are a single white, black or grey."""

WHITE_INK_SHARE = 0.35
"""Of the other marks, the share that pair white, grey or black with one further colour."""


@dataclass(frozen=True)
class Palette:
    """One to five colours, each (red, green, blue) in 0..255; the first one leads."""

    colours: tuple[RGB, ...]

    @property
    def single(self) -> bool:
        """True where overlapping parts of a mark cannot be told apart by colour."""
        return len(self.colours) == 1

    def __getitem__(self, index: int) -> RGB:
        return self.colours[index % len(self.colours)]


def draw_palette(rng: np.random.Generator) -> Palette:
    """A palette as watermark makers choose them; see NEUTRAL_SHARE."""
    if rng.random() < NEUTRAL_SHARE:
        return Palette((_neutral(rng),))
    return coloured_palette(rng)


def coloured_palette(rng: np.random.Generator, count: int | None = None) -> Palette:
    """One to five colours of which at least one is not grey, or white with black."""
    if count is None:
        count = int(rng.choice([1, 2, 3, 4, 5], p=[0.34, 0.36, 0.18, 0.08, 0.04]))
    if count > 1 and rng.random() < 0.12:
        pair = [_white(rng), _black(rng)]
        if rng.random() < 0.4:
            pair.reverse()
        return Palette(tuple(pair))
    colours = _hues(rng, count)
    if count > 1 and rng.random() < WHITE_INK_SHARE:
        colours[int(rng.integers(count))] = _neutral(rng)
    return Palette(tuple(colours))


def _hues(rng: np.random.Generator, count: int) -> list[RGB]:
    """Colours around one hue, opposite hues or free ones, at a common saturation."""
    start, spread = rng.random(), float(rng.choice([0.04, 0.12, 0.5, 0.33, 0.21]))
    muted = rng.random() < 0.35
    colours: list[RGB] = []
    for i in range(count):
        hue = (start + i * spread + rng.normal(0, 0.015)) % 1.0
        saturation = rng.uniform(0.15, 0.5) if muted else rng.uniform(0.65, 1.0)
        value = rng.uniform(0.2, 0.95) if muted or i else rng.uniform(0.55, 1.0)
        red, green, blue = colorsys.hsv_to_rgb(hue, saturation, value)
        colours.append((round(red * 255), round(green * 255), round(blue * 255)))
    return colours


def _neutral(rng: np.random.Generator) -> RGB:
    kind = rng.random()
    if kind < 0.55:
        return _white(rng)
    return _black(rng) if kind < 0.75 else _grey(rng)


def _white(rng: np.random.Generator) -> RGB:
    level = 255 if rng.random() < 0.75 else int(rng.integers(232, 256))
    return (level, level, level)


def _black(rng: np.random.Generator) -> RGB:
    level = 0 if rng.random() < 0.7 else int(rng.integers(0, 40))
    return (level, level, level)


def _grey(rng: np.random.Generator) -> RGB:
    level = int(rng.integers(50, 225))
    tint = rng.integers(-6, 7, size=3) if rng.random() < 0.3 else np.zeros(3, int)
    red, green, blue = (int(np.clip(level + t, 0, 255)) for t in tint)
    return (red, green, blue)
