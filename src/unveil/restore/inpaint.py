"""Fill pixels of which nothing is left."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Inpaint = Callable[[NDArray[np.floating], NDArray[np.bool_]], NDArray[np.floating]]
"""A picture, H x W x 3 float32 in [0, 1], and a hole, H x W -> the picture with the hole filled."""

RADIUS_PX = 4


def inpaint(picture: NDArray[np.floating], hole: NDArray[np.bool_]) -> NDArray[np.floating]:
    """The picture, H x W x 3 float32 in [0, 1], with the hole filled from its surroundings.

    Fast marching (Telea, Journal of Graphics Tools 9(1), 2004) as OpenCV has it.
    """
    if not hole.any():
        return picture
    levels = np.rint(picture * 255).astype(np.uint8)
    filled = cv2.inpaint(levels, hole.view(np.uint8), RADIUS_PX, cv2.INPAINT_TELEA)
    return np.where(hole[..., None], filled.astype(np.float32) / 255, picture)
