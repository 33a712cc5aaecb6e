"""An atlas: thousands of ready sprites in one compact file, from which synthesis draws.

    atlas = build_atlas(6000, seed=0, marks_dir=Path("icons"))
    atlas.save(Path("atlas.npz"))
    atlas = Atlas.load(Path("atlas.npz"))

The sprites depend on the seed, the fonts of the machine and the folder of marks only; not on the
number of workers.
"""

import io
import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from unveil.lab.marks.fonts import FOLDERS, FontBook
from unveil.lab.marks.icons import IconShelf
from unveil.lab.marks.logos import LogoMaker
from unveil.lab.marks.palette import draw_palette
from unveil.lab.marks.phrases import Phrasebook
from unveil.lab.marks.raster import (
    MAX_AREA,
    MAX_SIDE,
    MIN_SIDE,
    EmptyDrawingError,
    Sprite,
    bounds,
    extend_colour,
    render,
)
from unveil.lab.marks.shapes import draw_shape
from unveil.lab.marks.text import draw_text

KINDS = ("text", "logo", "shape")
SHARES = (0.45, 0.40, 0.15)
"""The kinds of sprites and how often each is drawn."""

READY_LOGO_SHARE = 0.5
"""Share of the logos that are taken as they are from the folder's PNG files, if it has any."""

_FORMAT = 1


@dataclass(frozen=True)
class Atlas:
    """Sprites with their kinds and what each shows.

    sprites: straight-alpha RGBA uint8 arrays, (height, width, 4), cropped to the mark; the colour
    of transparent pixels continues that of the nearest visible one. kinds: one of KINDS for each.
    sources: for each the phrases and icon names that it was drawn from.
    """

    sprites: tuple[Sprite, ...]
    kinds: tuple[str, ...]
    sources: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.sprites)

    def save(self, path: Path) -> None:
        """Write the atlas as one npz file of lossless WebP pictures, under exactly this name."""
        blobs = [_encode(sprite) for sprite in self.sprites]
        ends = np.cumsum([len(blob) for blob in blobs], dtype=np.int64)
        texts = json.dumps(self.sources, ensure_ascii=False)
        with open(path, "wb") as file:
            np.savez(
                file,
                format=np.int64(_FORMAT),
                pictures=np.frombuffer(b"".join(blobs), np.uint8),
                ends=ends,
                kinds=np.array([KINDS.index(kind) for kind in self.kinds], np.uint8),
                sources=np.frombuffer(texts.encode("utf-8"), np.uint8),
            )

    @classmethod
    def load(cls, path: Path, threads: int = 2) -> "Atlas":
        """Read an atlas. Raises ValueError when the file is not one that save() wrote."""
        with np.load(path, allow_pickle=False) as file:
            if "format" not in file or int(file["format"]) != _FORMAT:
                raise ValueError(
                    f"expected an atlas of format {_FORMAT}; {path} is none: build it again"
                )
            pictures, ends = file["pictures"].tobytes(), file["ends"]
            kinds, texts = file["kinds"], json.loads(file["sources"].tobytes())
        starts = np.concatenate([[0], ends[:-1]])
        blobs = [pictures[a:b] for a, b in zip(starts, ends, strict=True)]
        with ThreadPoolExecutor(threads) as pool:
            sprites = tuple(pool.map(_decode, blobs))
        return cls(sprites, tuple(KINDS[i] for i in kinds), tuple(tuple(names) for names in texts))


def build_atlas(
    count: int,
    seed: int,
    marks_dir: Path | None = None,
    held_out: bool = False,
    workers: int = 1,
    fonts_dir: Path | None = None,
) -> Atlas:
    """Draw an atlas of count sprites from one side of the held-out split.

    marks_dir: a folder of SVG icons and RGBA PNG logos, searched at all depths; None draws text and
    shapes only. fonts_dir: a folder of fonts to use besides those of the machine. Raises
    FileNotFoundError when marks_dir does not exist, ValueError for count < 1.
    """
    if count < 1:
        raise ValueError(f"expected at least one sprite; got count={count}")
    prepare = partial(Painter.prepare, marks_dir, held_out, fonts_dir)
    if workers == 1:
        painter = prepare()
        drawn = [_draw_one(painter, seed, i) for i in range(count)]
    else:
        with ProcessPoolExecutor(workers, initializer=_adopt, initargs=(prepare,)) as pool:
            drawn = list(pool.map(partial(_draw_adopted, seed), range(count), chunksize=32))
    sprites, kinds, sources = zip(*drawn, strict=True)
    return Atlas(tuple(sprites), tuple(kinds), tuple(sources))


