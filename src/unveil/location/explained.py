"""How well a mark would explain a group of pixels, by what lies on both sides of its border.

A mark of one colour and one opacity leaves pairs of pixels across its border that follow
J = a * W + (1 - a) * B; a thing that belongs to the picture rarely does. And what it does leave is
mostly best explained by an opacity at which a mark would hardly show, or by one that hides all.
"""

import numpy as np
from numpy.typing import NDArray

from unveil.pairs import OPACITIES, core_of, pairs_of, sure_of

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]

MISFIT = 0.06
"""Log odds by which a group is likelier a thing for each unit of -2 log likelihood of a pair,"""
EXTREME = 2.0
"""for the square of how far the likeliest opacity is from one half,"""
USUAL = 0.5
"""less what most marks have."""
UNKNOWN = 10.0
"""-2 log likelihood of a pair where there are too few: such groups are rarely marks."""


def unexplained(
    picture: Floats, mask: Bools, clean: Bools, probability: Floats, matte: Floats, colour: Floats
) -> float:
    """Log odds by which a group is likelier a thing than a mark, by its border.

    picture: h x w x 3 in [0, 1], the group's surroundings. mask, clean: h x w, its pixels, not
    empty, and those that are no mark's. probability, matte, colour: the network's, h x w, h x w and
    h x w x 3.
    """
    core = core_of(sure_of(mask, probability), matte)
    pairs = pairs_of(picture, core, clean, colour)
    if pairs is None:
        return MISFIT * UNKNOWN - USUAL
    _, unlikely = pairs.fitted()
    best = int(unlikely.argmin())
    extreme = (float(OPACITIES[best]) - 0.5) ** 2
    return MISFIT * float(unlikely[best]) + EXTREME * extreme - USUAL
