"""Find unknown marks with the network: which of the pixels that look marked are a mark."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unveil.boxes import Box, around, grown, within
from unveil.location.features import features_of
from unveil.location.looks import Closeup, View, look, look_magnified, reduction_of
from unveil.location.marks import Group, group_of, group_pixels, surrounded
from unveil.location.outline import MARKED, outlined
from unveil.masks import connected, dilated
from unveil.models.session import Floats, Session
from unveil.odds import log_odds, probability_of

GAP_PX = 24
"""Parts of a mark lie no further apart than this."""
MARGIN_PX = 24
"""A mark is handed on with so much of its surroundings at least,"""
MARGIN = 0.2
"""and with so much of its longer side."""
LEAST_PX = 24
"""Fewer pixels than this are no mark."""
MOST = 0.5
"""More than this part of a picture is none either."""
LEAST_TRUST = 0.1
"""The network's matte and colour are worth at least this much."""
SURER = 0.7
"""A mark is about as sure everywhere: from this quantile of a group's log odds"""
EVEN = 3.0
"""down to so much less, pixels are one thing; the others only lie beside it,"""
MOSTLY = 0.95
"""unless they are as few as this leaves."""
COMPANY = 1.0
"""Log odds by which a part is surer for being in one group with a mark."""
OTHER_COLOUR = 0.2
"""Few pictures have marks of two kinds: one whose mean colour is so far from that of a surer one
elsewhere"""
OTHER_KIND = 1.8
"""must be surer than others, in log odds."""
WEAK = 0.5
"""Pixels from this part of the threshold on are marked too where they touch surer ones,"""
WEAK_PX = 6
"""and are so close to them."""


@dataclass(frozen=True, eq=False)
class Found:
    """One mark in its surroundings; the arrays are those of the region, h x w."""

    region_xyxy: Box
    mask: NDArray[np.bool_]
    """The mark's pixels; not empty."""
    probability: NDArray[np.float32]
    matte: NDArray[np.float32]
    colour: NDArray[np.float32]
    confidence: float
    trust: float
    """Mean probability of the mark's pixels: how far the network's matte and colour are to go
    by."""
    given: bool = False
    """The user said that this is the mark."""

    @property
    def area(self) -> tuple[slice, slice]:
        """The region as an index into the picture."""
        return within(self.region_xyxy)

    @property
    def box_xyxy(self) -> Box:
        """The mark's bounding box in the picture."""
        left, top, right, bottom = around(self.mask)
        x0, y0 = self.region_xyxy[:2]
        return x0 + left, y0 + top, x0 + right, y0 + bottom


class _Part(NamedTuple):
    """Some of the pixels of a group, and how sure it is that they are a mark."""

    group: Group
    trust: float


def find_marks(
    rgb: NDArray[np.uint8],
    session: Session,
    threshold: float | None = None,
    least: float | None = None,
) -> list[Found]:
    """The marks of a picture, H x W x 3 uint8, largest first.

    threshold: probability from which on a pixel is marked; default: the model's card's where marks
    are looked for, MARKED where they end. least: confidence below which a mark is left out;
    default: the card's.
    """
    return marks_seen(rgb, look(rgb, session), session, threshold, least)


