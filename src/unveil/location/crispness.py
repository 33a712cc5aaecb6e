"""How crisp the border of a group of pixels is, and how even what it encloses.

A mark is drawn: it ends within a pixel, or two where it was magnified or stored as JPEG, and an
opaque one is of one colour. A thing went through a lens: it ends no more suddenly than whatever
else is there, and nothing of it is quite even.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.masks import dilated, eroded

Bools = NDArray[np.bool_]
Levels = NDArray[np.uint8]

NEAR_PX, FAR_PX = 1, 5
"""The largest step between neighbouring pixels so close to a place, as a part of the range of all
pixels up to so far from it, is how crisp it is there."""
LEAST_RANGE = 8
"""Of 255; where all are alike, nothing ends."""
RING_PX = (3, 12)
"""So far from the group lie its surroundings."""
LEAST_PLACES = 12
"""Fewer tell nothing."""
USUAL = np.array([0.45, 0.6, 0.7])
"""Taken where they do not: so crisp are most borders."""
EVEN = 2
"""Neighbouring pixels that differ by no more than this, of 255, are alike;"""
LEAST_CORE_PX = 20
"""the group's border is left out, unless less than this remains."""


class Crispness(NamedTuple):
    """All in [0, 1]."""

    border: NDArray[np.floating]
    """3: quartiles of the crispness of a group's border. A step of one pixel's width has 1, a slope
    over more than 2 * FAR_PX pixels less than .1."""
    around: float
    """Median crispness of what is clean around it."""
    even: float
    """The part of its pixels that are like their right neighbours."""


def crispness(rgb: Levels, mask: Bools, clean: Bools) -> Crispness:
    """How crisp and how even a group of pixels is.

    rgb: h x w x 3, the group's surroundings; mask, clean: h x w, its pixels and those of no mark.
    """
    near = np.ones((2 * NEAR_PX + 1,) * 2, np.uint8)
    far = np.ones((2 * FAR_PX + 1,) * 2, np.uint8)
    extent = (cv2.dilate(rgb, far) - cv2.erode(rgb, far)).max(-1)
    levels = rgb.astype(np.int16)
    across = np.abs(np.diff(levels, axis=1)).max(-1)
    down = np.abs(np.diff(levels, axis=0)).max(-1)
    crisp = cv2.dilate(_steps(across, down), near) / np.maximum(extent, 1)
    telling = extent >= LEAST_RANGE
    inner, outer = RING_PX
    border = mask & ~eroded(mask, 1) & telling
    ring = dilated(mask, outer) & ~dilated(mask, inner) & clean & telling
    core = eroded(mask, 1)
    core = core if np.count_nonzero(core) > LEAST_CORE_PX else mask
    alike = across[core[:, 1:] & core[:, :-1]] <= EVEN
    return Crispness(
        _quartiles(crisp[border]),
        float(_quartiles(crisp[ring])[1]),
        float(alike.mean()) if alike.size else 0.5,
    )


def _steps(across: NDArray[np.int16], down: NDArray[np.int16]) -> Levels:
    """The largest difference between each pixel and its four neighbours."""
    steps = np.zeros((across.shape[0], down.shape[1]), np.uint8)
    for part, difference in (
        (np.s_[:, 1:], across),
        (np.s_[:, :-1], across),
        (np.s_[1:], down),
        (np.s_[:-1], down),
    ):
        steps[part] = np.maximum(steps[part], difference)
    return steps


def _quartiles(values: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.quantile(values, (0.25, 0.5, 0.75)) if len(values) >= LEAST_PLACES else USUAL
