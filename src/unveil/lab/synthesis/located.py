"""Cases for completion: marks as the bundled model locates them, mistakes included, and the truth.

Marked pictures without end are looked at as users' pictures are; a square around each mark that is
found is kept, with what is known of it by then, the solver's opacity and colours among it, and the
truth. As looking takes longer than a training step, a number of cases is kept and drawn from, each
time turned and coloured in another way, with further errors.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from unveil.boxes import Box, around, within
from unveil.completion import EVIDENCE, known_of
from unveil.lab.synthesis.cases import kept
from unveil.lab.synthesis.chance import Chance
from unveil.lab.synthesis.config import SynthesisConfig
from unveil.lab.synthesis.marked import MarkedPictures, levels_of
from unveil.lab.synthesis.textures import Textures
from unveil.location.looks import View, look
from unveil.location.network import Found, marks_seen, union
from unveil.models.catalogue import DEFAULT_MODEL
from unveil.models.session import Session
from unveil.odds import probability_of
from unveil.sizes import resized

Levels = NDArray[np.uint8]
Bools = NDArray[np.bool_]

DRAWN_AT_ONCE = 8
LEAST_PX = 60
"""A found mark has so many pixels."""
MARGIN = (0.1, 0.35)
"""The surroundings that are kept, as a part of a mark's longer side,"""
MARGIN_PX = 6
"""and so many pixels;"""
LEAST_SIDE_PX = 80
"""but a square of this side at least,"""
SHIFT = 0.06
"""off the mark's middle by up to this part of the side."""
TRUE = 0.15
"""Where less than this part of it is marked, what was found is a thing,"""
THINGS = 0.3
"""of which this part is kept;"""
UNSEEN_FROM_TO = (0.2, 0.8)
"""Where not all was seen, so much of the mark was not,"""
UNSEEN_LIKELY = 0.3
"""and up to this part of its probability is left."""
GOOD = 0.95
"""and of marks found with at least this F1,"""
GOOD_KEPT = 0.5
"""this part: there is little to be learnt from them."""


def _marked() -> SynthesisConfig:
    return SynthesisConfig(
        size_px=288, clean=0.01, second_mark=0.08, length_px=(60.0, 225.0), opaque=0.06,
        opacity=(0.14, 0.62), tiled=0.02, varying=0.06, other_blend=0.02, hard_edge=0.5,
        aliased=0.2, jpeg=0.12, noise=0.12, stretch=(0.9, 1.12), rotated=0.12, shadow=0.05,
    )  # fmt: skip


@dataclass(frozen=True)
class CompletionConfig:
    """What the cases look like."""

    synthesis: SynthesisConfig = field(default_factory=_marked)
    """The marked pictures."""
    size_px: int = 160
    """Side of the squares; a multiple of 32."""
    cases: int = 20_000
    """How many are kept; a core draws some five in a second."""
    least_confidence: float = 0.2
    """Marks are taken from this confidence on."""
    opacity_error: float = 0.015
    """Scale of the opacity's error, of Student's t with 4 degrees of freedom."""
    colour_error: float = 0.03
    """Standard error of the colours."""
    one_colour: float = 0.25
    """Squares in which only the commonest of the mark's colours is known."""
    wrong: float = 0.12
    """Squares in which opacity and colours are far off."""
    unseen: float = 0.15
    """Squares with a part of which the network that locates has seen little."""
    negative: float = 0.3
    """Squares whose colours are inverted."""
    kept_in: str = ""
    """File (.npy) with the cases of an earlier run, or where to keep them for a later one; without
    it they are drawn anew."""


class CompletionBatch(NamedTuple):
    """What is known of some marks, and where they are; float32 in [0, 1]."""

    marked: Tensor
    """[B, EVIDENCE, H, W]; the first three channels are the marked pictures."""
    visible: Tensor
    """[B, 1, H, W]: 1 where a mark shows."""


