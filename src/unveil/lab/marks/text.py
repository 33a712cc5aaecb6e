"""Text sprites: one to three lines in ten scripts, with the faces and outlines of real marks.

A line that no face at hand can draw is replaced by another line, never drawn as empty boxes.
"""

from dataclasses import replace

import cv2
import numpy as np
from PIL import Image, ImageDraw

from unveil.lab.marks.fonts import SHAPED, Face, FontBook, load
from unveil.lab.marks.palette import Palette
from unveil.lab.marks.phrases import Phrasebook
from unveil.lab.marks.raster import (
    Block,
    Layer,
    Mask,
    Paint,
    arrange,
    block,
    bounds,
    knock_out,
    stacked,
)
from unveil.lab.marks.seals import date_paint, seven_segments

LATIN_SHARE = 0.70
"""Share of the texts in Latin letters; the other scripts divide the rest."""

DATE_STAMP_SHARE = 0.03
"""Share of the texts that are the seven-segment dates of cameras."""

DRAWN_PX = 96
"""Font size at which text is drawn; render() reduces it."""


def draw_text(
    rng: np.random.Generator, fonts: FontBook, phrases: Phrasebook, palette: Palette
) -> Block:
    """A text mark of one to three lines in one face, plain or outlined, at times framed."""
    if rng.random() < DATE_STAMP_SHARE:
        return _date_stamp(rng, phrases, palette)
    script = choose_script(rng, fonts)
    wanted = int(rng.choice([1, 2, 3], p=[0.6, 0.28, 0.12]))
    texts, face = _drawable(rng, fonts, phrases, script)
    for _ in range(wanted - 1):
        line = phrases.draw(rng, script)
        if face.can_draw(line):
            texts.append(line)
    texts = [piece for text in texts for piece in _wrap(text)][:4]
    style = LineStyle.draw(rng, script)
    big = int(rng.integers(len(texts)))
    sizes = [1.0 if i == big else float(rng.choice([1.0, 0.8, 0.6])) for i in range(len(texts))]
    lines = [_line(text, face, style, size) for text, size in zip(texts, sizes, strict=True)]
    align = float(rng.choice([0.5, 0.5, 0.0, 1.0]))
    gap = DRAWN_PX * rng.uniform(0.1, 0.4)
    mask = stacked([block(each, (0, 0, 0)) for each in lines], gap, align).coverage()
    return _dress(rng, mask, palette, tuple(texts))


def set_text(
    rng: np.random.Generator, fonts: FontBook, text: str, script: str = "latin"
) -> Mask | None:
    """One line in any face that has its characters, tightly cropped; None when no face has them."""
    face = fonts.choose(rng, script, text)
    return None if face is None else _line(text, face, LineStyle.draw(rng, script), 1.0)


def choose_script(rng: np.random.Generator, fonts: FontBook) -> str:
    """Latin mostly, else any other script that the fonts can draw."""
    others = [script for script in fonts.scripts if script != "latin"]
    if not others or rng.random() < LATIN_SHARE:
        return "latin"
    return others[int(rng.integers(len(others)))]


class LineStyle:
    """How a line is set: letter spacing, false bold, slant, width."""

    def __init__(self, spacing: float, embolden: int, slant: float, stretch: float) -> None:
        self.spacing, self.embolden, self.slant, self.stretch = spacing, embolden, slant, stretch

    @classmethod
    def draw(cls, rng: np.random.Generator, script: str = "latin") -> "LineStyle":
        """Plain for half of the lines."""
        spacing = rng.uniform(0.05, 0.5) if rng.random() < 0.25 and script not in SHAPED else 0.0
        embolden = int(rng.integers(1, 4)) if rng.random() < 0.25 else 0
        slant = rng.uniform(0.1, 0.35) if rng.random() < 0.15 else 0.0
        stretch = rng.uniform(0.75, 1.35) if rng.random() < 0.25 else 1.0
        return cls(spacing, embolden, slant, stretch)


def _date_stamp(rng: np.random.Generator, phrases: Phrasebook, palette: Palette) -> Block:
    """A date in seven segments, mostly in the orange of film cameras, with a soft glow at times."""
    text = phrases.date(rng)
    while not set(text) <= set("0123456789-'.:/ "):
        text = phrases.date(rng)
    mask = seven_segments(
        text, DRAWN_PX, float(rng.uniform(0.09, 0.17)), float(rng.choice([0, 0.1]))
    )
    paint = date_paint(rng) if rng.random() < 0.6 else Paint(palette[0])
    layers = [Layer(mask, paint)]
    if rng.random() < 0.3:
        glow = np.asarray(cv2.GaussianBlur(grow(mask, 3), (0, 0), 5), np.uint8)
        layers.insert(0, Layer(glow, replace(paint, opacity=0.4)))
    return Block(tuple(layers), (text,))


def _drawable(
    rng: np.random.Generator, fonts: FontBook, phrases: Phrasebook, script: str
) -> tuple[list[str], Face]:
    """A text and a face that has all its characters."""
    for _ in range(50):
        text = phrases.draw(rng, script)
        face = fonts.choose(rng, script, text)
        if face is not None:
            return [text], face
    raise ValueError(
        f"expected a font that can draw {script} texts; none of 50 texts could be drawn"
    )


