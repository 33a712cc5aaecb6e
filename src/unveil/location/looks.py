"""How the network looks at a picture: at full size, and closer where something may be.

A mark looks like one at several scales, a thing that belongs to the picture often does not: the
mean of the log odds of two scales finds more faint marks at the same false alarms than either
(docs/experiments.md). Pictures are large and marks are small: the whole picture is looked at once,
reduced to at most OVERVIEW_PX pixels; only the surroundings of what may be marked there are looked
at with all of SCALES, tile by tile, so the cost grows with the marked area and the memory with the
tile. In a picture that was reduced, what is longer than LONGEST_PX is looked at reduced as well:
larger marks are unknown to the network.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.boxes import OVERLAP_PX, Box, grown, inside, tiles, within
from unveil.location.marks import Group, group_pixels
from unveil.models.session import Floats, Session
from unveil.odds import log_odds, probability_of

FIRST_SCALES = (1.0,)
"""Magnifications at which the whole picture is looked at."""
CLOSER_SCALES = (math.sqrt(2.0),)
"""Magnifications at which the surroundings of what may be marked are looked at as well."""
SCALES = FIRST_SCALES + CLOSER_SCALES

OVERVIEW_PX = 1024 * 1024
"""A picture of up to so many pixels is looked at in one piece; a larger one is reduced to it."""
SCALED_FROM_PX = 64
"""Smaller pictures are looked at in their own size only."""
CANDIDATE = 0.1
"""Pixels from this probability on, at first look, are worth a closer one."""
CANDIDATE_GAP_PX = 48
"""Candidates closer to each other than this are looked at together."""
CANDIDATE_LEAST_PX = 4
"""Fewer pixels than this are not worth a look."""
CONTEXT_PX = 48
"""Of the surroundings of what may be a mark, so much is looked at; a tile's overlap in a picture
that was reduced, of which nothing else is seen at full size."""
LONGEST_PX = 320
"""A mark is seen best where its longer side is brought to this length,"""
MOST_MAGNIFIED = 2.0
"""but magnified by no more than this."""
AS_GOOD = 0.8
"""From this part of that magnification on, it is seen as well."""


@dataclass(frozen=True)
class View:
    """What was seen in a picture of H x W pixels; float32."""

    odds: Floats
    """H x W: log odds that the pixel is visibly marked."""
    matte: Floats
    """H x W: opacity of the mark, in [0, 1]."""
    colour: Floats
    """H x W x 3: colour of the mark, in [0, 1], meaningful where there is one."""
    at_own_size: Floats | None = None
    """H x W: log odds of a look at the whole picture in its own size alone, where there was one."""

    @classmethod
    def nothing(cls, size_hw: tuple[int, int]) -> "View":
        """No mark anywhere in a picture of this size, to be filled in part by part."""
        return cls(
            np.full(size_hw, log_odds(0.0), np.float32),
            np.zeros(size_hw, np.float32),
            np.zeros((*size_hw, 3), np.float32),
        )


def look(rgb: NDArray[np.uint8], session: Session) -> View:
    """What the network sees in the whole picture, H x W x 3 uint8.

    Of a picture of more than OVERVIEW_PX pixels, only what was worth a closer look is seen.
    """
    height, width = rgb.shape[:2]
    reduction = reduction_of((height, width))
    if reduction == 1:
        first = _look(rgb, FIRST_SCALES, session)
        view = replace(first, odds=first.odds.copy(), at_own_size=first.odds)
    else:
        first = _look(_reduced(rgb, reduction), FIRST_SCALES, session)
        view = View.nothing((height, width))
    candidate = probability_of(first.odds) > CANDIDATE
    for group in group_pixels(candidate, CANDIDATE_GAP_PX, CANDIDATE_LEAST_PX):
        x0, y0, x1, y1 = (math.floor(v / reduction) for v in group.box_xyxy)
        margin = OVERLAP_PX if reduction < 1 else CONTEXT_PX
        box = grown((x0, y0, x1 + 1, y1 + 1), margin, (height, width))
        size = LONGEST_PX / max(x1 - x0, y1 - y0)
        if reduction == 1:
            look_closer(rgb, box, session, view, CLOSER_SCALES, len(CLOSER_SCALES) / len(SCALES))
        elif size >= 1:
            look_closer(rgb, box, session, view)
        else:
            _look_reduced(rgb, box, session, view, max(reduction, size))
    return view


def reduction_of(size_hw: tuple[int, int]) -> float:
    """The magnification at which all of a picture is looked at, 1 or less."""
    return min(1.0, math.sqrt(OVERVIEW_PX / (size_hw[0] * size_hw[1])))


def look_closer(
    rgb: NDArray[np.uint8],
    box: Box,
    session: Session,
    into: View,
    scales: Sequence[float] = SCALES,
    share: float = 1.0,
) -> None:
    """Look at one box of the picture at these scales, and write what is seen into the view.

    share: weight of the log odds seen now against those that the view has of the box already.
    """
    for tile, kept in tiles(box):
        seen = _look(rgb[within(tile)], scales, session)
        inner, outer = inside(kept, tile), within(kept)
        into.odds[outer] += share * (seen.odds[inner] - into.odds[outer])
        if 1 in scales:
            into.matte[outer] = seen.matte[inner]
            into.colour[outer] = seen.colour[inner]


def _look_reduced(
    rgb: NDArray[np.uint8], box: Box, session: Session, into: View, size: float
) -> None:
    """Look at one box of the picture reduced to a part of its size, at all scales."""
    small = _reduced(rgb[within(box)], size)
    height, width = small.shape[:2]
    seen = View.nothing((height, width))
    look_closer(small, (0, 0, width, height), session, seen)
    for plane, target in (
        (seen.odds, into.odds),
        (seen.matte, into.matte),
        (seen.colour, into.colour),
    ):
        part = target[within(box)]
        part[:] = cv2.resize(plane, part.shape[1::-1])


@dataclass(frozen=True, eq=False)
class Closeup:
    """A group of pixels in its surroundings, seen at the size at which the network knows marks and
    their rims best."""

    box_xyxy: Box
    """What was looked at."""
    scale: float
    """Its magnification."""
    odds: Floats
    """h x w of the box: log odds that the pixel is visibly marked."""

    def shows(self, group: Group, size_hw: tuple[int, int]) -> bool:
        """Whether a look at this group of a picture of H x W alone would hardly show more."""
        x0, y0, x1, y1 = self.box_xyxy
        left, top, right, bottom = grown(group.box_xyxy, CONTEXT_PX // 2, size_hw)
        contained = x0 <= left and y0 <= top and right <= x1 and bottom <= y1
        return contained and self.scale >= AS_GOOD * _magnification(group)


def look_magnified(
    rgb: NDArray[np.uint8], group: Group, seen: View, session: Session, least: float = 1.0
) -> Closeup:
    """Look once more at a group of pixels of the picture, H x W x 3, at the magnification that
    brings it to LONGEST_PX. seen: what is known of the picture. least: the group is reduced no
    further than to this."""
    box, scale = grown(group.box_xyxy, CONTEXT_PX, rgb.shape[:2]), _magnification(group, least)
    if scale == 1 and seen.at_own_size is not None:
        return Closeup(box, scale, seen.at_own_size[within(box)])
    around = rgb[within(box)]
    height, width = around.shape[:2]
    view, whole = View.nothing((height, width)), (0, 0, width, height)
    if scale < 1:
        _look_reduced(around, whole, session, view, scale)
    else:
        look_closer(around, whole, session, view, (scale,))
    return Closeup(box, scale, view.odds)


def _magnification(group: Group, least: float = 1.0) -> float:
    return min(max(LONGEST_PX / max(group.mask.shape), least), MOST_MAGNIFIED)


def _look(rgb: NDArray[np.uint8], scales: Sequence[float], session: Session) -> View:
    """The network's view of a picture: the mean of its log odds at these magnifications, brought to
    the observed ones by the model's card; matte and colour at full size, if that is one of them.
    """
    height, width = rgb.shape[:2]
    picture = rgb.astype(np.float32) / 255
    view = View.nothing((height, width))
    odds = np.zeros((height, width), np.float32)
    if min(height, width) < SCALED_FROM_PX:
        scales = (1.0,)
    for scale in scales:
        if scale == 1:
            seen = session.run(picture)
            odds += log_odds(seen.probability)
            view = replace(view, matte=seen.matte, colour=seen.colour)
        else:
            seen = session.run(_magnified(picture, scale))
            odds += cv2.resize(log_odds(seen.probability), (width, height))
    card = session.card
    return replace(view, odds=card.odds_slope * odds / len(scales) + card.odds_offset)


def _reduced(rgb: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    height, width = rgb.shape[:2]
    size_wh = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA), np.uint8)


def _magnified(picture: Floats, scale: float) -> NDArray[np.float32]:
    height, width = picture.shape[:2]
    size_wh = (round(width * scale), round(height * scale))
    resized = cv2.resize(picture, size_wh, interpolation=cv2.INTER_CUBIC)
    return np.asarray(resized, np.float32).clip(0, 1)
