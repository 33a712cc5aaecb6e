"""Where a mark has other colours than is known so far, as a network sees it.

Unblended with the colour W of the plate that it lies on, a figure of colour V leaves
a * (V - W) / (1 - a) of itself in the background: letters and drawings, which a network knows when
it sees them (unveil.lab.networks.figures). It looks at the whole mark in a small size.
"""

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.boxes import Box, around, grown, within
from unveil.models.session import Session
from unveil.restore.field import background_of
from unveil.sizes import fitted, resized

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]


class Figures(NamedTuple):
    """What is seen on a mark; float32 in [0, 1]."""

    probability: Floats
    """H x W: that the mark has another colour there than is known."""
    colour: Floats
    """H x W x 3: that colour."""


FindFigures = Callable[[Floats, Bools, Bools, Floats, float], Figures]
"""From the picture, H x W x 3, the pixels that the mark covers fully and those without any mark,
both H x W, the mark's colours as known so far, H x W x 3, and its opacity."""

EVIDENCE = 12
"""Channels of what is known of a mark."""
MODEL = "figures"
"""The bundled model that finds figures."""
LONGEST_PX = 128
"""A mark with its surroundings is looked at in this size, or its own if that is less."""
LEAST_SIDE_PX = 16
AROUND = 0.1
"""The surroundings, as a part of its longer side,"""
AROUND_PX = 6
"""and so many pixels."""
WHOLE = 0.99
"""Pixels of the small size count if more than this part of them does."""


class FigureFinder:
    """Finds figures with a model; safe to use from several threads."""

    def __init__(self, session: Session) -> None:
        """session: of a model whose task is to find figures."""
        self._session = session

    def __call__(
        self, marked: Floats, inside: Bools, clean: Bools, colour: Floats, opacity: float
    ) -> Figures:
        """inside: not empty. opacity: below 1."""
        size_hw = marked.shape[:2]
        box = _surroundings(inside)
        area = within(box)
        small = fitted(inside[area].shape, LONGEST_PX, LEAST_SIDE_PX)
        known = evidence(
            resized(marked[area], small),
            resized(inside[area], small) > WHOLE,
            resized(clean[area], small) > WHOLE,
            resized(colour[area], small),
            opacity,
        )
        seen = cv2.resize(self._session.restore(known), inside[area].shape[::-1])
        seen *= inside[area][..., None]
        whole = np.zeros((*size_hw, 4), np.float32)
        whole[area] = seen
        return Figures(whole[..., 3], whole[..., :3])


def evidence(
    marked: Floats, inside: Bools, clean: Bools, colour: Floats, opacity: float
) -> NDArray[np.float32]:
    """All that is known of a mark, H x W x EVIDENCE: the picture, the background that follows from
    the colours, not cut off at 0 and 1, the colours, where the mark is and where none is, and its
    opacity; see FindFigures."""
    background = background_of(marked, inside, colour, opacity)
    under, even = colour * inside[..., None], np.full(inside.shape, opacity)
    return np.dstack([marked, background, under, inside, clean, even]).astype(np.float32)


def _surroundings(inside: Bools) -> Box:
    """The box of the mark with what lies around."""
    box = around(inside)
    longest = max(box[2] - box[0], box[3] - box[1])
    return grown(box, AROUND_PX + round(AROUND * longest), inside.shape)
