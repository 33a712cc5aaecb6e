"""Logos composed from generic icons, text and shapes, as small firms and photographers have them.

Without icons the same compositions are made from shapes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from unveil.lab.marks.fonts import FontBook
from unveil.lab.marks.icons import DRAWN_PX, IconShelf
from unveil.lab.marks.palette import Palette
from unveil.lab.marks.phrases import Phrasebook
from unveil.lab.marks.raster import (
    Block,
    Layer,
    Mask,
    Paint,
    beside,
    block,
    centred,
    knock_out,
    scale,
    stacked,
    trim,
)
from unveil.lab.marks.seals import ring, text_on_circle
from unveil.lab.marks.shapes import SHAPES, solid_shape
from unveil.lab.marks.text import choose_script, fill, grow, set_text


@dataclass(frozen=True)
class LogoMaker:
    """Draws logos from the fonts, phrases and icons of one side of the split."""

    fonts: FontBook
    phrases: Phrasebook
    shelf: IconShelf

    def draw(self, rng: np.random.Generator, palette: Palette) -> Block:
        """A logo in one of the compositions of LAYOUTS."""
        names = list(LAYOUTS)
        shares = np.array([LAYOUTS[name][1] for name in names])
        name = names[int(rng.choice(len(names), p=shares / shares.sum()))]
        return LAYOUTS[name][0](self, rng, palette)

    def symbol(self, rng: np.random.Generator, palette: Palette) -> Block:
        """An icon in the palette's colours: flat, gradient, outlined, or part by part."""
        name, mask = self.symbol_mask(rng)
        kind = rng.random()
        if not palette.single and kind < 0.35:
            parts = split_parts(mask, len(palette.colours))
            return Block(tuple(Layer(m, Paint(palette[i])) for i, m in enumerate(parts)), (name,))
        if not palette.single and kind < 0.55:
            padded = np.pad(mask, 16)
            rim = Layer(grow(padded, int(rng.integers(4, 14))), Paint(palette[1]))
            return Block((rim, Layer(padded, Paint(palette[0]))), (name,))
        return block(mask, fill(rng, palette), name)

    def symbol_mask(self, rng: np.random.Generator) -> tuple[str, Mask]:
        """A name and a mask about DRAWN_PX a side: an icon, or a shape when there are no icons."""
        if self.shelf.icons:
            return self.shelf.draw(rng)
        name = list(SHAPES)[int(rng.integers(len(SHAPES)))]
        mask = np.maximum.reduce(SHAPES[name](rng)[-1:])
        small = cv2.resize(mask, (DRAWN_PX, DRAWN_PX), interpolation=cv2.INTER_AREA)
        return f"shape:{name}", np.asarray(small, np.uint8)

    def lettering(self, rng: np.random.Generator, palette: Palette, index: int) -> Block:
        """A short text in one of the palette's colours, tightly cropped."""
        script = choose_script(rng, self.fonts) if rng.random() < 0.6 else "latin"
        for _ in range(50):
            text = self.phrases.short(rng, script)
            mask = set_text(rng, self.fonts, text, script)
            if mask is not None:
                return block(mask, palette[index], text)
        raise ValueError(f"expected a font that can draw {script} words; none of 50 could be drawn")


def split_parts(mask: Mask, count: int) -> list[Mask]:
    """The mask divided into at most count masks of whole connected parts, largest parts first."""
    total, found = cv2.connectedComponents((mask > 0).astype(np.uint8))
    labels = np.asarray(found, np.int64)
    sizes = np.bincount(labels.ravel(), minlength=total)[1:]
    order = np.argsort(-sizes)
    count = min(count, total - 1)
    owner = np.zeros(total, np.int64)
    owner[order + 1] = np.arange(total - 1) % count + 1
    return [np.where(owner[labels] == i + 1, mask, 0).astype(np.uint8) for i in range(count)]


def _icon_alone(maker: LogoMaker, rng: np.random.Generator, palette: Palette) -> Block:
    return trim(maker.symbol(rng, palette))


def _badge(maker: LogoMaker, rng: np.random.Generator, palette: Palette) -> Block:
    """An icon on a plate, or inside a ring."""
    plate = cv2.resize(solid_shape(rng), (600, 600), interpolation=cv2.INTER_AREA)
    plate = np.asarray(plate, np.uint8)
    name, mask = maker.symbol_mask(rng)
    icon = scale(block(mask, palette[1], name), float(rng.uniform(0.85, 1.05)))
    pad = (600 - icon.size_hw[0]) // 2
    placed = np.pad(icon.layers[0].mask, pad)
    if rng.random() < 0.4:
        inner = cv2.erode(plate, np.ones((3, 3), np.uint8), iterations=int(rng.integers(4, 22)))
        ring = knock_out(plate, np.asarray(inner, np.uint8))
        return centred([block(ring, palette[0]), icon])
    if palette.single:
        hole = np.pad(placed, ((0, 600 - placed.shape[0]), (0, 600 - placed.shape[1])))
        return block(knock_out(plate, hole), palette[0], name)
    return centred([block(plate, fill(rng, palette)), icon])


def _letter_badge(maker: LogoMaker, rng: np.random.Generator, palette: Palette) -> Block:
    """One to three letters on a plate."""
    plate = block(solid_shape(rng), fill(rng, palette))
    text = maker.phrases.initials(rng)
    mask = set_text(rng, maker.fonts, text)
    if mask is None:
        return maker.lettering(rng, palette, 0)
    letters = block(mask, palette[1], text)
    room = 0.55 * plate.size_hw[1]
    letters = scale(letters, min(room / letters.size_hw[1], room / letters.size_hw[0]))
    together = centred([plate, letters])
    if palette.single:
        base, hole = together.layers[0].mask, together.layers[1].mask
        return block(knock_out(base, hole), palette[0], text)
    return together


