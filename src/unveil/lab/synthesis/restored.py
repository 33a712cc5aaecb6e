"""Cases for refinement: marks that the runtime itself has found and restored, mistakes included.

Marked pictures without end go through location, solver, unblending and filling as users' pictures
do; what is then known of each mark is kept beside the clean picture. As that takes longer than a
training step, a number of cases is kept and drawn from, each time cut, turned and coloured in
another way.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from unveil.boxes import within
from unveil.completion import MODEL as COMPLETING_MODEL
from unveil.completion import Completer, find_whole_marks
from unveil.lab.synthesis.cases import kept
from unveil.lab.synthesis.chance import Chance
from unveil.lab.synthesis.config import SynthesisConfig
from unveil.lab.synthesis.marked import MarkedPictures, levels_of
from unveil.lab.synthesis.textures import Textures
from unveil.location.given import marks_in_mask
from unveil.location.network import Found, union
from unveil.models.catalogue import DEFAULT_MODEL
from unveil.models.session import Session
from unveil.pipeline import restore_found
from unveil.restore.figures import MODEL as FIGURE_MODEL
from unveil.restore.figures import FigureFinder, FindFigures
from unveil.restore.refine import EVIDENCE, Refined

Levels = NDArray[np.uint8]

COLOURS = (slice(0, 3), slice(3, 6), slice(6, 9), slice(EVIDENCE, EVIDENCE + 3))
"""Channels of a case that are pictures: marked, restored so far, the mark's colour; the truth."""
DRAWN_AT_ONCE = 8


def _marked() -> SynthesisConfig:
    return SynthesisConfig(
        size_px=256, clean=0.02, second_mark=0.1, length_px=(36.0, 360.0), opaque=0.2,
        hard_edge=0.5, aliased=0.2, tiled=0.04, other_blend=0.08, reduced=0.15, jpeg=0.2,
        noise=0.15,
    )  # fmt: skip


@dataclass(frozen=True)
class RefinementConfig:
    """What the cases look like."""

    synthesis: SynthesisConfig = field(default_factory=_marked)
    """The marked pictures."""
    size_px: int = 128
    """Side of the square crops that are trained on; a multiple of 8."""
    case_px: int = 160
    """Side of what is kept of a mark, from which they are cut."""
    cases: int = 20_000
    """How many are kept; a core restores some two in a second."""
    given: float = 0.3
    """Pictures whose mask is given, instead of found."""
    negative: float = 0.3
    """Crops whose colours are inverted."""
    kept_in: str = ""
    """File (.npy) with the cases of an earlier run, or where to keep them for a later one; without
    it they are drawn anew."""


class RefinementBatch(NamedTuple):
    """What is known of some marks, and what was under them; float32 in [0, 1]."""

    marked: Tensor
    """[B, EVIDENCE, H, W]; the first three channels are the marked pictures."""
    clean: Tensor
    """[B, 3, H, W]"""
    visible: Tensor
    """[B, 1, H, W]: 1 where the mark shows."""


class RestoredMarks:
    """An endless iterator of batches from a fixed number of cases."""

    def __init__(
        self,
        cases: Levels,
        config: RefinementConfig,
        batch_size: int,
        seed: int,
        device: torch.device | str = "cpu",
    ) -> None:
        """cases: see :func:`draw_cases`."""
        self._cases = torch.from_numpy(cases)
        self._config = config
        self._batch_size = batch_size
        self.chance = Chance(seed, "cpu")
        self._device = device

    def __iter__(self) -> Iterator[RefinementBatch]:
        while True:
            yield self.draw()

    def draw(self) -> RefinementBatch:
        """The next batch: some of the cases, cut, turned, their channels exchanged, inverted."""
        count, chance = self._batch_size, self.chance
        chosen = self._cases[chance.integers(len(self._cases), count)]
        levels = torch.stack([self._varied(case) for case in chosen]).to(self._device)
        planes = levels.movedim(-1, 1).float() / 255
        return RefinementBatch(*planes.split((EVIDENCE, 3, 1), dim=1))

    def _varied(self, case: Tensor) -> Tensor:
        chance, size = self.chance, self._config.size_px
        top, left = chance.integers(case.shape[0] - size + 1, 2).tolist()
        crop = case[top : top + size, left : left + size]
        down, across, turned = chance.happens(0.5, 3).tolist()
        crop = crop.flip([axis for axis, is_flipped in enumerate((down, across)) if is_flipped])
        crop = (crop.transpose(0, 1) if turned else crop).clone()
        order = torch.randperm(3, generator=chance.generator)
        negative = bool(chance.happens(self._config.negative, 1))
        for channels in COLOURS:
            colour = crop[..., channels][..., order]
            crop[..., channels] = 255 - colour if negative else colour
        return crop


