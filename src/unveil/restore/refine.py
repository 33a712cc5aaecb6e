"""Correct what location, solving, unblending and filling left: a small network sees all that is
known.

An error of the matte moves the inverse along B - W: with a' for a, B' - B = (B' - W) * d, where
d = 1 - (1 - a') / (1 - a). So the network gives, for every pixel that may change, a step d along
B - W and a rest in any direction (unveil.lab.networks.refinement). By now opacity and colours are
known, which the network that located the mark had to guess: so it also says at which pixels the
mark really shows.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unveil.boxes import inside, tiles, within
from unveil.models.session import Session

Floats = NDArray[np.floating]


class Refined(NamedTuple):
    """A mark's corrected restoration, float32 in [0, 1]."""

    background: Floats
    """H x W x 3."""
    visible: Floats
    """H x W: probability that the mark shows at the pixel, where it may change."""


Refine = Callable[[Floats], Refined]
"""From what :func:`evidence` gives, H x W x EVIDENCE."""

EVIDENCE = 14
"""Channels of what is known of a mark."""
MODEL = "refine"
"""The bundled model that refines."""
TAKEN = 0.85
"""Corrections are taken at this part: between all of it, which is best in the mean, and half of it,
where a third as many results get worse (docs/experiments.md)."""


def evidence(
    marked: Floats,
    background: Floats,
    colour: Floats,
    opacity: float,
    matte: Floats,
    probability: Floats,
    mask: NDArray[np.bool_],
    editable: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """All that is known of one mark, H x W x EVIDENCE in [0, 1].

    marked, background, colour: H x W x 3, the picture, what has been restored so far, and the
    mark's colour. opacity: the mark's, so that a pixel beside it can be asked what would lie there
    if it were marked. matte, probability, mask: H x W, how far a pixel is covered, how likely it is
    marked, and whether it was restored. editable: H x W, the pixels that may change.
    """
    even = np.full_like(matte, opacity)
    planes = (marked, background, colour, even, matte, probability, mask, editable)
    return np.dstack(planes).astype(np.float32).clip(0, 1)


class Refiner:
    """Refines with a model; safe to use from several threads."""

    def __init__(self, session: Session) -> None:
        """session: of a model whose task is to refine."""
        self._session = session

    def __call__(self, known: Floats) -> Refined:
        """Tile by tile, where there is something that may change."""
        background = known[..., 3:6].copy()
        height, width = background.shape[:2]
        visible = np.zeros((height, width), np.float32)
        for tile, kept in tiles((0, 0, width, height)):
            part = known[within(tile)]
            if part[..., -1].any():
                seen, inner = self._session.restore(part), inside(kept, tile)
                correction = seen[..., :3] - part[..., 3:6]
                background[within(kept)] += TAKEN * correction[inner]
                visible[within(kept)] = seen[..., 3][inner]
        return Refined(background, visible)
