"""Find a known mark anywhere in a picture: at any place, over sixteen-fold scales, several times.

A matched filter (unveil.templates.matching) over places and scales, with the template at about
COARSE_PX, gives candidates. Those that stand out more at about FINE_PX, with the scale varied a
little, are fitted (unveil.templates.registration), and judged by how far they stand out then and
by how much of the mark's edges goes away with them.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from unveil.templates.levels import Candidate, Levels
from unveil.templates.registration import Brush, Instance, Pose, Unknown, fit
from unveil.templates.template import Template

Floats = NDArray[np.floating]

SCALES = (0.25, 4.0)
"""Pixels of the picture per pixel of the template."""
STEPS_PER_OCTAVE = 16
LEAST_PX = 12
"""Smaller instances are not searched for, nor measured in smaller pictures."""
NOTABLE = 4.0
"""Signal-to-noise ratio from which on a place is a candidate,"""
CLEAR = 7.0
"""is fitted,"""
SURE = 12.0
"""and holds the mark, if the fit agrees."""
GROWTHS = tuple(2 ** (quarters / 4 / STEPS_PER_OCTAVE) for quarters in (-2, -1, 0, 1, 2))
"""By these the scale is varied then,"""
TURNS = tuple(math.radians(degrees) for degrees in (-3, -1.5, 1.5, 3))
"""and by these the angle, which is 0 before."""
CANDIDATES = 4
"""So many of each group of scales are looked at more closely, the best first."""
MOST_INSTANCES = 400
FAINTER = 4.0
"""Further instances have at least this part of the first's signal-to-noise ratio, reduced."""
SNAP = 0.01
"""A template put on as it is may leave so much more than one resized a little, and is preferred."""

MOST_RESIDUAL = 0.97
"""A mark that is there takes so much of the edges with it that no more than this part is left,"""
LEAST_AGREEMENT = 0.7
"""and is there by itself in this part of its edges."""
DECISIVE = 0.6
"""With no more than this left, a clear candidate is enough."""


def find_instances(marked: Floats, template: Template) -> list[Instance]:
    """The template's instances in a picture, H x W x 3 in [0, 1]; the surest first.

    Looked for first where it lay in the pictures that it was made from, then everywhere.
    """
    levels = Levels(marked, template)
    first = _at_its_place(marked, levels, template) or _anywhere(marked, levels, template)
    return [] if first is None else _all_alike(marked, levels, template, first)


def is_instance(instance: Instance) -> bool:
    """Whether a fit is good enough for the mark to be there."""
    clear = instance.ratio >= CLEAR and instance.residual <= DECISIVE
    sure = instance.ratio >= SURE and instance.residual <= MOST_RESIDUAL
    return (clear or sure) and instance.agreement >= LEAST_AGREEMENT


def _at_its_place(marked: Floats, levels: Levels, template: Template) -> Instance | None:
    """The instance at the template's own distance from one of the corners, or where the whole
    picture was resized; None where it is not clearly there."""
    for pose in _expected(template, marked.shape[:2]):
        candidate = levels.closer(pose)
        if candidate.ratio < CLEAR:
            continue
        instance = _weighed(marked, template, fit(marked, template, pose, 1.0, "strength"))
        instance = replace(instance, ratio=candidate.ratio)
        if instance.residual > DECISIVE:
            instance = _fitted(marked, levels, template, candidate.pose, instance.strength)
        if is_instance(instance):
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


def _anywhere(marked: Floats, levels: Levels, template: Template) -> Instance | None:
    strength = 0.5 / float(template.matte.max())
    doubtful = []
    for scales in _by_likelihood(template, marked.shape[:2]):
        found = [c for scale in scales for c in levels.candidates(scale, 0.0, NOTABLE)]
        closer = [
            levels.closer(c.pose, GROWTHS, TURNS) for c in _apart(found, template)[:CANDIDATES]
        ]
        for candidate in sorted(closer, key=_ratio, reverse=True):
            if candidate.ratio >= SURE:
                instance = _fitted(marked, levels, template, candidate.pose, strength)
                if is_instance(instance) and _is_near(instance.pose, candidate.pose):
                    return instance
            doubtful.append(candidate)
    for candidate in sorted(doubtful, key=_ratio, reverse=True)[:CANDIDATES]:
        if candidate.ratio < CLEAR:
            break
        instance = _fitted(marked, levels, template, candidate.pose, strength)
        if is_instance(instance):
            return instance
    return None


