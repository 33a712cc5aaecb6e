"""Where a mark ends: seen best when it is magnified.

Half of the pixels of a thin mark are its rim. The mean over several scales tells marks from things,
but is blurred there; so the surroundings of a mark that was found are looked at once more, at the
magnification that brings it to the size at which the network sees rims best. What lies well within
the mark, and parts that it does not recognise so near, are left to the mean.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.boxes import inside, within
from unveil.location.looks import Closeup, View
from unveil.location.marks import Group
from unveil.masks import dilated
from unveil.models.session import Floats
from unveil.odds import log_odds

MARKED = 0.6
"""Pixels from this probability on are marked, unless another one is asked for,"""
REACH_PX = 12
"""if they lie so close to what was found before."""
WITHIN_PX = 2
"""Well within the mark is what has no unmarked pixel so near."""
SUPPORT_PX = 25
"""Where of the pixels found before, in a square of this side,"""
LEAST_SUPPORT = 0.3
"""less than this part is seen again, they count as they did,"""
LOST = 0.25
"""from this probability on."""


def outlined(
    group: Group, seen: View, closeup: Closeup, threshold: float = MARKED
) -> NDArray[np.bool_]:
    """The pixels of a mark in the closeup's box, h x w; the view's log odds near it are corrected.

    group: the pixels found so far, within that box. threshold: probability from which on a pixel is
    marked.
    """
    area, least = within(closeup.box_xyxy), log_odds(threshold)
    mask = np.zeros(closeup.odds.shape, np.bool_)
    mask[inside(group.box_xyxy, closeup.box_xyxy)] = group.mask
    before = seen.odds[area]
    lost = _count(mask & (closeup.odds > least)) < LEAST_SUPPORT * _count(mask)
    side = 2 * WITHIN_PX + 1
    sharp = np.maximum(closeup.odds, cv2.erode(before, np.ones((side, side))))
    near = dilated(mask, REACH_PX) & ~lost
    kept = mask & (before > min(log_odds(LOST), least))
    seen.odds[area] = np.where(near, sharp, before)
    return np.where(lost, kept, near & (sharp > least))


def _count(mask: NDArray[np.bool_]) -> Floats:
    """How many pixels of the mask lie in the square around each pixel."""
    size = (SUPPORT_PX, SUPPORT_PX)
    total = cv2.boxFilter(mask.astype(np.float32), -1, size, normalize=False)
    return np.asarray(total, np.float32)
