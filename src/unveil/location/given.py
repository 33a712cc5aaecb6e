"""Marks where the user says they are."""

import numpy as np
from numpy.typing import NDArray

from unveil.boxes import grown
from unveil.location.looks import CONTEXT_PX, FIRST_SCALES, View, look_closer
from unveil.location.marks import group_pixels
from unveil.location.network import GAP_PX, MARGIN_PX, Found, cut_out
from unveil.models.session import Session


def marks_in_mask(rgb: NDArray[np.uint8], mask: NDArray[np.bool_], session: Session) -> list[Found]:
    """One mark for each part of the mask, H x W bool, with the network's matte and colour.

    What the network thinks does not matter for the mask: all of it is restored, as asked.
    """
    height, width = mask.shape
    seen = View.nothing((height, width))
    found = []
    for group in group_pixels(mask, GAP_PX):
        box = grown(group.box_xyxy, MARGIN_PX + CONTEXT_PX, (height, width))
        look_closer(rgb, box, session, seen, FIRST_SCALES)
        found.append(cut_out(group, seen, (height, width), 1.0, given=True))
    return found
