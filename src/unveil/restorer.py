"""Take marks off with a model that gives back whole pictures: it looks, and its result is written
only where the mark is."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.boxes import OVERLAP_PX, Box, grown, inside, tiles, within
from unveil.location.marks import Group, group_pixels
from unveil.location.network import GAP_PX, LEAST_PX, MARGIN_PX, Found
from unveil.masks import dilated
from unveil.models.session import Session
from unveil.restore.mark import Restored, remaining_step

Floats = NDArray[np.floating]

SMOOTHED_PX = 5
"""A change is judged by its mean over a square of this side: marks are made of strokes, errors of
single pixels."""


def remove_by_network(
    rgb: NDArray[np.uint8], session: Session, mask: NDArray[np.bool_] | None
) -> Iterator[tuple[Found, Restored]]:
    """Each mark of a picture, H x W x 3, and what the model makes of its pixels; largest first.

    mask: H x W, where the marks are; without it, wherever the model changes the picture by more
    than its card's threshold.
    """
    marked = rgb.astype(np.float32) / 255
    size_hw = marked.shape[:2]
    if mask is None:
        background = restored_whole(marked, session)
        mask = changed(marked, background, session.card.threshold)
        groups = group_pixels(mask, GAP_PX, LEAST_PX)
        given = False
    else:
        groups, given = group_pixels(mask, GAP_PX), True
        background = marked.copy()
        for group in groups:
            box = grown(group.box_xyxy, MARGIN_PX + OVERLAP_PX, size_hw)
            background[within(box)] = restored(marked, box, session)
    for group in groups:
        yield _mark(group, marked, background, mask, given)


def restored_whole(picture: Floats, session: Session) -> Floats:
    """What the model makes of all of the picture, H x W x 3."""
    return restored(picture, (0, 0, picture.shape[1], picture.shape[0]), session)


def restored(picture: Floats, box: Box, session: Session) -> Floats:
    """What the model makes of a box of the picture, tile by tile; the box's h x w x 3."""
    whole = np.empty_like(picture[within(box)])
    for tile, kept in tiles(box):
        seen = session.restore(picture[within(tile)])
        whole[inside(kept, box)] = seen[inside(kept, tile)]
    return whole


def changed(picture: Floats, background: Floats, threshold: float) -> NDArray[np.bool_]:
    """H x W: where the two differ by more than the threshold, on average over a few pixels; with a
    threshold of 0, everywhere."""
    if threshold <= 0:
        return np.ones(picture.shape[:2], np.bool_)
    change = np.abs(background - picture).max(-1)
    mean = np.asarray(cv2.boxFilter(change, -1, (SMOOTHED_PX, SMOOTHED_PX)), np.float32)
    return mean > threshold


def _mark(
    group: Group, picture: Floats, background: Floats, everything: NDArray[np.bool_], given: bool
) -> tuple[Found, Restored]:
    region = grown(group.box_xyxy, MARGIN_PX, (picture.shape[0], picture.shape[1]))
    area = within(region)
    mask = np.zeros(everything[area].shape, np.bool_)
    mask[inside(group.box_xyxy, region)] = group.mask
    weight = mask.astype(np.float32)
    found = Found(
        region_xyxy=region,
        mask=mask,
        probability=weight,
        matte=weight,
        colour=np.zeros((*mask.shape, 3), np.float32),
        confidence=1.0,
        trust=1.0,
        given=given,
    )
    clean = ~dilated(everything[area], 1)
    result = Restored(
        background=np.where(mask[..., None], background[area], picture[area]),
        mask=mask,
        matte=weight,
        confidence=1 - weight,
        opacity=None,
        colours=np.zeros((0, 3), np.float32),
        method="network",
        step=remaining_step(picture[area], background[area], mask, clean),
    )
    return found, result
