"""How well a mark would explain a group of pixels, by what lies on both sides of its border.

A mark of one colour and one opacity leaves pairs of pixels across its border that follow
J = a * W + (1 - a) * B; a thing that belongs to the picture rarely does. And what it does leave is
mostly best explained by an opacity at which a mark would hardly show, or by one that hides all.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unveil.pairs import OPACITIES, pairs_of

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]


class Explanation(NamedTuple):
    """The mark of one colour that explains the border best."""

    misfit: float
    """-2 log likelihood of a pair: half of the marks have 3 to 9, half of the things 8 to 14."""
    opacity: float
    colour: Floats
    """3, in [0, 1]."""
    pairs: int
    """By how many pairs it was judged."""


def explained(picture: Floats, core: Bools, clean: Bools, colour: Floats) -> Explanation | None:
    """The explanation of a group's border; None where there are too few pairs.

    picture: h x w x 3 in [0, 1], the group's surroundings. core, clean: h x w, the pixels that it
    covers fully, not empty, and those that are no mark's. colour: h x w x 3, the network's.
    """
    pairs = pairs_of(picture, core, clean, colour)
    if pairs is None:
        return None
    colours, unlikely = pairs.fitted()
    best = int(unlikely.argmin())
    colour = colours[:, best].clip(0, 1)
    return Explanation(float(unlikely[best]), float(OPACITIES[best]), colour, len(pairs))
