"""Harder marks than the published benchmarks have: one construction per kind, one row per kind.

A construction takes a clean picture and a logo, and lays a mark by the forward model in floats,
rounded to 8 bits at the end. What it draws depends on the names of picture and logo alone: shards
agree, and kinds that draw the same things (plain, multiply, after JPEG, after a resize) lay the
same mark at the same place, so that their rows differ by the kind and nothing else.

Unless a kind says otherwise, the opacity is uniform in OPACITY, the longer side of the mark
log-uniform in LONGEST_PX and never more than FITS of the picture, and the mark lies anywhere wholly
inside. Date stamps and lines are drawn without fonts.
"""

import colorsys
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from unveil.errors import PictureError, UsageError
from unveil.lab.evaluation.laying import (
    Marked,
    Task,
    after_jpeg,
    after_resize,
    faded,
    lay,
    padded,
    recoloured,
)
from unveil.lab.evaluation.protocols import Case, laid, read_logo, read_rgb
from unveil.lab.evaluation.scene_text import with_scene_text
from unveil.lab.marks.raster import Paint
from unveil.lab.marks.seals import date_paint, seven_segments
from unveil.lab.marks.text import grow

OPACITY = (0.3, 0.9)
DATE_OPACITY = (0.7, 1.0)
LONGEST_PX = (60, 260)
TILE_PX = (50, 150)
LINE_PX = (1.0, 2.5)

BRIGHT, DARK = 0.8, 0.2
"""Luminance at which a white mark, and a black one, is hard to see."""

Construction = Callable[[Task], Marked]


def plain(task: Task, longest_px: tuple[int, int] = LONGEST_PX) -> Marked:
    """The logo as it is."""
    mark = task.sized(longest_px)
    return lay(task, task.placed(mark), task.uniform(OPACITY))


