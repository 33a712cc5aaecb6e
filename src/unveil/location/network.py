"""Find unknown marks with the network: first on a reduced picture, then at full size around them.

Pictures are large and marks are small. The whole picture is looked at once, reduced to at most
OVERVIEW_PX pixels; only the surroundings of what is found there are looked at again at full size,
tile by tile, so the cost grows with the marked area and the memory with the tile.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.location.confidence import confidence, log_odds
from unveil.location.marks import Box, Group, group_pixels, grown, within
from unveil.masks import connected
from unveil.models.session import Prediction, Session

OVERVIEW_PX = 1024 * 1024
"""A picture of up to so many pixels is looked at in one piece; a larger one is reduced to it."""
TILE_PX = 768
"""Side of a tile at full size."""
OVERLAP_PX = 64
"""Tiles overlap by this; the outer half of it is not used, for lack of context."""
HALVED_FROM_PX = 64
"""Smaller pictures are looked at in one size only."""
CANDIDATE = 0.6
"""At reduced size, pixels from this part of the threshold on are worth a look at full size."""

GAP_PX = 24
"""Parts of a mark lie no further apart than this."""
MARGIN_PX = 24
"""A mark is handed on with so much of its surroundings."""
LEAST_PX = 24
"""Fewer pixels than this are no mark."""
LEAST_TRUST = 0.1
"""The network's matte and colour are worth at least this much."""
WEAK = 0.5
"""Pixels from this part of the threshold on are marked too where they touch surer ones."""


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
        rows, columns = np.flatnonzero(self.mask.any(1)), np.flatnonzero(self.mask.any(0))
        x0, y0 = self.region_xyxy[:2]
        left, right = x0 + int(columns[0]), x0 + int(columns[-1]) + 1
        return left, y0 + int(rows[0]), right, y0 + int(rows[-1]) + 1


def find_marks(
    rgb: NDArray[np.uint8],
    session: Session,
    threshold: float | None = None,
    least: float | None = None,
) -> list[Found]:
    """The marks of a picture, H x W x 3 uint8, largest first.

    threshold: probability from which on a pixel is marked. least: confidence below which a mark is
    left out. Both default to the model's card.
    """
    threshold = session.card.threshold if threshold is None else threshold
    least = session.card.confidence if least is None else least
    seen = predict(rgb, session, threshold)
    sure = np.zeros(seen.probability.shape, np.float32)
    for group in candidates(seen, threshold):
        trust = confidence(group, seen, session.card.confidence_weights)
        if trust >= least:
            sure[within(group.box_xyxy)][group.mask] = trust
    mask = connected(seen.probability > WEAK * threshold, sure > 0)
    found = []
    for group in group_pixels(mask, GAP_PX, LEAST_PX):
        surest = float(sure[within(group.box_xyxy)][group.mask].max())
        found.append(cut_out(group, seen, rgb.shape[:2], surest))
    return found


def candidates(seen: Prediction, threshold: float) -> list[Group]:
    """Groups of pixels that may be marks."""
    return group_pixels(seen.probability > threshold, GAP_PX, LEAST_PX)


def cut_out(
    group: Group,
    seen: Prediction,
    size_hw: tuple[int, int],
    confidence: float,
    given: bool = False,
) -> Found:
    """A group of pixels with its surroundings."""
    region = grown(group.box_xyxy, MARGIN_PX, size_hw)
    x0, y0, x1, y1 = group.box_xyxy
    mask = np.zeros((region[3] - region[1], region[2] - region[0]), np.bool_)
    mask[y0 - region[1] : y1 - region[1], x0 - region[0] : x1 - region[0]] = group.mask
    area = within(region)
    trust = float(seen.probability[area][mask].mean())
    return Found(
        region_xyxy=region,
        mask=mask,
        probability=seen.probability[area],
        matte=seen.matte[area],
        colour=seen.colour[area],
        confidence=confidence,
        trust=max(trust, LEAST_TRUST),
        given=given,
    )


def predict(rgb: NDArray[np.uint8], session: Session, threshold: float) -> Prediction:
    """What the network sees in the whole picture, H x W x 3 uint8; zero where nothing was worth a
    look."""
    height, width = rgb.shape[:2]
    reduction = math.sqrt(OVERVIEW_PX / (height * width))
    if reduction >= 1:
        return look(rgb, session)
    size_wh = (max(1, round(width * reduction)), max(1, round(height * reduction)))
    small = cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA)
    overview = look(np.asarray(small, np.uint8), session)
    candidate = overview.probability > CANDIDATE * threshold
    whole = Prediction.nothing((height, width))
    for group in group_pixels(candidate, gap_px=48, least_px=4):
        x0, y0, x1, y1 = (math.floor(v / reduction) for v in group.box_xyxy)
        box = grown((x0, y0, x1 + 1, y1 + 1), OVERLAP_PX, (height, width))
        predict_box(rgb, box, session, whole)
    return whole


def look(rgb: NDArray[np.uint8], session: Session) -> Prediction:
    """The network's view at full and at half size: the rim from the first, the whole from both.

    The log odds of the two are averaged, which is better than either alone (docs/experiments.md),
    and brought to the observed ones by the model's card.
    """
    height, width = rgb.shape[:2]
    picture = rgb.astype(np.float32) / 255
    seen = session.run(picture)
    odds = log_odds(seen.probability)
    if min(height, width) >= HALVED_FROM_PX:
        half = cv2.resize(picture, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        coarse = np.asarray(
            cv2.resize(session.run(np.asarray(half, np.float32)).probability, (width, height)),
            np.float32,
        )
        odds = (odds + log_odds(coarse)) / 2
    odds = session.card.odds_slope * odds + session.card.odds_offset
    return replace(seen, probability=1 / (1 + np.exp(-odds)))


def predict_box(rgb: NDArray[np.uint8], box: Box, session: Session, into: Prediction) -> None:
    """Look at one box of the picture at full size, and write what is seen into the prediction."""
    for tile, kept in tiles(box):
        seen = look(rgb[within(tile)], session)
        x0, y0, x1, y1 = kept
        inner = within((x0 - tile[0], y0 - tile[1], x1 - tile[0], y1 - tile[1]))
        into.probability[within(kept)] = seen.probability[inner]
        into.matte[within(kept)] = seen.matte[inner]
        into.colour[within(kept)] = seen.colour[inner]


def tiles(box: Box) -> Iterator[tuple[Box, Box]]:
    """Overlapping tiles that cover the box, each with the part of it that is used."""
    x0, y0, x1, y1 = box
    for top, upper, lower, bottom in _spans(y0, y1):
        for left, first, last, right in _spans(x0, x1):
            yield (left, top, right, bottom), (first, upper, last, lower)


def _spans(start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Overlapping spans over [start, end): begin, first used, end of use, end."""
    count = max(1, math.ceil((end - start - OVERLAP_PX) / (TILE_PX - OVERLAP_PX)))
    edges = [start + round(i * (end - start - OVERLAP_PX) / count) for i in range(count + 1)]
    half = OVERLAP_PX // 2
    for index in range(count):
        begin, stop = edges[index], edges[index + 1] + OVERLAP_PX
        used_from = begin if index == 0 else begin + half
        used_to = stop if index == count - 1 else stop - half
        yield begin, used_from, min(used_to, end), min(stop, end)
