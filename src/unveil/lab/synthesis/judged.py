"""Groups of pixels that the runtime takes for marks, rightly or not: what judging is learnt from.

Whole pictures, clean and under marks of every kind that is evaluated, are looked at as users'
pictures are. Of each group of pixels that look marked, its features are kept, and how much of it
really is.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from unveil.boxes import within
from unveil.lab.evaluation.kinds import KINDS
from unveil.lab.evaluation.laying import Marked, Task, after_jpeg, lay
from unveil.lab.synthesis.cases import kept
from unveil.lab.synthesis.chance import Chance
from unveil.lab.synthesis.textures import Textures
from unveil.location.features import FEATURES, features_of
from unveil.location.looks import look, look_magnified, reduction_of
from unveil.location.marks import group_pixels
from unveil.location.network import GAP_PX, LEAST_PX, MOST, even_parts
from unveil.models.catalogue import DEFAULT_MODEL
from unveil.models.session import Session
from unveil.odds import log_odds

Levels = NDArray[np.uint8]
Floats = NDArray[np.float32]

CROP = (0.45, 1.0)
"""Sides of a part of a picture, as parts of its own."""
HARDER = tuple(name for name in KINDS if name not in ("plain", "scene-text"))


@dataclass(frozen=True)
class JudgedConfig:
    """What the pictures look like. Each is looked at clean, also reduced, under one mark that is
    plain and under some of the harder kinds."""

    longest_px: tuple[float, float] = (300.0, 1300.0)
    """Longer side of a picture, log-uniform, never more than it has."""
    reductions: tuple[float, ...] = (0.8, 0.62)
    """The clean picture is looked at in these parts of its size as well: few of its things look
    like marks, and each must be known in several sizes."""
    crops: int = 2
    """Parts of the clean picture, sides of CROP of its own, that are looked at as well: things are
    cut off in many ways."""
    harder: int = 2
    """Marks of harder kinds that it is looked at under, one after another."""
    mark_px: tuple[int, int] = (50, 300)
    """Longer side of a plain mark, log-uniform."""
    opacity: tuple[float, float] = (0.2, 1.0)
    """Its opacity, uniform, unless opaque."""
    opaque: float = 0.4
    """Plain marks of full opacity: they let nothing through, so only their looks tell."""
    hard_edge: float = 0.3
    """Plain marks whose every touched pixel has the full opacity before they are scaled, as
    benchmark protocols force it."""
    aliased: float = 0.1
    """Plain marks that cover every pixel fully or not at all."""
    jpeg: float = 0.25
    """Pictures under a plain mark that are stored as JPEG."""
    jpeg_quality: tuple[int, int] = (70, 97)
    """Range of that JPEG's quality."""
    printed: float = 1.0
    """Pictures that are looked at once more with text that belongs there."""
    cases: int = 20_000
    """Groups that are kept; a core finds some twenty in a second."""
    kept_in: str = ""
    """File (.npy) with the cases of an earlier run, or where to keep them for a later one; without
    it they are drawn anew."""


class JudgedBatch(NamedTuple):
    """Some groups; float32, one place each, as a network of pictures takes them."""

    marked: Tensor
    """[B, FEATURES, 1, 1]: their features."""
    visible: Tensor
    """[B, 1, 1, 1]: the part of the group where a mark really shows."""
    clean: Tensor
    """[B, 1, 1, 1]: 1 where the whole picture has no mark."""


class JudgedGroups:
    """An endless iterator of batches from a fixed number of cases."""

    def __init__(
        self, cases: Floats, batch_size: int, seed: int, device: torch.device | str = "cpu"
    ) -> None:
        """cases: see :func:`draw_cases`."""
        self._cases = torch.from_numpy(cases)[..., None, None].to(device)
        self._batch_size = batch_size
        self.chance = Chance(seed, "cpu")

    def __iter__(self) -> Iterator[JudgedBatch]:
        while True:
            yield self.draw()

    def draw(self) -> JudgedBatch:
        """The next batch."""
        chosen = self._cases[self.chance.integers(len(self._cases), self._batch_size)]
        return JudgedBatch(*chosen.split((FEATURES, 1, 1), dim=1))