def kept_cases(
    pictures: Textures, sprites: Textures, config: RefinementConfig, seed: int
) -> Levels:
    """The cases of config.kept_in, which is written where it does not exist."""
    drawn = draw_cases(pictures, sprites, config, seed)
    return kept(drawn, EVIDENCE + 4, config.cases, config.kept_in)


def draw_cases(
    pictures: Textures, sprites: Textures, config: RefinementConfig, seed: int
) -> Iterator[Levels]:
    """Cases without end: case_px x case_px x (EVIDENCE + 4), what is known of a mark, the clean
    picture, and where the mark shows."""
    source = MarkedPictures(pictures, sprites, config.synthesis, DRAWN_AT_ONCE, seed)
    known_each = partial(
        known_marks,
        session=Session(DEFAULT_MODEL),
        complete=Completer(Session(COMPLETING_MODEL)),
        find_figures=FigureFinder(Session(FIGURE_MODEL)),
    )
    random = np.random.default_rng(seed)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for batch in source:
            marked, clean = levels_of(batch.marked), levels_of(batch.background)
            visible = batch.visible[:, 0].numpy()
            given = (random.random(len(marked)) < config.given) & visible.any((1, 2))
            for known in pool.map(known_each, marked, clean, visible, given):
                for case in known:
                    yield _window(case, config.case_px, random)


def known_marks(
    marked: Levels,
    clean: Levels,
    visible: NDArray[np.bool_],
    given: bool,
    session: Session,
    complete: Completer,
    find_figures: FindFigures | None = None,
) -> list[Levels]:
    """What is known of each mark of a picture, restored without refinement, and the truth:
    h x w x (EVIDENCE + 4).

    marked, clean: H x W x 3. visible: H x W, where the marks show. given: they are not to be found.
    """
    if given:
        found = marks_in_mask(marked, visible, session)
    else:
        found = find_whole_marks(marked, session, complete)
    picture = (marked / 255).astype(np.float32)
    everything = union(found, visible.shape)
    truth = np.dstack([clean, 255 * visible.astype(np.uint8)])
    return [
        np.dstack(
            [_known(mark, picture, everything, find_figures), truth[within(mark.region_xyxy)]]
        )
        for mark in found
    ]


def _known(
    mark: Found,
    picture: NDArray[np.float32],
    everything: NDArray[np.bool_],
    find_figures: FindFigures | None,
) -> Levels:
    seen: list[NDArray[np.floating]] = []

    def keep(evidence: NDArray[np.floating]) -> Refined:
        seen.append(evidence)
        return Refined(evidence[..., 3:6], evidence[..., -1])

    restore_found(mark, picture[mark.area], everything, refine_by=keep, find_figures=find_figures)
    return np.rint(seen[0] * 255).astype(np.uint8)


def _window(case: Levels, size_px: int, random: np.random.Generator) -> Levels:
    """A square part of the case around one of its pixels that may change; a smaller case is
    continued by its outermost pixels."""
    height, width = case.shape[:2]
    pad = ((0, max(0, size_px - height)), (0, max(0, size_px - width)), (0, 0))
    case = np.pad(case, pad, mode="edge")
    rows, columns = np.nonzero(case[..., EVIDENCE - 1])
    chosen = random.integers(max(1, len(rows)))
    middle = (rows[chosen], columns[chosen]) if len(rows) else (height // 2, width // 2)
    corner = np.array(middle) - size_px // 2 + random.integers(-size_px // 3, size_px // 3, 2)
    top, left = corner.clip(0, np.array(case.shape[:2]) - size_px)
    return case[top : top + size_px, left : left + size_px]
