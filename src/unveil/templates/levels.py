"""A picture at several sizes, in which a template's candidates are looked for."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.blending import to_srgb
from unveil.templates.matching import Edges
from unveil.templates.registration import Pose, averaged
from unveil.templates.template import Template

Floats = NDArray[np.floating]

COARSE_PX, FINE_PX = 48, 96
"""Longer side of the template where it is looked for and looked at; up to twice of it."""
NEAR_PX = 3
"""A closer look is taken at places no further away than so many pixels of the fine size."""
AROUND = 0.75
"""Half the side of the region for it, as a part of the template's diagonal."""
START_BLUR = 0.5


@dataclass(frozen=True)
class Candidate:
    """Where a template may be."""

    pose: Pose
    ratio: float
    """Of signal to noise."""


class Levels:
    """A picture reduced by powers of two, with its edges there."""

    def __init__(self, marked: Floats, template: Template) -> None:
        if template.light == "linear":  # alike enough, and dark edges count as they look
            template = replace(template, colour=to_srgb(template.colour), light="srgb")
        self._values = marked
        self._template = template
        self._edges: dict[int, Edges] = {}

    def candidates(self, scale: float, angle: float, least: float) -> list[Candidate]:
        """The places that stand out by so much at this scale, the best first."""
        reduction = self.reduction(scale, COARSE_PX)
        if reduction not in self._edges:
            values = averaged(self._values, reduction)
            self._edges[reduction] = Edges(values, self._template.blend)
        ratios, start = self._edges[reduction].match(self._template, scale / reduction, angle)
        sides = [max(3, int(side * scale / reduction / 2) | 1) for side in self._size_hw]
        peaks = (ratios >= least) & (ratios == cv2.dilate(ratios, np.ones(sides, np.uint8)))
        found = []
        for y, x in np.argwhere(peaks):
            place = _enlarged(np.array([x, y]) + start, reduction)
            pose = Pose(float(place[0]), float(place[1]), scale, angle, START_BLUR)
            found.append(Candidate(pose, float(ratios[y, x])))
        return sorted(found, key=lambda candidate: -candidate.ratio)

    def closer(
        self, pose: Pose, growths: Sequence[float] = (1.0,), turns: Sequence[float] = ()
    ) -> Candidate:
        """The place near a pose that stands out most at the fine size, with the scale multiplied
        by one of the growths, and then, if that is better, turned by one of the turns."""
        reduction = self.reduction(pose.scale, FINE_PX)
        reach = AROUND * math.hypot(*self._size_hw) * pose.scale
        x0, y0 = (max(0, int(at - reach)) for at in (pose.x, pose.y))
        x1, y1 = (max(0, int(at + reach) + 2) for at in (pose.x, pose.y))
        part = averaged(self._values[y0:y1, x0:x1], reduction)
        best = Candidate(pose, 0.0)
        if min(part.shape[:2]) < 2:
            return best
        edges = Edges(part, self._template.blend)

        def tried(scale: float, angle: float) -> Candidate:
            ratios, start = edges.match(self._template, scale / reduction, angle)
            expected = (np.array([pose.x - x0, pose.y - y0]) + 0.5) / reduction - 0.5 - start
            left, top = np.maximum(np.rint(expected).astype(int) - NEAR_PX, 0)
            near = ratios[top : top + 2 * NEAR_PX + 1, left : left + 2 * NEAR_PX + 1]
            if not near.size:
                return best
            y, x = np.unravel_index(near.argmax(), near.shape)
            place = _enlarged(np.array([left + x, top + y]) + start, reduction)
            place = place + np.array([x0, y0])
            found = replace(pose, x=float(place[0]), y=float(place[1]), scale=scale, angle=angle)
            return Candidate(found, float(near.max()))

        ways = [tried(pose.scale * growth, pose.angle) for growth in growths]
        best = max(ways, key=lambda way: way.ratio)
        ways = [tried(best.pose.scale, pose.angle + turn) for turn in turns]
        return max([best, *ways], key=lambda way: way.ratio)

    def reduction(self, scale: float, least_px: int = FINE_PX) -> int:
        """How far the picture is reduced so that the template has this size at least."""
        return 2 ** max(0, math.floor(math.log2(max(self._size_hw) * scale / least_px)))

    @property
    def _size_hw(self) -> tuple[int, int]:
        height, width = self._template.matte.shape
        return height, width


def _enlarged(place: NDArray, reduction: int) -> NDArray[np.floating]:
    """A reduced picture's coordinates at full size."""
    return (place + 0.5) * reduction - 0.5
