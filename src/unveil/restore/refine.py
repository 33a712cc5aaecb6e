"""Correct what solving, unblending and filling left: a small network sees all that is known.

An error of the matte moves the inverse along B - W: with a' for a, B' - B = (B' - W) * d, where
d = 1 - (1 - a') / (1 - a). So the network gives, for every pixel that may change, a step d along
B - W and a rest in any direction (unveil.lab.networks.refinement).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from unveil.boxes import inside, tiles, within
from unveil.models.session import Session

Floats = NDArray[np.floating]
Refine = Callable[[Floats], Floats]
"""What :func:`evidence` gives, H x W x EVIDENCE -> the background, H x W x 3."""

EVIDENCE = 13
"""Channels of what is known of a mark."""
MODEL = "refine"
"""The bundled model that refines."""
TAKEN = 0.7
"""Corrections are taken at this part: between all of it, which is best in the mean, and half of it,
where a third as many results get worse (docs/experiments.md)."""


def evidence(
    marked: Floats,
    background: Floats,
    colour: Floats,
    matte: Floats,
    probability: Floats,
    mask: NDArray[np.bool_],
    editable: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """All that is known of one mark, H x W x EVIDENCE in [0, 1].

    marked, background, colour: H x W x 3, the picture, what has been restored so far, and the
    mark's colour. matte, probability, mask: H x W, how far a pixel is covered, how likely it is
    marked, and whether it was restored. editable: H x W, the pixels that may change.
    """
    planes = (marked, background, colour, matte, probability, mask, editable)
    return np.dstack(planes).astype(np.float32).clip(0, 1)


class Refiner:
    """Refines with a model; safe to use from several threads."""

    def __init__(self, session: Session) -> None:
        """session: of a model whose task is to refine."""
        self._session = session

    def __call__(self, known: Floats) -> Floats:
        """The background, H x W x 3, tile by tile where there is something that may change."""
        background = known[..., 3:6].copy()
        height, width = background.shape[:2]
        for tile, kept in tiles((0, 0, width, height)):
            part = known[within(tile)]
            if part[..., -1].any():
                correction = self._session.restore(part) - part[..., 3:6]
                background[within(kept)] += TAKEN * correction[inside(kept, tile)]
        return background
