"""Masks: bool H x W arrays, True = marked."""

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.boxes import around, within

Mask = NDArray[np.bool_]


def dilated(mask: Mask, radius_px: int) -> Mask:
    """Every pixel within a square of the given radius around a True one."""
    size = 2 * radius_px + 1
    return cv2.dilate(mask.view(np.uint8), np.ones((size, size), np.uint8)).view(np.bool_)


def eroded(mask: Mask, radius_px: int) -> Mask:
    """The pixels around which a square of the given radius is True, or beyond the picture."""
    kernel = np.ones((2 * radius_px + 1,) * 2, np.uint8)
    return cv2.erode(mask.view(np.uint8), kernel, borderValue=1).view(np.bool_)


def connected(mask: Mask, seed: Mask) -> Mask:
    """The connected parts of a mask that contain a pixel of the seed."""
    whole = np.zeros_like(mask)
    if mask.any():
        area = within(around(mask))  # labels of a large picture take much memory
        part = np.ascontiguousarray(mask[area]).view(np.uint8)
        labels = np.asarray(cv2.connectedComponents(part, connectivity=8)[1], np.intp)
        kept = np.zeros(int(labels.max()) + 1, np.bool_)
        kept[labels[seed[area] & mask[area]]] = True
        kept[0] = False
        whole[area] = kept[labels]
    return whole


def nearest(mask: Mask) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Distance in pixels to the nearest True pixel, H x W, and that pixel's flat index, H x W.

    At least one pixel must be True.
    """
    distance, label = cv2.distanceTransformWithLabels(
        (~mask).view(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    label = np.asarray(label, np.intp)
    position = np.zeros(int(label.max()) + 1, np.intp)
    position[label[mask]] = np.flatnonzero(mask)
    return np.asarray(distance, np.float32), position[label]


def nearest_within(mask: Mask, pieces: Mask) -> NDArray[np.intp]:
    """The nearest True pixel's flat index, H x W, within the same connected piece where that has
    one.

    mask: at least one pixel True. pieces: H x W, what is connected in it is one piece.
    """
    index = nearest(mask)[1]
    _, label, stats, _ = cv2.connectedComponentsWithStats(pieces.view(np.uint8), connectivity=8)
    strayed = pieces & (label != label.ravel()[index])
    for piece in np.intersect1d(label[strayed], label[mask & pieces]):
        x, y, width, height, _ = stats[piece]
        box = np.s_[y : y + height, x : x + width]
        own = label[box] == piece
        rows, columns = np.divmod(nearest(mask[box] & own)[1], width)
        index[box][own] = ((y + rows) * mask.shape[1] + x + columns)[own]
    return index
