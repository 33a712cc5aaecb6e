"""Fit a template to its instance in a picture: to a tenth of a pixel, with the strength it has.

At the right place, scale, angle and strength the edges of the mark are gone from the restored
picture B. What is left of them is measured by r = t * grad B, with t = dJ / dB: in normal mode that
is grad J minus what the template explains of it, it does not depend on the strength away from the
mark's edges, and where all is right it is only the picture's own texture. Its sum of magnitudes is
brought down by reweighted Gauss-Newton steps (Holland and Welsch 1977) in all six unknowns.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.blending import invert, to_linear, to_srgb, unblend
from unveil.masks import dilated
from unveil.templates.template import Template

Floats = NDArray[np.floating]

ROBUST = 0.02
"""Gradients far above this count by their size, below by their square."""
STEPS = 12
"""Gauss-Newton steps at most."""
CONVERGED_PX = 0.01
"""A step that moves no pixel of the mark by more than this is the last."""
Unknown = Literal["pose", "place", "strength"]
"""What is to be found beside the strength: the whole pose, only the place, or nothing."""
FREE: dict[Unknown, list[int]] = {
    "pose": [5, 0, 1, 2, 3, 4],
    "place": [5, 0, 1],
    "strength": [5],
}
MOST_BLUR = 4.0
NEIGHBOURHOOD = 0.25
"""Side of the neighbourhoods in which the mark must be there by itself, as a part of its own."""
BORDER_PX = 3
"""Pixels around the mark that are looked at with it."""


@dataclass(frozen=True)
class Pose:
    """Where and how a template lies in a picture."""

    x: float
    """Of the template's centre, in pixels; the first pixel's centre is 0."""
    y: float
    scale: float = 1.0
    """Pixels of the picture per pixel of the template."""
    angle: float = 0.0
    """Counter-clockwise in radians."""
    blur: float = 0.0
    """Standard deviation in pixels of the Gaussian that softens it, as resizing does."""


@dataclass(frozen=True)
class Instance:
    """A template found in a picture."""

    pose: Pose
    strength: float
    """The m by which the template's matte is multiplied."""
    error: float
    """Standard error of the strength."""
    residual: float
    """Edges left, as a part of those that were there: 1 is no better, 0 none left."""
    agreement: float
    """Part of the mark's edges in whose neighbourhood the mark is there by itself."""
    ratio: float = 0.0
    """Of signal to noise, where it was measured."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """A template drawn in its pose; the arrays are those of the region, h x w."""

    area: tuple[slice, slice]
    """The region as an index into the picture."""
    matte: Floats
    """h x w, for a strength of 1."""
    premultiplied: Floats
    """h x w x 3: matte times colour."""

    def colour(self) -> Floats:
        """h x w x 3, 0 where the matte is 0."""
        return self.premultiplied / np.maximum(self.matte, 1e-6)[..., None]

    def background(self, marked: Floats, strength: float, template: Template) -> Floats:
        """The region without the mark; marked is the region, h x w x 3."""
        matte = np.clip(strength * self.matte, 0, 1)[..., None]
        if template.light == "linear":
            return to_srgb(unblend(to_linear(marked), self.colour(), matte, template.blend))
        return unblend(marked, self.colour(), matte, template.blend)


class Brush:
    """Draws one template at scales around a given one."""

    def __init__(self, template: Template, scale: float) -> None:
        """Reduces the template once, by averaging, so that drawing needs no filter."""
        height, width = template.matte.shape
        self._size_wh = width, height
        rgba = np.dstack([template.matte[..., None] * template.colour, template.matte])
        reduced = (max(1, round(width * scale)), max(1, round(height * scale)))
        if scale < 1:
            rgba = cv2.resize(rgba, reduced, interpolation=cv2.INTER_AREA)
        self._rgba = np.asarray(rgba, np.float32)

    def box(self, pose: Pose, margin: float = BORDER_PX) -> tuple[int, int, int, int]:
        """x0, y0, x1, y1 around the mark in the pose; it may reach out of the picture."""
        width, height = self._size_wh
        cosine, sine = abs(math.cos(pose.angle)), abs(math.sin(pose.angle))
        half_x = pose.scale * (width * cosine + height * sine) / 2 + margin
        half_y = pose.scale * (width * sine + height * cosine) / 2 + margin
        return (
            math.floor(pose.x - half_x),
            math.floor(pose.y - half_y),
            math.ceil(pose.x + half_x) + 1,
            math.ceil(pose.y + half_y) + 1,
        )

    def draw(
        self, pose: Pose, size_hw: tuple[int, int], box: tuple[int, int, int, int] | None = None
    ) -> Drawing:
        """The template in the pose; box: the region, by default what just holds it."""
        x0, y0, x1, y1 = box or self.box(pose)
        x0, y0, x1, y1 = max(0, x0), max(0, y0), min(size_hw[1], x1), min(size_hw[0], y1)
        size_wh = max(0, x1 - x0), max(0, y1 - y0)
        area = np.s_[y0 : y0 + size_wh[1], x0 : x0 + size_wh[0]]
        if 0 in size_wh:
            return Drawing(area, np.zeros(size_wh[::-1]), np.zeros((*size_wh[::-1], 3)))
        height, width = self._rgba.shape[:2]
        scale_x = pose.scale * self._size_wh[0] / width
        scale_y = pose.scale * self._size_wh[1] / height
        cosine, sine = math.cos(pose.angle), math.sin(pose.angle)
        # from the region's pixels to the reduced template's
        matrix = np.array(
            [[cosine / scale_x, -sine / scale_x, 0], [sine / scale_y, cosine / scale_y, 0]]
        )
        centre = np.array([(width - 1) / 2, (height - 1) / 2])
        matrix[:, 2] = centre - matrix[:, :2] @ np.array([pose.x - x0, pose.y - y0])
        rgba = cv2.warpAffine(
            self._rgba, matrix, size_wh, flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        )
        if pose.blur > 0.1:
            rgba = cv2.GaussianBlur(rgba, (0, 0), pose.blur)
        rgba = np.asarray(rgba, np.float32)
        matte = np.clip(rgba[..., 3], 0, 1)
        return Drawing(area, matte, np.clip(rgba[..., :3], 0, matte[..., None]))


def fit(
    marked: Floats,
    template: Template,
    pose: Pose,
    strength: float = 1.0,
    unknown: Unknown = "pose",
    reduction: int = 1,
) -> Instance:
    """The instance near a pose that removes its own edges best.

    marked: H x W x 3 in [0, 1], the whole picture. pose: right to a few pixels and per cent, where
    it is unknown. reduction: the edges are compared in a picture reduced so many times, in which
    larger errors of the pose are found.
    """
    height, width = marked.shape[:2]
    brush = Brush(template, pose.scale)
    box = brush.box(pose, BORDER_PX + 0.06 * max(template.matte.shape) * pose.scale)
    half = max(template.matte.shape) * pose.scale / 2  # what a turn or growth moves
    # shift x and y, growth, turn (each in pixels at the mark's border), blur, strength
    state = np.array([0.0, 0.0, 0.0, 0.0, pose.blur, strength])
    reach = np.array([*[0.5 * reduction] * 4, 0.25 * reduction, 0.1])
    most = np.array([np.inf, np.inf, np.inf, np.inf, MOST_BLUR, 1 / template.matte.max()])
    free = FREE[unknown]

    def posed(values: Sequence[float] | Floats) -> Pose:
        x, y, growth, turn, blur = values
        scale = pose.scale * math.exp(growth / half)
        return Pose(pose.x + x, pose.y + y, scale, pose.angle + turn / half, blur)

    @lru_cache(maxsize=1)  # several strengths in one pose
    def drawn(values: tuple[float, ...]) -> tuple[Drawing, NDArray[np.bool_]]:
        drawing = brush.draw(posed(values), (height, width), box)
        drawing = replace(
            drawing,
            matte=averaged(drawing.matte, reduction),
            premultiplied=averaged(drawing.premultiplied, reduction),
        )
        return drawing, _rim(drawing)

    region = averaged(marked[brush.draw(pose, (height, width), box).area], reduction)

    def edges(values: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        drawing, rim = drawn(tuple(values[:5]))
        return _edges_left(region, drawing, values[5], template), rim

    normal, left, rim = np.eye(len(free)), *edges(state)
    damping = 1e-3
    for _ in range(STEPS):
        now = left[rim].ravel()
        weight = 1 / np.sqrt(now**2 + ROBUST**2)
        slopes = []
        for index in free:
            step = reach[index] * 0.2
            moved = state.copy()
            moved[index] += step
            slopes.append((edges(moved)[0][rim].ravel() - now) / step)
        jacobian = np.stack(slopes)
        normal = (jacobian * weight) @ jacobian.T
        gradient = (jacobian * weight) @ now
        for _ in range(4):  # shorter until it is no worse
            move = -np.linalg.solve(normal + damping * np.diag(np.diag(normal) + 1e-9), gradient)
            tried = state.copy()
            tried[free] += np.clip(move, -4 * reach[free], 4 * reach[free])
            tried[4:] = np.maximum(tried[4:], 0.0)
            tried = np.minimum(tried, most)
            new, new_rim = edges(tried)
            if _robust(new[rim]) <= _robust(now):
                damping = max(damping / 4, 1e-4)
                break
            damping *= 10
        else:
            break
        change = np.abs(tried - state)
        state, left, rim = tried, new, new_rim
        if change[:5].max() < CONVERGED_PX * reduction and change[5] < 1e-3:
            break
    before = edges(np.append(state[:5], 0.0))[0]
    inverse = np.linalg.pinv(normal)
    spread = float(np.median(np.abs(left[rim]))) if rim.any() else 0.0
    return Instance(
        pose=posed(state[:5]),
        strength=float(state[5]),
        error=float(np.sqrt(max(inverse[0, 0], 0.0) * max(spread, 1e-3))),
        residual=_robust(left[rim]) / max(_robust(before[rim]), 1e-9),
        agreement=_agreement(before, left, rim),
    )


def averaged(values: Floats, reduction: int) -> Floats:
    """Means over squares of so many pixels; what does not fill a square is left out."""
    height, width = (side // reduction for side in values.shape[:2])
    if reduction == 1 or not height or not width:
        return values
    whole = np.ascontiguousarray(values[: height * reduction, : width * reduction])
    means = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(means, np.float32)


def _edges_left(marked: Floats, drawing: Drawing, strength: float, template: Template) -> Floats:
    """r, h x w x 3 x 2 (to the right, down)."""
    matte = np.clip(strength * drawing.matte, 0, 1)[..., None]
    values = to_linear(marked) if template.light == "linear" else marked
    colour = drawing.colour()
    background, through = invert(values, colour, matte, template.blend)
    left = np.zeros((*background.shape, 2), np.float32)
    left[:, :-1, :, 0] = np.diff(background, axis=1) * (through[:, :-1] + through[:, 1:]) / 2
    left[:-1, :, :, 1] = np.diff(background, axis=0) * (through[:-1] + through[1:]) / 2
    return left


def _rim(drawing: Drawing) -> NDArray[np.bool_]:
    """Where the mark has edges, h x w."""
    rgba = np.dstack([drawing.premultiplied, drawing.matte])
    step = np.zeros(drawing.matte.shape, np.float32)
    step[:, :-1] = np.abs(np.diff(rgba, axis=1)).max(-1)
    step[:-1] = np.maximum(step[:-1], np.abs(np.diff(rgba, axis=0)).max(-1))
    return dilated(step > 0.1 * max(float(step.max(initial=0)), 1e-6), 1)


def _robust(left: Floats) -> float:
    return float(np.sqrt(left**2 + ROBUST**2).sum() - ROBUST * left.size)


def _agreement(before: Floats, left: Floats, rim: NDArray[np.bool_]) -> float:
    """Where the mark is, what it explains of the edges is really in them, everywhere alike."""
    explained = (before - left) * rim[..., None, None]
    weight = 1 / np.sqrt(left**2 + ROBUST**2)
    size = max(5, round(NEIGHBOURHOOD * math.sqrt(rim.size))) | 1
    found = _blurred((weight * explained * before).sum((2, 3)), size)
    power = _blurred((weight * explained**2).sum((2, 3)), size)
    share = (explained**2).sum((2, 3))
    return float(share[found > power / 2].sum() / max(float(share.sum()), 1e-12))


def _blurred(values: Floats, size: int) -> Floats:
    return np.asarray(cv2.boxFilter(values.astype(np.float32), -1, (size, size)), np.float32)