class LocatedMarks:
    """An endless iterator of batches from a fixed number of cases."""

    def __init__(
        self,
        cases: Levels,
        config: CompletionConfig,
        batch_size: int,
        seed: int,
        device: torch.device | str = "cpu",
    ) -> None:
        """cases: see :func:`draw_cases`."""
        self._cases = cases
        self._config = config
        self._batch_size = batch_size
        self.chance = Chance(seed, "cpu")
        self._device = device

    def __iter__(self) -> Iterator[CompletionBatch]:
        while True:
            yield self.draw()

    def draw(self) -> CompletionBatch:
        """The next batch: some of the cases, turned, their channels exchanged, inverted, and with
        the solver's errors."""
        random = np.random.default_rng(int(self.chance.integers(2**62, 1)))
        chosen = random.integers(len(self._cases), size=self._batch_size)
        varied = np.stack([self._varied(self._cases[index], random) for index in chosen])
        planes = torch.from_numpy(varied).movedim(-1, 1).contiguous().to(self._device)
        known, visible = planes.split((EVIDENCE, 1), dim=1)
        return CompletionBatch(known, (visible > 0.5).float())

    def _varied(self, case: Levels, random: np.random.Generator) -> NDArray[np.float32]:
        config = self._config
        down, across, turned = random.random(3) < 0.5
        case = case[::-1] if down else case
        case = case[:, ::-1] if across else case
        case = case.transpose(1, 0, 2) if turned else case
        values = case.astype(np.float32) / 255
        order = random.permutation(3)
        marked, colour, opacity = values[..., order], values[..., 3 + order], values[..., 6]
        if random.random() < config.negative:
            marked, colour = 1 - marked, 1 - colour
        found = values[..., 8] > 0.5
        if found.any() and random.random() < config.one_colour:
            colour = np.broadcast_to(np.median(colour[found], axis=0), colour.shape)
        if random.random() < config.wrong:
            opacity = opacity * np.exp(0.35 * random.normal())
            colour = 0.6 * colour + 0.4 * random.random(3)
        opacity = (opacity + config.opacity_error * random.standard_t(4)).clip(0.04, 1)
        colour = (colour + random.normal(0, config.colour_error, 3)).clip(0, 1)
        if found.any() and random.random() < config.unseen:
            part = int(np.quantile(found.nonzero()[0], random.uniform(*UNSEEN_FROM_TO)))
            values[:part, :, 7:9] *= random.uniform(0, UNSEEN_LIKELY), 0
        return np.dstack([marked, colour, opacity, values[..., 7:]]).astype(np.float32)


def kept_cases(
    pictures: Textures, sprites: Textures, config: CompletionConfig, seed: int
) -> Levels:
    """The cases of config.kept_in, which is written where it does not exist."""
    drawn = draw_cases(pictures, sprites, config, seed)
    return kept(drawn, EVIDENCE + 1, config.cases, config.kept_in)


def draw_cases(
    pictures: Textures, sprites: Textures, config: CompletionConfig, seed: int
) -> Iterator[Levels]:
    """Cases without end: size_px x size_px x (EVIDENCE + 1), what is known of a mark, and where
    marks show."""
    session, random = Session(DEFAULT_MODEL), np.random.default_rng(seed)
    for batch in MarkedPictures(pictures, sprites, config.synthesis, DRAWN_AT_ONCE, seed):
        levels = levels_of(batch.marked), batch.visible[:, 0].numpy()
        for picture, visible in zip(*levels, strict=True):
            seen = look(picture, session)
            found = marks_seen(picture, seen, session, least=config.least_confidence)
            everything = union(found, visible.shape)
            for mark in found:
                mask = union([mark], visible.shape)
                if _is_kept(mask, visible, random):
                    box = _window(mask, random)
                    mark = _recut(mark, mask, seen, box)
                    yield _case(mark, picture, everything & ~mask, visible, config.size_px)


def _is_kept(mask: Bools, visible: Bools, random: np.random.Generator) -> bool:
    found, hit = np.count_nonzero(mask), np.count_nonzero(mask & visible)
    if found < LEAST_PX or (hit < TRUE * found and random.random() > THINGS):
        return False
    is_good = 2 * hit > GOOD * (found + np.count_nonzero(visible))
    return not is_good or random.random() < GOOD_KEPT


def _window(mask: Bools, random: np.random.Generator) -> Box:
    """A square around the mark, within the picture."""
    x0, y0, x1, y1 = around(mask)
    longest, room = max(x1 - x0, y1 - y0), min(mask.shape)
    side = int(longest * (1 + 2 * random.uniform(*MARGIN))) + 2 * MARGIN_PX
    side = min(max(side, LEAST_SIDE_PX), room)
    shift = random.uniform(-SHIFT, SHIFT, 2) * side
    corner = np.array([x0 + x1 - side, y0 + y1 - side]) / 2 + shift
    left, top = corner.round().astype(int).clip(0, np.array(mask.shape[::-1]) - side)
    return left, top, left + side, top + side


def _recut(mark: Found, mask: Bools, seen: View, box: Box) -> Found:
    """The mark in another region; mask: the picture's."""
    area = within(box)
    return replace(
        mark,
        region_xyxy=box,
        mask=mask[area],
        probability=probability_of(seen.odds[area]),
        matte=seen.matte[area],
        colour=seen.colour[area],
    )


def _case(mark: Found, picture: Levels, others: Bools, visible: Bools, size_px: int) -> Levels:
    marked = (picture[mark.area] / 255).astype(np.float32)
    size_hw = (size_px, size_px)
    known = known_of(mark, marked, others[mark.area], size_hw)
    case = np.dstack([known, resized(visible[mark.area], size_hw)])
    return np.rint(case * 255).astype(np.uint8)
