"""Whether the picture goes on under a group of pixels: what tells a mark from a thing.

Along the border of a translucent mark of one colour, J = a * W + (1 - a) * B: the colours inside
follow those outside, as B is the same on both sides. Those of a thing that belongs to the picture
do not. It does not see opaque marks, and is fooled by shadows, which are marks in all but name.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.masks import dilated

Floats = NDArray[np.floating]

WINDOW_PX = 17
"""Side of the square in which colours inside and outside are averaged."""
ALONG_PX = 97
"""Colours count by how they differ from their mean over this stretch of the border: the mark may
have other colours elsewhere."""
GAP_PX = 2
"""Pixels so close to the mask are neither inside nor outside; inside, a pixel less."""
LEAST_SHARE = 0.05
"""A place counts where so much of its square is outside,"""
LEAST_PLACES = 12
"""and so many of them are needed."""
LEAST_CORE_PX = 20
"""Strokes that leave less than this without their rim are taken as they are."""
NOISE = 3e-4
"""Variance that any border has by chance."""
MOST = 0.98
"""No correlation is higher,"""
SUREST = 8.0
"""and nothing surer than this, in standard errors: light that falls on a thing and on what is
around it makes them go together as well."""


def continuity(picture: Floats, mask: NDArray[np.bool_]) -> float:
    """How surely the picture goes on under the mask, in standard errors; 0 where that cannot be
    told, below 0 where colours inside oppose those outside.

    picture: h x w x 3 in [0, 1], the mask's surroundings; mask: h x w. It is Fisher's z of the
    correlation of both sides' colours over border and channels, whose standard error is 1 over the
    root of the number of independent places less 3.
    """
    core = cv2.erode(mask.view(np.uint8), np.ones((3, 3), np.uint8)).view(np.bool_)
    if np.count_nonzero(core) < LEAST_CORE_PX:
        core = mask
    inside, _ = _mean(picture, core, WINDOW_PX)
    outside, share = _mean(picture, ~dilated(mask, GAP_PX), WINDOW_PX)
    places = core & (share > LEAST_SHARE)
    count = int(np.count_nonzero(places))
    if count < LEAST_PLACES:
        return 0.0
    inner, outer = ((side - _mean(side, places, ALONG_PX)[0])[places] for side in (inside, outside))
    spread = math.sqrt((float((inner**2).mean()) + NOISE) * (float((outer**2).mean()) + NOISE))
    correlation = float(np.clip(float((inner * outer).mean()) / spread, -MOST, MOST))
    errors = math.atanh(correlation) * math.sqrt(max(2 * count / WINDOW_PX - 3, 1))
    return min(max(errors, -SUREST), SUREST)


def _mean(values: Floats, where: NDArray[np.bool_], side_px: int) -> tuple[Floats, Floats]:
    """The mean of h x w x 3 values around each pixel where they count, and the share that does."""
    weight = where.astype(np.float32)
    size, border = (side_px, side_px), cv2.BORDER_CONSTANT
    share = np.asarray(cv2.boxFilter(weight, -1, size, borderType=border), np.float32)
    total = cv2.boxFilter(values * weight[..., None], -1, size, borderType=border)
    return np.asarray(total, np.float32) / np.maximum(share, 1e-6)[..., None], share
