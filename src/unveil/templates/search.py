"""Find a known mark anywhere in a picture: at any place, over sixteen-fold scales, several times.

Edges are compared by their directions, which stay the same whatever lies under the mark and
whichever of the two is brighter: the structure tensor's (Jxx - Jyy, 2 Jxy), a vector of twice the
edge's angle, divided by its size so that faint edges count too. A correlation over places, for
templates of about TEMPLATE_PX and pictures reduced accordingly, gives candidates; each is fitted
(unveil.templates.registration) and judged by how much of its edges goes away with it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.templates.registration import Brush, Instance, Pose, Unknown, averaged, fit
from unveil.templates.template import Template

Floats = NDArray[np.floating]

SCALES = (0.25, 4.0)
"""Pixels of the picture per pixel of the template."""
STEPS_PER_OCTAVE = 8
TEMPLATE_PX = 96
"""Longer side of the template for the search, at least; up to twice of it."""
LEAST_PX = 12
"""Smaller instances are not searched for."""
FAINT = 0.02
"""Edges of less than this contrast count less than others."""
COARSE_PX = 4.0
"""What is even over a Gaussian of this standard deviation, as in textures of the picture, does not
count."""
OUTLIER = 6.5
"""A candidate's correlation lies this many standard deviations above the picture's others."""
CANDIDATES = 4
"""So many candidates are fitted, the best first."""
MOST_INSTANCES = 400
START_BLUR = 0.5
SNAP = 0.01
"""A template put on as it is may leave so much more than one resized a little, and is preferred."""
RESIZING_ERROR = 0.02
"""Error of a strength that comes from edges at full size alone."""

MOST_RESIDUAL = 0.85
"""A mark that is there takes so much of the edges with it that no more than this part is left,"""
LEAST_AGREEMENT = 0.7
"""is there by itself in this part of its edges,"""
LEAST_SURE = 3.0
"""and has a strength of so many standard errors."""
DECISIVE = 0.6
"""With no more than this left, no other scale is tried."""


@dataclass(frozen=True)
class _Candidate:
    pose: Pose
    reduction: int
    outlier: float


def find_instances(marked: Floats, template: Template) -> list[Instance]:
    """The template's instances in a picture, H x W x 3 in [0, 1]; the surest first.

    Looked for first where it lay in the pictures that it was made from, then everywhere.
    """
    levels = _Levels(marked)
    first = _at_its_place(marked, template) or _anywhere(marked, levels, template)
    return [] if first is None else _all_alike(marked, levels, template, first)


def _at_its_place(marked: Floats, template: Template) -> Instance | None:
    """The instance at the template's own distance from one of the corners, or where the whole
    picture was resized; None where it is not clearly there."""
    for pose in _expected(template, marked.shape[:2]):
        instance = fit(marked, template, pose, 1.0, "strength")
        if instance.residual <= DECISIVE and is_instance(instance):
            return instance
    return None


def _expected(template: Template, size_hw: tuple[int, int]) -> list[Pose]:
    place = template.place
    if place is None:
        return []
    height, width = template.matte.shape
    x, y = place.x + (width - 1) / 2, place.y + (height - 1) / 2
    right, bottom = size_hw[1] - place.width, size_hw[0] - place.height
    growth = size_hw[1] / place.width
    resized = Pose((x + 0.5) * growth - 0.5, (y + 0.5) * growth - 0.5, growth)
    corners = [Pose(x + dx, y + dy) for dx in (0, right) for dy in (0, bottom)]
    return list(dict.fromkeys([*corners, resized]))


def _anywhere(marked: Floats, levels: "_Levels", template: Template) -> Instance | None:
    best = None
    for scales in _by_likelihood(template, marked.shape[:2]):
        found = [c for scale in scales for c in _candidates(levels, template, scale, 0.0)]
        for candidate in sorted(found, key=lambda c: -c.outlier)[:CANDIDATES]:
            instance = _fitted(marked, template, candidate, 0.5 / float(template.matte.max()))
            better = best is None or instance.residual < best.residual
            if better and is_instance(instance):
                best = instance
            if best is not None and best.residual <= DECISIVE:
                return best
    return best


def is_instance(instance: Instance) -> bool:
    """Whether a fit is good enough for the mark to be there."""
    return (
        instance.residual <= MOST_RESIDUAL
        and instance.agreement >= LEAST_AGREEMENT
        and instance.strength >= LEAST_SURE * instance.error
    )


def _by_likelihood(template: Template, size_hw: tuple[int, int]) -> Iterator[list[float]]:
    """Scales to try together: around the template's own, then the others from the largest (which
    cost least)."""
    longer = max(template.matte.shape)
    count = round(math.log2(SCALES[1] / SCALES[0]) * STEPS_PER_OCTAVE)
    steps = [SCALES[0] * 2 ** (index / STEPS_PER_OCTAVE) for index in range(count + 1)]
    height, width = template.matte.shape
    steps = [
        scale
        for scale in steps
        if longer * scale >= LEAST_PX
        and (height * scale <= size_hw[0] + 1 and width * scale <= size_hw[1] + 1)
    ]
    near = [scale for scale in steps if abs(math.log2(scale)) < 1.5 / STEPS_PER_OCTAVE]
    if near:
        yield near
    rest = [scale for scale in reversed(steps) if scale not in near]
    for start in range(0, len(rest), STEPS_PER_OCTAVE):
        yield rest[start : start + STEPS_PER_OCTAVE]


class _Levels:
    """The edge field of a picture reduced by powers of two, each made when it is asked for."""

    def __init__(self, marked: Floats) -> None:
        self._marked = marked
        self._fields: dict[int, Floats] = {}

    def field(self, reduction: int) -> Floats:
        if reduction not in self._fields:
            self._fields[reduction] = _edge_field(averaged(self._marked, reduction))
        return self._fields[reduction]


def _edge_field(values: Floats) -> Floats:
    """(Jxx - Jyy, 2 Jxy) / (Jxx + Jyy + FAINT**2) less its local mean, H x W x 2; values: H x W x
    channels."""
    across = np.asarray(cv2.Scharr(values, cv2.CV_32F, 1, 0, scale=1 / 16))
    down = np.asarray(cv2.Scharr(values, cv2.CV_32F, 0, 1, scale=1 / 16))
    xx, yy, xy = (across**2).sum(-1), (down**2).sum(-1), (across * down).sum(-1)
    field = np.dstack([xx - yy, 2 * xy]) / (xx + yy + FAINT**2)[..., None]
    return field - cv2.GaussianBlur(field, (0, 0), COARSE_PX)


def _candidates(
    levels: _Levels, template: Template, scale: float, angle: float
) -> list[_Candidate]:
    """The places where the edges fit best at this scale."""
    reduction = _reduction(template, scale)
    small = Pose(0, 0, scale / reduction, angle)
    brush = Brush(template, small.scale)
    x0, y0, x1, y1 = brush.box(small)
    height, width = y1 - y0, x1 - x0
    drawing = brush.draw(Pose(-x0, -y0, small.scale, angle), (height, width))
    rgba = np.zeros((height, width, 4), np.float32)
    rgba[drawing.area] = np.dstack([drawing.premultiplied, drawing.matte])
    pattern = _edge_field(_over_greys(rgba))
    field = levels.field(reduction)
    margin_y, margin_x = height // 2, width // 2  # it may lie partly off the picture
    padded = cv2.copyMakeBorder(
        field, margin_y, margin_y, margin_x, margin_x, cv2.BORDER_CONSTANT, value=0
    )
    match = cv2.matchTemplate(padded, pattern, cv2.TM_CCORR)
    outlier = (match - match.mean()) / max(float(match.std()), 1e-9)
    size = (max(3, width // 2 | 1), max(3, height // 2 | 1))
    peaks = (outlier >= OUTLIER) & (outlier == cv2.dilate(outlier, np.ones(size[::-1], np.uint8)))
    found = []
    for v, u in np.argwhere(peaks):
        x, y = u - margin_x - x0, v - margin_y - y0  # of the template's centre
        pose = Pose(
            (x + 0.5) * reduction - 0.5, (y + 0.5) * reduction - 0.5, scale, angle, START_BLUR
        )
        found.append(_Candidate(pose, reduction, float(outlier[v, u])))
    return sorted(found, key=lambda candidate: -candidate.outlier)


def _over_greys(rgba: Floats) -> Floats:
    """A premultiplied mark over black, grey and white: its edges over whatever lies under it."""
    matte = rgba[..., 3:]
    return np.concatenate([rgba[..., :3] - grey * matte for grey in (0.0, 0.5, 1.0)], axis=-1)


def _reduction(template: Template, scale: float) -> int:
    longer = max(template.matte.shape) * scale
    return 2 ** max(0, math.floor(math.log2(longer / TEMPLATE_PX)))


def _fitted(
    marked: Floats,
    template: Template,
    candidate: _Candidate,
    strength: float,
    unknown: Unknown = "pose",
) -> Instance:
    """Fitted in the picture at half the size of the search first, then at its size, then at full
    size."""
    pose, instance = candidate.pose, None
    for reduction in sorted({2 * candidate.reduction, candidate.reduction, 1}, reverse=True):
        instance = fit(marked, template, pose, strength, unknown, reduction)
        pose, strength = instance.pose, instance.strength
    assert instance is not None
    exact = fit(marked, template, _unresized(pose, template), strength, "strength")
    if exact.residual <= instance.residual + SNAP:
        return exact
    return _weighed(marked, template, instance)


def _weighed(marked: Floats, template: Template, instance: Instance) -> Instance:
    """The instance with a strength from several sizes of the picture. At full size the edges are
    many, but depend on how exactly the mark was resized; reduced, they are few and certain."""
    strengths, precisions = [], []
    reduction = 1
    while reduction == 1 or max(template.matte.shape) * instance.pose.scale >= 24 * reduction:
        fitted = fit(marked, template, instance.pose, instance.strength, "strength", reduction)
        strengths.append(fitted.strength)
        precisions.append(1 / ((3 * fitted.error) ** 2 + (RESIZING_ERROR / reduction) ** 2))
        reduction *= 2
    strength = float(np.average(strengths, weights=precisions))
    return replace(instance, strength=strength, error=float(1 / np.sqrt(sum(precisions))))


def _unresized(pose: Pose, template: Template) -> Pose:
    """The nearest pose in which every pixel of the template is a pixel of the picture."""
    left, top = ((side - 1) / 2 for side in template.matte.shape[::-1])
    return Pose(round(pose.x - left) + left, round(pose.y - top) + top)


def _all_alike(
    marked: Floats, levels: _Levels, template: Template, first: Instance
) -> list[Instance]:
    """The first instance, and the others of its scale and angle."""
    found = [first]
    pose = first.pose
    brush = Brush(template, pose.scale)
    x0, y0, x1, y1 = brush.box(Pose(0, 0, pose.scale, pose.angle), 0)
    for candidate in _candidates(levels, template, pose.scale, pose.angle)[:MOST_INSTANCES]:
        x, y = candidate.pose.x, candidate.pose.y
        if any(
            abs(x - known.pose.x) < (x1 - x0) / 2 and abs(y - known.pose.y) < (y1 - y0) / 2
            for known in found
        ):
            continue
        alike = replace(candidate, pose=replace(candidate.pose, blur=pose.blur))
        instance = _fitted(marked, template, alike, first.strength, "place")
        if is_instance(instance):
            found.append(instance)
    return found
