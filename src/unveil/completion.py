"""Look at a mark that was found as a whole: what belongs to it, and what only lies beside it.

Where a mark is faint or lies on texture, the network that locates sees parts of it, and parts of
the picture with them. But from what it surely found, opacity and colours can be solved; then any
pixel can be asked what would lie there if it were marked, and that goes on as the surroundings do
only where it is. A second network (unveil.lab.networks.completion) sees this, what the first one
thinks, and the whole mark at once, in a small size: it closes the letters, rings and frames that
texture has hidden, and lets go what is none of them. What it says is added, in log odds, to what is
known at full size, whose rims are sharper.
"""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.location.network import LEAST_PX, Found, find_marks, trimmed, union
from unveil.location.outline import MARKED
from unveil.masks import dilated
from unveil.models.session import Session
from unveil.odds import log_odds, probability_of
from unveil.pairs import sure_of
from unveil.restore.colours import cores_of
from unveil.restore.opacity import solve
from unveil.sizes import fitted, resized

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]

EVIDENCE = 10
"""Channels of what is known of a mark,"""
THOUGHT = 7
"""and that of the probability so far."""
MODEL = "complete"
"""The bundled model that completes marks."""
LONGEST_PX = 224
"""A mark with its surroundings is looked at in this size,"""
MOST_MAGNIFIED = 2.0
"""but magnified by no more than this."""
LEAST_SIDE_PX = 32
WITHIN_PX = 4
"""Well within a mark, where no pixel so near is less likely, it stays as likely as that."""
UNLIKELY = 0.1
"""Up to this probability pixels around are taken as clean,"""
LEAST_CLEAN_PX = 200
"""if there are so many."""


class Completer:
    """Completes marks with a model; safe to use from several threads."""

    def __init__(self, session: Session) -> None:
        """session: of a model whose task is to complete."""
        self._session = session

    def __call__(
        self, mark: Found, marked: Floats, others: Bools, threshold: float = MARKED
    ) -> Found:
        """The mark with its pixels and their probability decided once more.

        marked: the mark's region of the picture, h x w x 3 in [0, 1]. others: h x w, the pixels of
        other marks. threshold: probability from which on a pixel is marked.
        """
        before = log_odds(mark.probability)
        change = cv2.resize(self._change(mark, marked, others), before.shape[::-1])
        side = 2 * WITHIN_PX + 1
        after = np.maximum(before + change, cv2.erode(before, np.ones((side, side))))
        odds = np.where(others, before, after)
        mask = (odds > log_odds(threshold)) & ~others
        if np.count_nonzero(mask) < LEAST_PX:
            return trimmed(mark)
        probability = probability_of(odds).astype(np.float32)
        trust = float(probability[mask].mean())
        return trimmed(replace(mark, mask=mask, probability=probability, trust=trust))

    def _change(self, mark: Found, marked: Floats, others: Bools) -> Floats:
        """By how much the log odds change, in the small size."""
        size_hw = fitted(marked.shape[:2], LONGEST_PX, LEAST_SIDE_PX, MOST_MAGNIFIED)
        known = known_of(mark, marked, others, size_hw)
        seen = self._session.restore(known)[..., 0]
        return np.asarray(log_odds(seen) - log_odds(known[..., THOUGHT]), np.float32)


def find_whole_marks(
    rgb: NDArray[np.uint8],
    session: Session,
    complete: Completer,
    threshold: float | None = None,
) -> list[Found]:
    """The marks of a picture, each looked at as a whole; see
    :func:`unveil.location.network.find_marks`."""
    found = find_marks(rgb, session, threshold)
    least = MARKED if threshold is None else threshold
    everything = union(found, rgb.shape[:2])
    for index, mark in enumerate(found):
        everything[mark.area] &= ~mark.mask
        marked = (rgb[mark.area] / 255).astype(np.float32)
        found[index] = whole = complete(mark, marked, everything[mark.area], least)
        everything[whole.area] |= whole.mask
    return found


def known_of(
    mark: Found, marked: Floats, others: Bools, size_hw: tuple[int, int]
) -> NDArray[np.float32]:
    """The evidence of one mark in a small size, its opacity and colours solved.

    marked: the mark's region of the picture, h x w x 3 in [0, 1]. others: h x w, the pixels of
    other marks.
    """
    clean = ~dilated(mark.mask | others, 1)
    unlikely = clean & (mark.probability < UNLIKELY)
    clean = unlikely if np.count_nonzero(unlikely) >= LEAST_CLEAN_PX else clean
    sure = sure_of(mark.mask, mark.probability)
    core = cores_of(sure, mark.matte, mark.colour)
    solution = solve(marked, core, clean, mark.matte, mark.colour, mark.trust)
    return evidence(
        resized(marked, size_hw, cv2.INTER_CUBIC),
        resized(solution.colour, size_hw),
        solution.opacity,
        resized(mark.probability, size_hw),
        resized(mark.mask, size_hw),
        resized(mark.matte, size_hw),
    )


def evidence(
    marked: Floats,
    colour: Floats,
    opacity: float,
    probability: Floats,
    mask: Floats,
    matte: Floats,
) -> NDArray[np.float32]:
    """All that is known of one mark, H x W x EVIDENCE in [0, 1].

    marked, colour: H x W x 3, the picture and the mark's colour, which every pixel is asked about.
    opacity: the mark's. probability, matte: H x W, the network's. mask: H x W, what was found.
    """
    even = np.full(mask.shape, opacity)
    planes = (marked, colour, even, probability, mask, matte)
    return np.dstack(planes).astype(np.float32).clip(0, 1)