def _wrap(text: str) -> list[str]:
    """Long texts in two lines, so that letters stay legible in a sprite."""
    if len(text) < 23 or " " not in text:
        return [text]
    spaces = [i for i, c in enumerate(text) if c == " "]
    middle = min(spaces, key=lambda i: abs(i - len(text) // 2))
    return [text[:middle], text[middle + 1 :]]


def _line(text: str, face: Face, style: LineStyle, size: float) -> Mask:
    """One line as a mask, tightly cropped."""
    size_px = max(16, round(DRAWN_PX * size))
    font = load(face, size_px)
    margin = size_px
    if style.spacing:
        step = style.spacing * size_px
        width = sum(font.getlength(c) + step for c in text)
    else:
        step, width = 0.0, font.getlength(text)
    canvas = Image.new("L", (round(width) + 2 * margin, 3 * margin))
    pen = ImageDraw.Draw(canvas)
    if step:
        x = float(margin)
        for c in text:
            pen.text((x, margin), c, 255, font, stroke_width=style.embolden)
            x += font.getlength(c) + step
    else:
        pen.text((margin, margin), text, 255, font, stroke_width=style.embolden)
    mask = np.asarray(canvas)
    if style.slant or style.stretch != 1:
        matrix = np.array([[style.stretch, -style.slant, style.slant * 2 * margin], [0, 1, 0]])
        size_wh = (round(mask.shape[1] * style.stretch) + margin, mask.shape[0])
        mask = np.asarray(cv2.warpAffine(mask, matrix, size_wh), np.uint8)
    top, left, bottom, right = bounds(mask)
    return mask[top:bottom, left:right]


def _dress(
    rng: np.random.Generator, mask: Mask, palette: Palette, sources: tuple[str, ...]
) -> Block:
    """The text filled, outlined, or both; at times with rules, a frame, a shadow or a plate."""
    mask = np.pad(mask, 24)
    kind = rng.random()
    thickness = int(rng.integers(2, 6))
    outline = knock_out(grow(mask, thickness), mask)
    if kind < 0.1:
        layers = [Layer(outline, Paint(palette[0]))]
    elif not palette.single and kind < 0.55:
        layers = [Layer(grow(mask, thickness), Paint(palette[1])), Layer(mask, Paint(palette[0]))]
    elif 0.55 <= kind < 0.63:
        layers = [_shadow(rng, mask), Layer(mask, Paint(palette[0]))]
    else:
        layers = [Layer(mask, fill(rng, palette))]
    drawing = Block(tuple(layers), sources)
    extra = rng.random()
    if extra < 0.06:
        return _rules(rng, drawing, palette)
    if extra < 0.12:
        return _frame(rng, drawing, palette)
    if extra < 0.16:
        return _plate(rng, drawing, palette)
    return drawing


def fill(rng: np.random.Generator, palette: Palette) -> Paint:
    """Flat mostly; a gradient of colour for some palettes, of opacity for a few marks."""
    if not palette.single and rng.random() < 0.2:
        return Paint(palette[0], palette[1], float(rng.uniform(0, 360)))
    if rng.random() < 0.03:
        low = float(rng.uniform(0.35, 0.8))
        return Paint(palette[0], None, float(rng.uniform(0, 360)), 1.0, low)
    return Paint(palette[0])


def grow(mask: Mask, radius: int) -> Mask:
    """The mask widened by a disc of the radius in pixels."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return np.asarray(cv2.dilate(mask, disc), np.uint8)


def _shadow(rng: np.random.Generator, mask: Mask) -> Layer:
    """A dark or light copy of the mask, set off and softened, at part of the opacity."""
    shift = int(rng.integers(2, 8))
    moved = np.zeros_like(mask)
    moved[shift:, shift:] = mask[:-shift, :-shift]
    if rng.random() < 0.7:
        moved = np.asarray(cv2.GaussianBlur(moved, (0, 0), rng.uniform(1, 4)), np.uint8)
    level = 0 if rng.random() < 0.85 else 255
    return Layer(moved, Paint((level, level, level), opacity=float(rng.uniform(0.4, 0.9))))


def _rules(rng: np.random.Generator, drawing: Block, palette: Palette) -> Block:
    """A line under the text, or over and under it."""
    height, width = drawing.size_hw
    rule = np.full((int(rng.integers(3, 9)), width - 48), 255, np.uint8)
    bar = block(rule, palette[0])
    offsets = [(0.0, 0.0), (24.0, float(height))]
    parts = [drawing, bar]
    if rng.random() < 0.4:
        parts, offsets = [*parts, bar], [*offsets, (24.0, -float(rule.shape[0]))]
    return arrange(parts, offsets)


def _frame(rng: np.random.Generator, drawing: Block, palette: Palette) -> Block:
    """A rectangle, rounded or not, around the text."""
    height, width = drawing.size_hw
    canvas = Image.new("L", (width + 60, height + 40))
    box = (2, 2, width + 57, height + 37)
    radius = float(rng.choice([0, 12, height / 2]))
    ImageDraw.Draw(canvas).rounded_rectangle(box, radius, None, 255, int(rng.integers(3, 9)))
    return arrange([block(np.asarray(canvas), palette[0]), drawing], [(-30, -20), (0, 0)])


def _plate(rng: np.random.Generator, drawing: Block, palette: Palette) -> Block:
    """A filled plate behind the text; where the mark has one colour the text is cut out of it."""
    height, width = drawing.size_hw
    canvas = Image.new("L", (width + 40, height + 20))
    radius = float(rng.choice([0, 14, height / 2]))
    ImageDraw.Draw(canvas).rounded_rectangle((0, 0, width + 39, height + 19), radius, 255)
    plate = np.asarray(canvas)
    if palette.single:
        hole = np.pad(drawing.coverage(), ((10, 10), (20, 20)))
        return block(knock_out(plate, hole), palette[0], *drawing.sources)
    return arrange([block(plate, palette[len(palette.colours) - 1]), drawing], [(-20, -10), (0, 0)])