def kept_cases(pictures: Textures, sprites: Textures, config: JudgedConfig, seed: int) -> Floats:
    """The cases of config.kept_in, which is written where it does not exist."""
    drawn = draw_cases(pictures, sprites, config, seed)
    return kept(drawn, FEATURES + 2, config.cases, config.kept_in)


def draw_cases(
    pictures: Textures, sprites: Textures, config: JudgedConfig, seed: int
) -> Iterator[Floats]:
    """Cases without end, FEATURES + 2 each: a group's features, the part of it where a mark shows,
    and whether its picture is clean."""
    session = Session(DEFAULT_MODEL)
    random = np.random.default_rng(seed)

    def drawn(seed: int) -> list[Floats]:
        views = draw_views(pictures, sprites, config, np.random.default_rng(seed))
        return [case for marked, mask in views for case in judged(marked, mask, session)]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        while True:
            for cases in pool.map(drawn, random.integers(2**63, size=64)):
                yield from cases


def draw_views(
    pictures: Textures, sprites: Textures, config: JudgedConfig, random: np.random.Generator
) -> Iterator[tuple[Levels, NDArray[np.bool_] | None]]:
    """One picture, clean and marked, each with the visibly marked pixels; None for a clean one."""
    picture = pictures.original(int(random.integers(len(pictures))))
    longest = np.exp(random.uniform(*np.log(config.longest_px)))
    factor = min(1.0, longest / max(picture.shape[:2]))
    picture = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    if random.random() < 0.5:
        picture = picture[:, ::-1]
    picture = np.ascontiguousarray(picture, np.uint8)
    yield picture, None
    for part in config.reductions:
        smaller = cv2.resize(picture, None, fx=part, fy=part, interpolation=cv2.INTER_AREA)
        yield np.asarray(smaller, np.uint8), None
    for _ in range(config.crops):
        yield _cropped(picture, random), None

    def task() -> Task:
        sprite = sprites.original(int(random.integers(len(sprites))))
        return Task(random, picture, Image.fromarray(sprite))

    if random.random() < config.printed:
        yield KINDS["scene-text"](task()).marked, None
    kinds = (KINDS[name] for name in random.choice(HARDER, config.harder, replace=False))
    for done in (_plain(task(), config), *(kind(task()) for kind in kinds)):
        yield np.ascontiguousarray(done.marked), done.mask


def judged(rgb: Levels, visible: NDArray[np.bool_] | None, session: Session) -> Iterator[Floats]:
    """The cases of one picture, H x W x 3, whose visibly marked pixels are known."""
    seen = look(rgb, session)
    for group in group_pixels(seen.odds > log_odds(session.card.threshold), GAP_PX, LEAST_PX):
        closeup = look_magnified(rgb, group, seen, session, reduction_of(rgb.shape[:2]))
        for part in even_parts(group, seen.odds):
            if np.count_nonzero(part.mask) <= MOST * seen.odds.size:
                shows = 0.0 if visible is None else visible[within(part.box_xyxy)][part.mask].mean()
                truth = (shows, visible is None)
                features = features_of(part, seen, closeup, rgb)
                yield np.array([*features, *truth], np.float32)


def _cropped(picture: Levels, random: np.random.Generator) -> Levels:
    """Any part of the picture, sides of CROP of its own."""
    size_hw = np.array(picture.shape[:2])
    height, width = (size_hw * random.uniform(*CROP, 2)).astype(int)
    top, left = random.integers(size_hw - (height, width) + 1)
    return np.ascontiguousarray(picture[top : top + height, left : left + width])


def _plain(task: Task, config: JudgedConfig) -> Marked:
    opacity = 1.0 if task.rng.random() < config.opaque else task.uniform(config.opacity)
    if task.rng.random() < config.hard_edge:
        task = replace(task, logo=_hardened(task.logo, 0))
    mark = task.sized(config.mark_px)
    if task.rng.random() < config.aliased:
        mark = _hardened(mark, 127)
    done = lay(task, task.placed(mark), opacity)
    if task.rng.random() < config.jpeg:
        done = after_jpeg(done, int(task.rng.integers(*config.jpeg_quality)))
    return done


def _hardened(mark: Image.Image, above: int) -> Image.Image:
    """The mark with every pixel whose alpha is above that level opaque, the others transparent."""
    hard = mark.copy()
    hard.putalpha(mark.getchannel("A").point([255 * (level > above) for level in range(256)]))
    return hard