def _beside_text(maker: LogoMaker, rng: np.random.Generator, palette: Palette) -> Block:
    icon = trim(maker.symbol(rng, palette))
    lines = _lines(maker, rng, palette)
    icon = scale(icon, lines.size_hw[0] * float(rng.uniform(1.0, 1.8)) / icon.size_hw[0])
    gap = icon.size_hw[0] * rng.uniform(0.12, 0.35)
    return beside([icon, lines] if rng.random() < 0.85 else [lines, icon], gap)


def _over_text(maker: LogoMaker, rng: np.random.Generator, palette: Palette) -> Block:
    icon = trim(_badge(maker, rng, palette) if rng.random() < 0.3 else maker.symbol(rng, palette))
    lines = _lines(maker, rng, palette)
    width = icon.size_hw[1] * rng.uniform(1.0, 2.2)
    lines = scale(lines, width / lines.size_hw[1])
    if lines.size_hw[0] > icon.size_hw[0]:
        lines = scale(lines, 0.7 * icon.size_hw[0] / lines.size_hw[0])
    return stacked([icon, lines], icon.size_hw[0] * rng.uniform(0.05, 0.2))


def _between_texts(maker: LogoMaker, rng: np.random.Generator, palette: Palette) -> Block:
    """Text above and below an icon."""
    icon = trim(maker.symbol(rng, palette))
    height = icon.size_hw[0] * rng.uniform(0.14, 0.3)
    texts = [maker.lettering(rng, palette, int(rng.integers(2))) for _ in range(2)]
    fits = [scale(t, min(height / t.size_hw[0], 2 * icon.size_hw[1] / t.size_hw[1])) for t in texts]
    return stacked([fits[0], icon, fits[1]], icon.size_hw[0] * rng.uniform(0.06, 0.15))


def _seal(maker: LogoMaker, rng: np.random.Generator, palette: Palette) -> Block:
    """A round seal: rings, text along the circle, and an icon in the middle."""
    radius, height = 220.0, float(rng.uniform(38, 60))
    parts: list[Block] = []
    room = radius * np.pi * (1.6 if rng.random() < 0.6 else 0.85)
    for below in (False, True)[: 1 if room > 1.2 * radius * np.pi else 2]:
        line = maker.lettering(rng, palette, 0)
        line = scale(line, min(height / line.size_hw[0], room / line.size_hw[1]))
        foot = radius + (height - line.size_hw[0]) / 2
        parts.append(replace(line, layers=tuple(
            replace(each, mask=text_on_circle(each.mask, foot, below)) for each in line.layers
        )))  # fmt: skip
    width, side = float(rng.uniform(3, 14)), int(2 * (radius + height) + 80)
    outer = radius + height + 12 + width
    if rng.random() < 0.8:
        parts.append(block(ring(outer, width, side), palette[1]))
    if rng.random() < 0.6:
        parts.append(block(ring(radius - 10, width * 0.7, side), palette[1]))
    icon = trim(maker.symbol(rng, palette))
    parts.append(scale(icon, radius * float(rng.uniform(0.9, 1.2)) / max(icon.size_hw)))
    return centred(parts)


def _several(maker: LogoMaker, rng: np.random.Generator, palette: Palette) -> Block:
    """Two or three icons in a row or a column, each in its colour."""
    count = int(rng.integers(2, 4))
    icons = []
    for i in range(count):
        name, mask = maker.symbol_mask(rng)
        icons.append(trim(block(mask, palette[i], name)))
    icons = [scale(icon, DRAWN_PX * 0.7 / max(icon.size_hw)) for icon in icons]
    return (beside if rng.random() < 0.7 else stacked)(icons, DRAWN_PX * rng.uniform(0.08, 0.3))


def _wordmark(maker: LogoMaker, rng: np.random.Generator, palette: Palette) -> Block:
    """A short word with an underline, a frame of two rules, or a second smaller line."""
    lines = _lines(maker, rng, palette)
    if rng.random() < 0.5:
        return lines
    height, width = lines.size_hw
    rule = block(np.full((max(3, height // 14), width), 255, np.uint8), palette[1])
    parts = [lines, rule] if rng.random() < 0.5 else [rule, lines, rule]
    return stacked(parts, height * rng.uniform(0.12, 0.3))


def _lines(maker: LogoMaker, rng: np.random.Generator, palette: Palette) -> Block:
    """One short line, or two of which the second is smaller."""
    first = maker.lettering(rng, palette, 0 if palette.single else int(rng.integers(2)))
    if rng.random() < 0.55:
        return first
    second = maker.lettering(rng, palette, 1)
    width = first.size_hw[1] * rng.uniform(0.6, 1.0)
    second = scale(
        second, min(width / second.size_hw[1], 0.6 * first.size_hw[0] / second.size_hw[0])
    )
    align = float(rng.choice([0.0, 0.5, 1.0]))
    return stacked([first, second], first.size_hw[0] * rng.uniform(0.15, 0.4), align)


Layout = Callable[[LogoMaker, np.random.Generator, Palette], Block]

LAYOUTS: dict[str, tuple[Layout, float]] = {
    "icon alone": (_icon_alone, 0.24),
    "badge": (_badge, 0.16),
    "letter badge": (_letter_badge, 0.09),
    "icon beside text": (_beside_text, 0.17),
    "icon over text": (_over_text, 0.15),
    "text around icon": (_between_texts, 0.06),
    "seal": (_seal, 0.05),
    "several icons": (_several, 0.06),
    "wordmark": (_wordmark, 0.07),
}
"""The compositions and how often each is drawn, relative to the others."""
