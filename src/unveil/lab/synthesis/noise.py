"""Noise models of Noise2Noise (Lehtinen et al., arXiv 1803.04189) in the syntax of
github.com/yu4u/noise2noise, batched, on any device.

    noise = parse_noise("text,0,50")
    noisy = noise(clean, Chance(seed, device))        # [B, 3, H, W] in [0, 1], both
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from unveil.blending import compose
from unveil.errors import UsageError
from unveil.lab.marks.fonts import FOLDERS, FontBook
from unveil.lab.marks.phrases import Phrasebook
from unveil.lab.marks.raster import Sprite, block, render
from unveil.lab.marks.text import choose_script, set_text
from unveil.lab.synthesis.chance import Chance
from unveil.lab.synthesis.config import SynthesisConfig
from unveil.lab.synthesis.degrade import quantise
from unveil.lab.synthesis.layers import MarkLayers
from unveil.lab.synthesis.pictures import load_marks
from unveil.lab.synthesis.textures import SPRITE_LEVELS, Textures

NoiseModel = Callable[[Tensor, Chance], Tensor]
"""Clean pictures [B, 3, H, W] in [0, 1] -> noisy ones, in steps of 1/255."""

SYNTAX = (
    "gaussian,MIN,MAX (deviation in steps of 1/255), impulse,MIN,MAX or text,MIN,MAX (percent of "
    "the pixels), mark,FILE,MIN,MAX (opacity in percent) or clean"
)

TEXTS = 400
"""Lines of text that the text model draws from, each in a colour of its own."""

TEXT_LENGTH_PX = (40.0, 200.0)
"""Length of a line as it is drawn, whatever the size of the picture."""

MARK_LENGTH = (0.25, 1.0)
"""Longer side of a mark as a part of the picture's shorter one."""

_PLAIN = SynthesisConfig(
    opacity=(1.0, 1.0), opaque=0.0, stretch=(1.0, 1.0), recoloured=0.0, rotated=0.0, tiled=0.0,
    hard_edge=0.0, aliased=0.0, varying=0.0, shadow=0.0,
)  # fmt: skip
"""Marks as they are: upright, in their own colours."""


@dataclass(frozen=True)
class Clean:
    """No noise."""

    def __call__(self, clean: Tensor, chance: Chance) -> Tensor:
        return clean


@dataclass(frozen=True)
class Gaussian:
    """White Gaussian noise; its deviation is uniform per picture, in steps of 1/255."""

    low: float
    high: float

    def __call__(self, clean: Tensor, chance: Chance) -> Tensor:
        sigma = chance.uniform(self.low / 255, self.high / 255, len(clean)).view(-1, 1, 1, 1)
        return quantise(clean + sigma * chance.normal_like(clean))


@dataclass(frozen=True)
class Impulse:
    """Values replaced by random ones, each channel for itself; how many is uniform per picture,
    in percent."""

    low: float
    high: float

    def __call__(self, clean: Tensor, chance: Chance) -> Tensor:
        share = chance.uniform(self.low / 100, self.high / 100, len(clean)).view(-1, 1, 1, 1)
        drawn, value = (chance.uniform_like(clean) for _ in range(2))
        return quantise(torch.where(drawn < share, value, clean))


@dataclass(frozen=True)
class Text:
    """Opaque lines of text in random colours, at least one, until they cover a part of the
    picture, which is uniform, in percent."""

    low: float
    high: float

    def __call__(self, clean: Tensor, chance: Chance) -> Tensor:
        share = chance.uniform(self.low / 100, self.high / 100, len(clean))
        config = replace(_PLAIN, length_px=TEXT_LENGTH_PX, recoloured=0.6)
        layers = MarkLayers(_texts().to(chance.device), config, chance, _size_hw(clean))
        return quantise(layers.cover(clean, share)[0])


@dataclass(frozen=True)
class Mark:
    """One of some marks at a random place and size; its opacity is uniform, in percent."""

    marks: Textures
    low: float
    high: float

    def __call__(self, clean: Tensor, chance: Chance) -> Tensor:
        size_hw = _size_hw(clean)
        least, most = (part * min(size_hw) for part in MARK_LENGTH)
        opacity = (self.low / 100, self.high / 100)
        config = replace(_PLAIN, length_px=(least, most), opacity=opacity)
        layer = MarkLayers(self.marks.to(chance.device), config, chance, size_hw).draw(len(clean))
        return quantise(compose(clean, layer.colour, layer.matte))


def parse_noise(text: str) -> NoiseModel:
    """The noise model of a description such as ``gaussian,0,50``; see SYNTAX.

    Raises UsageError where the description is none, PictureError where the file of a mark is none.
    """
    if text == "clean":
        return Clean()
    unknown = UsageError(f"expected a noise model: {SYNTAX}; got {text!r}")
    kind, *rest = text.split(",")
    try:
        low, high = float(rest[-2]), float(rest[-1])
    except (IndexError, ValueError):
        raise unknown from None
    if not 0 <= low <= high <= (255 if kind == "gaussian" else 100):
        raise unknown
    file = ",".join(rest[:-2])
    if kind == "mark" and file:
        return Mark(load_marks(Path(file)), low, high)
    models = {"gaussian": Gaussian, "impulse": Impulse, "text": Text}
    if kind not in models or file:
        raise unknown
    return models[kind](low, high)


@cache
def _texts() -> Textures:
    """Lines of text, always the same ones."""
    rng, fonts, phrases = np.random.default_rng(0), FontBook.scan(FOLDERS), Phrasebook()
    sprites: list[Sprite] = []
    while len(sprites) < TEXTS:
        script = choose_script(rng, fonts)
        line = set_text(rng, fonts, phrases.draw(rng, script), script)
        if line is not None:
            red, green, blue = (int(level) for level in rng.integers(256, size=3))
            sprites.append(render(block(line, (red, green, blue))))
    return Textures(sprites, SPRITE_LEVELS)


def _size_hw(pictures: Tensor) -> tuple[int, int]:
    height, width = pictures.shape[-2:]
    return height, width