def tiled(task: Task) -> Marked:
    """Copies in a brick pattern over the whole picture, turned by up to 45 degrees."""
    height, width = task.picture.shape[:2]
    mark, side = task.sized(TILE_PX), int(np.hypot(height, width)) + 1
    gap = task.rng.uniform(0.3, 1.2)
    step_x = round(mark.width + gap * max(mark.size))
    step_y = round(mark.height + gap * max(mark.size) / 2)
    sheet = Image.new("RGBA", (side, side))
    for row, y in enumerate(range(-(mark.height // 2), side, step_y)):
        for x in range(-step_x // 2 * (row % 2), side, step_x):
            sheet.paste(mark, (x, y))
    sheet = sheet.rotate(task.uniform((-45, 45)), Image.Resampling.BICUBIC)
    left, top = (side - width) // 2, (side - height) // 2
    layer = sheet.crop((left, top, left + width, top + height))
    return lay(task, layer, task.uniform(OPACITY))


def rotated(task: Task) -> Marked:
    """The logo turned by any angle."""
    mark = task.sized(LONGEST_PX)
    mark = mark.rotate(task.uniform((-180, 180)), Image.Resampling.BICUBIC, expand=True)
    return lay(task, task.placed(mark), task.uniform(OPACITY))


def gradient(task: Task) -> Marked:
    """The logo's shape in a linear gradient between two hues, in any direction."""
    mark = task.sized(LONGEST_PX)
    hue = task.rng.uniform()
    hues = (hue, hue + task.rng.uniform(0.25, 0.75))
    first, last = (np.array(colorsys.hsv_to_rgb(each % 1, 0.85, 0.95)) * 255 for each in hues)
    ramp = Paint((0, 0, 0), angle_deg=task.uniform((0, 360))).ramp(mark.height, mark.width)
    painted = np.rint(first + ramp * (last - first)).astype(np.uint8)
    mark = recoloured(mark, Image.fromarray(painted))
    return lay(task, task.placed(mark), task.uniform(OPACITY))


def outlined(task: Task) -> Marked:
    """The logo with a line of 1 to 3 px around it: white around a dark logo, else black."""
    radius = int(task.rng.integers(1, 4))
    mark = padded(task.sized(LONGEST_PX), radius)
    rgba = np.asarray(mark)
    dark = np.average(rgba[..., :3].mean(axis=-1), weights=rgba[..., 3]) < 128
    under = Image.new("RGBA", mark.size, "white" if dark else "black")
    under.putalpha(Image.fromarray(grow(rgba[..., 3], radius)))
    mark = Image.alpha_composite(under, mark)
    return lay(task, task.placed(mark), task.uniform(OPACITY))


def shadowed(task: Task) -> Marked:
    """The logo over a soft black shadow, 2 to 6 px away from it, of .4 to .8 of its opacity."""
    shift, softness = int(task.rng.integers(2, 7)), task.uniform((1, 3))
    mark = padded(task.sized(LONGEST_PX), 18)
    shade = mark.getchannel("A").filter(ImageFilter.GaussianBlur(softness))
    strength = task.uniform((0.4, 0.8))
    shadow = Image.new("RGBA", mark.size)
    shadow.putalpha(
        ImageChops.offset(shade, shift).point([round(strength * v) for v in range(256)])
    )
    mark = Image.alpha_composite(shadow, mark)
    return lay(task, task.placed(mark), task.uniform(OPACITY))


def varying(task: Task) -> Marked:
    """The opacity goes from one end of OPACITY to the other across the logo, in any direction."""
    mark = task.sized(LONGEST_PX)
    ramp = Paint((0, 0, 0), angle_deg=task.uniform((0, 360))).ramp(mark.height, mark.width)
    low, high = OPACITY
    mark = faded(mark, low + (high - low) * ramp[..., 0])
    return lay(task, task.placed(mark), None)


def blended(task: Task, mode: str, colours: tuple[float, float]) -> Marked:
    """:func:`plain` in another blend mode, the logo's colours brought into a range that shows."""
    low, high = colours
    mark = task.sized(LONGEST_PX)
    table = [round(255 * low + (high - low) * value) for value in range(256)] * 3
    mark = recoloured(mark, mark.convert("RGB").point(table))
    return lay(task, task.placed(mark), task.uniform(OPACITY), mode)


def thin_lines(task: Task) -> Marked:
    """Lines of LINE_PX from border to border, white, grey or black: a cross, or parallels."""
    height, width = task.picture.shape[:2]
    large, rng = 4, task.rng
    cover = Image.new("L", (large * width, large * height))
    pen = ImageDraw.Draw(cover)
    thick, level = round(large * task.uniform(LINE_PX)), int(rng.choice([255, 255, 200, 0]))
    right, bottom = cover.size
    if rng.random() < 0.5:
        pen.line((0, 0, right, bottom), 255, thick)
        pen.line((0, bottom, right, 0), 255, thick)
    else:
        step, slope = int(large * task.uniform((40, 160))), task.uniform((-1, 1))
        reach = int(abs(slope) * right)
        for y in range(-reach, bottom + reach, step):
            pen.line((0, y, right, y + slope * right), 255, thick)
    layer = Image.new("RGBA", (width, height), (level, level, level))
    layer.putalpha(cover.reduce(large))
    return lay(task, layer, task.uniform(OPACITY))


def date_stamp(task: Task) -> Marked:
    """A camera's date in seven segments, 12 to 40 px high, at the lower right; opaque to .7."""
    rng = task.rng
    text = f"'{rng.integers(85, 100)} {rng.integers(1, 13):2d} {rng.integers(1, 29):2d}"
    cover = Image.fromarray(seven_segments(text, 160, task.uniform((0.09, 0.16))))
    cover = cover.crop(cover.getbbox())
    factor = min(task.uniform((12, 40)), task.picture.shape[0] / 8) / cover.height
    cover = cover.resize((round(cover.width * factor), round(cover.height * factor)))
    mark = Image.new("RGBA", cover.size, date_paint(rng).first)
    mark.putalpha(cover)
    margins = [round(side * task.uniform((0.02, 0.1))) for side in task.picture.shape[1::-1]]
    height, width = task.picture.shape[:2]
    corner = (width - mark.width - margins[0], height - mark.height - margins[1])
    return lay(task, laid(mark, task.picture, corner), task.uniform(DATE_OPACITY))


def several(task: Task) -> Marked:
    """Two to four copies of the logo, each of its own size, place and opacity."""
    layer = Image.new("RGBA", task.picture.shape[1::-1])
    for _ in range(int(task.rng.integers(2, 5))):
        mark = faded(task.sized(LONGEST_PX), task.uniform(OPACITY))
        layer = Image.alpha_composite(layer, task.placed(mark))
    return lay(task, layer, None)


def partly_off(task: Task) -> Marked:
    """A third to two thirds of the logo reach past one side of the picture."""
    mark, share = task.sized(LONGEST_PX), task.uniform((1 / 3, 2 / 3))
    height, width = task.picture.shape[:2]
    room_x, room_y = width - mark.width, height - mark.height
    x, y = (int(task.rng.integers(room + 1)) for room in (room_x, room_y))
    left, top = -round(share * mark.width), -round(share * mark.height)
    sides = ((left, y), (room_x - left, y), (x, top), (x, room_y - top))
    corner = sides[int(task.rng.integers(4))]
    return lay(task, laid(mark, task.picture, corner), task.uniform(OPACITY))


def hardly_seen(task: Task, ink: str, luminance: float) -> Marked:
    """The logo's shape in one ink where the picture is nearest to a luminance."""
    mark = task.sized(LONGEST_PX)
    mark = recoloured(mark, Image.new("RGB", mark.size, ink))
    corner = task.where(luminance, mark.size)
    return lay(task, laid(mark, task.picture, corner), task.uniform(OPACITY))


def scene_text(task: Task) -> Marked:
    """No mark, but text that belongs there: to be left as it is."""
    picture = with_scene_text(task.picture, task.rng)
    return Marked(picture, picture, np.zeros(picture.shape[:2], np.bool_), None, None)


KINDS: dict[str, Construction] = {
    "plain": plain,
    "tiled": tiled,
    "rotated": rotated,
    "gradient": gradient,
    "outlined": outlined,
    "shadowed": shadowed,
    "varying": varying,
    "multiply": partial(blended, mode="multiply", colours=(0, 0.5)),
    "screen": partial(blended, mode="screen", colours=(0.5, 1)),
    "overlay": partial(blended, mode="overlay", colours=(0, 1)),
    "thin-lines": thin_lines,
    "date-stamp": date_stamp,
    "several": several,
    "partly-off": partly_off,
    "white-on-bright": partial(hardly_seen, ink="white", luminance=BRIGHT),
    "dark-on-dark": partial(hardly_seen, ink="black", luminance=DARK),
    "jpeg-95": lambda task: after_jpeg(plain(task), 95),
    "jpeg-85": lambda task: after_jpeg(plain(task), 85),
    "jpeg-70": lambda task: after_jpeg(plain(task), 70),
    "resized-75": lambda task: after_resize(plain(task), 0.75),
    "small": partial(plain, longest_px=(20, 60)),
    "large": partial(plain, longest_px=(300, 600)),
    "scene-text": scene_text,
}
"""Every kind, in the order of the table."""


def choose_kinds(names: Sequence[str]) -> tuple[str, ...]:
    """The names as they are, all kinds for none. Raises UsageError for an unknown one."""
    unknown = [name for name in names if name not in KINDS]
    if unknown:
        raise UsageError(
            f"expected kinds of {', '.join(KINDS)}; got {', '.join(map(repr, unknown))}"
        )
    return tuple(dict.fromkeys(names)) or tuple(KINDS)


def kind_cases(
    kinds: Sequence[str],
    pictures: Sequence[tuple[str, Path]],
    logos: Sequence[tuple[str, Path]],
) -> Iterator[Case]:
    """Every picture under every logo in every kind; pictures and logos: (name, path).

    Raises PictureError for a logo that cannot be read or shows nothing.
    """
    sprites = [(name, read_logo(path)) for name, path in logos]
    for (_, sprite), (_, path) in zip(sprites, logos, strict=True):
        if sprite.getbbox(alpha_only=True) is None:
            raise PictureError(f"{path}: expected a logo that shows, got one wholly transparent")
    for picture, path in pictures:
        rgb = read_rgb(path)
        for logo, sprite in sprites:
            for kind in kinds:
                seed = zlib.crc32(f"{picture}\0{logo}".encode())
                done = KINDS[kind](Task(np.random.default_rng(seed), rgb, sprite))
                yield Case(
                    picture,
                    logo,
                    done.opacity,
                    done.marked,
                    done.clean,
                    done.mask,
                    kind,
                    done.truth,
                )