def marks_seen(
    rgb: NDArray[np.uint8],
    seen: View,
    session: Session,
    threshold: float | None = None,
    least: float | None = None,
) -> list[Found]:
    """The marks of a picture that has been looked at; see :func:`find_marks`. The view's log odds
    near them are corrected."""
    outline = MARKED if threshold is None else threshold
    threshold = session.card.threshold if threshold is None else threshold
    least = session.card.confidence if least is None else least
    sure = np.zeros(rgb.shape[:2], np.float32)
    closeups: list[Closeup] = []
    judged: list[list[_Part]] = []
    for group in group_pixels(seen.odds > log_odds(threshold), GAP_PX, LEAST_PX):
        closeups.append(look_magnified(rgb, group, seen, session, reduction_of(rgb.shape[:2])))
        parts = [
            _Part(part, confidence(part, seen, closeups[-1], rgb, session))
            for part in even_parts(group, seen.odds)
        ]
        judged.append(sorted(parts, key=lambda part: -part.trust))
    judged = sorted((parts for parts in judged if parts), key=lambda parts: -parts[0].trust)
    for parts in judged:
        needed = log_odds(least)
        if np.abs(_colour(parts[0], seen) - _colour(judged[0][0], seen)).max() > OTHER_COLOUR:
            needed += OTHER_KIND
        if log_odds(parts[0].trust) < needed:
            continue
        for group, trust in parts:
            believed = log_odds(trust) >= log_odds(least) - COMPANY
            if believed and np.count_nonzero(group.mask) <= MOST * sure.size:
                sure[within(group.box_xyxy)][group.mask] = trust
    found = []
    weak = (seen.odds > log_odds(WEAK * threshold)) & dilated(sure > 0, WEAK_PX)
    for group in group_pixels(connected(weak, sure > 0), GAP_PX, LEAST_PX):
        surest = float(sure[within(group.box_xyxy)][group.mask].max())
        known = (closeup for closeup in closeups if closeup.shows(group, rgb.shape[:2]))
        closeup = next(known, None) or look_magnified(rgb, group, seen, session)
        mask = outlined(group, seen, closeup, outline)
        if np.count_nonzero(mask) >= LEAST_PX:
            group = group_of(mask, closeup.box_xyxy[:2])
        x0, y0, x1, y1 = group.box_xyxy
        margin = max(MARGIN_PX, round(MARGIN * max(x1 - x0, y1 - y0)))
        found.append(cut_out(group, seen, rgb.shape[:2], surest, margin))
    return found


def _colour(part: _Part, seen: View) -> Floats:
    """Mean colour that the network sees in it."""
    return seen.colour[within(part.group.box_xyxy)][part.group.mask].mean(0)


def even_parts(group: Group, odds: Floats) -> Iterator[Group]:
    """The parts of a group whose pixels are about equally sure; those too small are left out.

    Marks often lie on or beside things that look a little like marks. As one with them they would
    be too unsure to be reported, or take them along. odds: H x W, the picture's.
    """
    left, top = group.box_xyxy[:2]
    here = odds[within(group.box_xyxy)]
    even = group.mask & (here >= np.quantile(here[group.mask], SURER) - EVEN)
    if np.count_nonzero(even) >= MOSTLY * np.count_nonzero(group.mask):
        yield group
        return
    for mask in (even, group.mask & ~even):
        for part in group_pixels(mask, GAP_PX, LEAST_PX):
            x, y = part.box_xyxy[:2]
            yield from even_parts(group_of(part.mask, (left + x, top + y)), odds)


def trimmed(mark: Found) -> Found:
    """The mark with no more of its surroundings than MARGIN_PX."""
    box = grown(around(mark.mask), MARGIN_PX, mark.mask.shape)
    left, top = mark.region_xyxy[:2]
    return replace(
        mark,
        region_xyxy=(left + box[0], top + box[1], left + box[2], top + box[3]),
        mask=mark.mask[within(box)],
        probability=mark.probability[within(box)],
        matte=mark.matte[within(box)],
        colour=mark.colour[within(box)],
    )


def union(found: list[Found], size_hw: tuple[int, int]) -> NDArray[np.bool_]:
    """The pixels of all marks of a picture, H x W."""
    mask = np.zeros(size_hw, np.bool_)
    for mark in found:
        mask[mark.area] |= mark.mask
    return mask


def confidence(
    group: Group, seen: View, closeup: Closeup, rgb: NDArray[np.uint8], session: Session
) -> float:
    """How sure it is that the group is a mark, and not a thing that belongs to the picture, as the
    network that judges says of its features (unveil.location.features)."""
    return session.judge(features_of(group, seen, closeup, rgb))


def cut_out(
    group: Group,
    seen: View,
    size_hw: tuple[int, int],
    confidence: float,
    margin_px: int = MARGIN_PX,
    given: bool = False,
) -> Found:
    """A group of pixels with its surroundings."""
    region, mask = surrounded(group, margin_px, size_hw)
    area = within(region)
    probability = probability_of(seen.odds[area])
    return Found(
        region_xyxy=region,
        mask=mask,
        probability=probability,
        matte=seen.matte[area],
        colour=seen.colour[area],
        confidence=confidence,
        trust=max(float(probability[mask].mean()), LEAST_TRUST),
        given=given,
    )