def _ratio(candidate: Candidate) -> float:
    return candidate.ratio


def _is_near(fitted: Pose, start: Pose) -> bool:
    """Whether a fit began near to where it ended. If not, it began at a chance likeness, such as
    of the mark in another size, and may have ended at one."""
    return abs(math.log2(fitted.scale / start.scale)) < 1 / STEPS_PER_OCTAVE


def _apart(candidates: list[Candidate], template: Template) -> list[Candidate]:
    """The best of each place, the best first."""
    reach = max(template.matte.shape) / 8
    kept: list[Candidate] = []
    for candidate in sorted(candidates, key=_ratio, reverse=True):
        pose = candidate.pose
        if all(
            math.hypot(pose.x - other.pose.x, pose.y - other.pose.y) > reach * pose.scale
            for other in kept
        ):
            kept.append(candidate)
    return kept


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


def _fitted(
    marked: Floats,
    levels: Levels,
    template: Template,
    pose: Pose,
    strength: float,
    unknown: Unknown = "pose",
) -> Instance:
    """Fitted in the reduced picture first, then at full size."""
    instance = None
    for reduction in sorted({levels.reduction(pose.scale), 1}, reverse=True):
        instance = fit(marked, template, pose, strength, unknown, reduction)
        pose, strength = instance.pose, instance.strength
    assert instance is not None
    instance = settled(marked, template, instance)
    return replace(instance, ratio=levels.closer(instance.pose).ratio)


def settled(marked: Floats, template: Template, instance: Instance) -> Instance:
    """A fit with the template put on as it is, if that leaves as little, and with a strength from
    several sizes of the picture."""
    unresized = _unresized(instance.pose, template)
    exact = fit(marked, template, unresized, instance.strength, "strength")
    if exact.residual <= instance.residual + SNAP:
        instance = exact
    return _weighed(marked, template, instance)


def _weighed(marked: Floats, template: Template, instance: Instance) -> Instance:
    """The instance with a strength from several sizes of the picture.

    At full size the edges are many, but as soft as resizing and compression have made them, and
    the strength seems less; reduced, they are few and certain. How far a size misleads shows in
    its difference from the next.
    """
    fits, reduction = [], 1
    while reduction == 1 or max(template.matte.shape) * instance.pose.scale >= LEAST_PX * reduction:
        fits.append(fit(marked, template, instance.pose, instance.strength, "strength", reduction))
        reduction *= 2
    strengths = np.array([fitted.strength for fitted in fits])
    misled = np.append(np.abs(np.diff(strengths)), np.abs(np.diff(strengths[-2:])).sum())
    precisions = 1 / ((3 * np.array([fitted.error for fitted in fits])) ** 2 + misled**2 + 1e-12)
    return replace(
        instance,
        strength=float(np.average(strengths, weights=precisions)),
        error=float(1 / np.sqrt(precisions.sum())),
    )


def _unresized(pose: Pose, template: Template) -> Pose:
    """The nearest pose in which every pixel of the template is a pixel of the picture."""
    left, top = ((side - 1) / 2 for side in template.matte.shape[::-1])
    return Pose(round(pose.x - left) + left, round(pose.y - top) + top)


def _all_alike(
    marked: Floats, levels: Levels, template: Template, first: Instance
) -> list[Instance]:
    """The first instance, and the others of its scale and angle."""
    found = [first]
    pose = first.pose
    x0, y0, x1, y1 = Brush(template, pose.scale).box(Pose(0, 0, pose.scale, pose.angle), 0)
    least = max(NOTABLE, first.ratio / FAINTER)
    for candidate in levels.candidates(pose.scale, pose.angle, least)[:MOST_INSTANCES]:
        x, y = candidate.pose.x, candidate.pose.y
        if any(
            abs(x - known.pose.x) < (x1 - x0) / 2 and abs(y - known.pose.y) < (y1 - y0) / 2
            for known in found
        ):
            continue
        closer = levels.closer(replace(candidate.pose, blur=pose.blur))
        if closer.ratio >= CLEAR:
            instance = _fitted(marked, levels, template, closer.pose, first.strength, "place")
            if is_instance(instance):
                found.append(instance)
    return found