@dataclass(frozen=True)
class Painter:
    """All that sprites are drawn from: fonts, phrases, icons."""

    logos: LogoMaker

    @classmethod
    def prepare(
        cls, marks_dir: Path | None = None, held_out: bool = False, fonts_dir: Path | None = None
    ) -> "Painter":
        """Look for fonts and icons once."""
        shelf = IconShelf.open(marks_dir, held_out)
        folders = FOLDERS if fonts_dir is None else (*FOLDERS, fonts_dir)
        return cls(LogoMaker(FontBook.scan(folders), Phrasebook(held_out), shelf))

    def draw(self, rng: np.random.Generator) -> tuple[Sprite, str, tuple[str, ...]]:
        """One sprite, its kind and its sources; what turns out blank is drawn anew."""
        for _ in range(20):
            with suppress(EmptyDrawingError):
                return self._draw(rng)
        raise EmptyDrawingError("expected fonts and icons that draw something; got 20 blank marks")

    def _draw(self, rng: np.random.Generator) -> tuple[Sprite, str, tuple[str, ...]]:
        kind = KINDS[int(rng.choice(len(KINDS), p=SHARES))]
        ready = self.logos.shelf.logos
        if kind == "logo" and ready and rng.random() < READY_LOGO_SHARE:
            path = ready[int(rng.integers(len(ready)))]
            return read_logo(path), kind, (path.stem,)
        palette = draw_palette(rng)
        makers: dict[str, Callable] = {
            "text": lambda: draw_text(rng, self.logos.fonts, self.logos.phrases, palette),
            "logo": lambda: self.logos.draw(rng, palette),
            "shape": lambda: draw_shape(rng, palette),
        }
        drawing = makers[kind]()
        least = 320 if kind == "text" else 128  # smaller texts would be illegible
        longest = MAX_SIDE if rng.random() < 0.7 else int(rng.integers(least, MAX_SIDE + 1))
        return render(drawing, longest), kind, drawing.sources


def read_logo(path: Path) -> Sprite:
    """A ready logo as it is, cropped, and reduced (premultiplied) where it exceeds the limits."""
    picture = Image.open(path).convert("RGBA")
    top, left, bottom, right = bounds(np.asarray(picture)[..., 3])
    picture = picture.crop((left, top, right, bottom))
    width, height = picture.size
    factor = min(MAX_SIDE / max(width, height), (MAX_AREA / (width * height)) ** 0.5 * 0.998, 1.0)
    factor = max(factor, MIN_SIDE / max(width, height))
    if factor != 1.0:
        size_wh = (max(1, round(width * factor)), max(1, round(height * factor)))
        picture = picture.convert("RGBa").resize(size_wh, Image.Resampling.BOX).convert("RGBA")
    return extend_colour(np.asarray(picture))


_adopted: list[Painter] = []
"""The painter of a worker process."""


def _adopt(prepare: Callable[[], Painter]) -> None:
    _adopted[:] = [prepare()]


def _draw_adopted(seed: int, index: int) -> tuple[Sprite, str, tuple[str, ...]]:
    return _draw_one(_adopted[0], seed, index)


def _draw_one(painter: Painter, seed: int, index: int) -> tuple[Sprite, str, tuple[str, ...]]:
    """The sprite of an index: its random numbers depend on the seed, the index and the side.

    Shapes have no names to be split by; other numbers keep those of the two sides apart.
    """
    side = (1,) if painter.logos.phrases.held_out else ()
    return painter.draw(np.random.default_rng([seed, index, *side]))


def _encode(sprite: Sprite) -> bytes:
    file = io.BytesIO()
    Image.fromarray(sprite).save(file, "WEBP", lossless=True, exact=True, method=2, quality=40)
    return file.getvalue()


def _decode(blob: bytes) -> Sprite:
    return np.asarray(Image.open(io.BytesIO(blob)).convert("RGBA"))
