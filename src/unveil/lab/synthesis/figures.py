"""Marks of several colours, and what is known of them before their figures are: what finding
figures is learnt from.

A mark is a sprite, or a plate drawn here: a shape of one colour with drawings of others on it. It
lies on a crop of a picture. Known of it are the colour that most of its border has, in many cases
the right colours beside the border too, and the opacity, all with the errors that the solver makes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from unveil.lab.synthesis.chance import Chance
from unveil.lab.synthesis.plates import Plates, fitted, scaled
from unveil.lab.synthesis.textures import Textures
from unveil.masks import dilated, eroded
from unveil.restore.figures import EVIDENCE, evidence

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]

COVERED, UNCOVERED = 0.97, 0.005
"""Matte of a sprite from which on it covers a pixel fully, and up to which not at all."""
LEAST_PX = 200
"""A mark covers so many pixels fully, and as many are without any mark."""
BESIDE_PX = 5
"""Pixels so close to the border of a mark are beside it."""
OTHER = 0.12
"""Colours that differ by more than this are two."""


@dataclass(frozen=True)
class FigureConfig:
    """What the marks look like."""

    size_px: int = 128
    """Side of the square crops; a multiple of 16."""
    longest_px: tuple[float, float] = (70.0, 118.0)
    """Longer side of a mark."""
    opacity: tuple[float, float] = (0.15, 0.85)
    """Log-uniform."""
    reduction: tuple[float, float] = (1.0, 3.2)
    """By how much pictures are reduced, log-uniform."""
    plates: float = 0.4
    """Marks that are plates drawn here; the others are sprites, as they are."""
    several: float = 0.6
    """Sprites that are chosen from those of several colours, if there are any."""
    beside: float = 0.7
    """Marks whose colours beside the border are known."""
    opacity_error: float = 0.012
    """Scale of the opacity's error, of Student's t with 4 degrees of freedom."""
    colour_error: float = 0.02
    """Standard error of the known colours."""


class FigureBatch(NamedTuple):
    """What is known of some marks, and their true colours; float32."""

    marked: Tensor
    """[B, EVIDENCE, H, W]; the first three channels are the marked pictures, in [0, 1]."""
    clean: Tensor
    """[B, 3, H, W], in [0, 1]."""
    colour: Tensor
    """[B, 3, H, W], in [0, 1]; meaningful where there is a mark."""
    visible: Tensor
    """[B, 1, H, W]: 1 where the colour is another than is known."""


class MarksWithFigures:
    """An endless iterator of batches; the same seed gives the same ones."""

    def __init__(
        self,
        pictures: Textures,
        sprites: Textures,
        config: FigureConfig,
        batch_size: int,
        seed: int,
        device: torch.device | str = "cpu",
    ) -> None:
        self._pictures, self._sprites = pictures, sprites
        self._config, self._batch_size, self._device = config, batch_size, device
        self.chance = Chance(seed, "cpu")
        everything = range(len(sprites))
        of_several = [i for i in everything if _has_several_colours(sprites.original(i))]
        self._of_several = of_several or list(everything)

    def __iter__(self) -> Iterator[FigureBatch]:
        while True:
            yield self.draw()

    def draw(self) -> FigureBatch:
        """The next batch."""
        self._random = np.random.default_rng(int(self.chance.integers(2**62, 1)))
        self._plates = Plates(self._sprites, self._random)
        cases = np.stack([self._case() for _ in range(self._batch_size)])
        planes = torch.from_numpy(cases).movedim(-1, 1).to(self._device)
        return FigureBatch(*planes.split((EVIDENCE, 3, 3, 1), dim=1))

    def _case(self) -> Floats:
        """H x W x (EVIDENCE + 7): what is known, the clean picture, the colours, the figures."""
        while True:
            mark = self._placed(self._mark())
            colour, matte = mark[..., :3], mark[..., 3]
            inside = eroded(matte > COVERED, int(self._random.random() < 0.7))
            clean = ~dilated(matte > UNCOVERED, 1)
            if min(np.count_nonzero(inside), np.count_nonzero(clean)) >= LEAST_PX:
                break
        config, random = self._config, self._random
        picture, reduction = self._crop()
        opacity = float(np.exp(random.uniform(*np.log(config.opacity))))
        share = (opacity * matte)[..., None]
        marked = share * colour + (1 - share) * picture
        # what rounding leaves of itself in a reduced picture, and noise
        noise = 1 / 255 / np.sqrt(12) / reduction + random.choice([0, random.uniform(0, 0.01)])
        marked = marked + random.normal(0, noise, marked.shape)
        known = self._known_colour(colour, inside, clean)
        error = config.opacity_error * random.standard_t(4)
        measured = float(np.clip(opacity + error, 0.05, 0.92))
        figure = inside & (np.abs(colour - known).max(-1) > OTHER)
        seen = evidence(marked, inside, clean, known, measured)
        return np.dstack([seen, picture, colour, figure]).astype(np.float32)

    def _known_colour(self, colour: Floats, inside: Bools, clean: Bools) -> Floats:
        """H x W x 3."""
        random = self._random
        depth = cv2.distanceTransform((~clean).view(np.uint8), cv2.DIST_L2, 3)
        beside = inside & (depth <= BESIDE_PX)
        beside = beside if beside.any() else inside
        levels = (colour * 7.99).astype(int) @ (64, 8, 1)
        kinds, counts = np.unique(levels[beside], return_counts=True)
        main = beside & (levels == kinds[counts.argmax()])
        known = np.broadcast_to(colour[main].mean(0), colour.shape)
        if random.random() < self._config.beside:
            known = np.where(beside[..., None], colour, known)
        return (known + random.normal(0, self._config.colour_error, 3)).clip(0, 1)

    def _crop(self) -> tuple[Floats, float]:
        """A crop of a picture, H x W x 3, and by how much it was reduced."""
        size, random = self._config.size_px, self._random
        picture = self._pictures.original(int(random.integers(len(self._pictures))))
        least, most = self._config.reduction
        most = max(least, min(most, min(picture.shape[:2]) / size))
        side = int(size * np.exp(random.uniform(np.log(least), np.log(most))))
        side = min(side, *picture.shape[:2])
        top, left = (int(random.integers(length - side + 1)) for length in picture.shape[:2])
        crop = scaled(picture[top : top + side, left : left + side], (size, size))
        return (crop[:, ::-1] if random.random() < 0.5 else crop) / 255, side / size

    def _placed(self, mark: Floats) -> Floats:
        """In the middle of an empty layer, more or less."""
        size = self._config.size_px
        mark = mark[:size, :size]
        rooms = size - np.array(mark.shape[:2])
        top, left = (rooms // 2 + self._random.integers(-4, 5, 2)).clip(0, rooms)
        layer = np.zeros((size, size, 4), np.float32)
        layer[top : top + mark.shape[0], left : left + mark.shape[1]] = mark
        return layer

    def _mark(self) -> Floats:
        """h x w x 4, straight alpha."""
        random, longest = self._random, self._random.uniform(*self._config.longest_px)
        if random.random() < self._config.plates:
            other = longest * random.uniform(0.35, 1)
            sides = (longest, other) if random.random() < 0.5 else (other, longest)
            return self._plates.draw(*(max(16, round(side)) for side in sides))
        of_several = random.random() < self._config.several
        among = self._of_several if of_several else range(len(self._sprites))
        sprite = self._sprites.original(among[int(random.integers(len(among)))]) / np.float32(255)
        mark = fitted(sprite, (longest, longest))
        if random.random() < 0.4:
            colour = mark[..., :3][..., random.permutation(3)]
            mark[..., :3] = 1 - colour if random.random() < 0.5 else colour
        return mark[:, ::-1] if random.random() < 0.5 else mark


def _has_several_colours(sprite: NDArray[np.uint8]) -> bool:
    """Whether it has a part of another colour within, and enough of its own around."""
    small = fitted(sprite / np.float32(255), (160, 160))
    opaque = small[..., 3] > 0.8
    if np.count_nonzero(opaque) < 2500:
        return False
    empty = np.pad(small[..., 3] <= 0.08, 1, constant_values=True)
    depth = cv2.distanceTransform((~empty).view(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    usual = np.median(small[opaque][:, :3], axis=0)
    other = opaque & (np.abs(small[..., :3] - usual).max(-1) > 0.24) & (depth > BESIDE_PX)
    return int(np.count_nonzero(other)) > LEAST_PX
