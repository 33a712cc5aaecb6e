"""A mark from the differences of neighbouring pixels: the least-squares problem and its solution.

The unknowns are planes u(p) = (a, Q): the matte a and the premultiplied colour less its grey, Q.
Pairs of neighbours have a quadratic form in their difference du each; u is 0 out of the support.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.masks import Mask

Floats = NDArray[np.floating]

STEPS = 60
"""Steps of the conjugate gradients at most."""
TOLERANCE = 0.01
"""They end when the residual is this part of the first one."""
COARSEST_PX = 8
"""The preconditioner goes down to planes of this size."""


class Pairs(NamedTuple):
    """Sums over pictures for the pairs of neighbours along one axis: the form
    even . dQ^2 - 2 cross . dQ da + bright da^2 - 2 pull . dQ - 2 pull_matte da."""

    even: Floats
    """Three channels, as cross and pull."""
    cross: Floats
    bright: Floats
    pull: Floats
    pull_matte: Floats

    @classmethod
    def empty(cls, size_hw: tuple[int, ...], axis: int) -> "Pairs":
        """Of the pairs along an axis of a plane of this size."""
        height, width = size_hw[0] - (axis == 0), size_hw[1] - (axis == 1)
        sizes = [(height, width), (height, width, 3)]
        return cls(*(np.zeros(sizes[index], np.float32) for index in (1, 1, 0, 1, 0)))

    def add(self, weight: Floats, brightness: Floats, step: Floats) -> None:
        """Add weight * |step - (dQ - brightness da)|^2; the latter two have three channels."""
        weighted = weight[..., None] * brightness
        self.even[:] += weight[..., None]
        self.cross[:] += weighted
        self.bright[:] += _dot(weighted, brightness)
        self.pull[:] += weight[..., None] * step
        self.pull_matte[:] -= _dot(weighted, step)

    def add_scaled(self, weight: Floats, scale: Floats, step: Floats) -> None:
        """Add weight * |step - scale dQ|^2; scale and step have three channels."""
        self.even[:] += weight[..., None] * scale**2
        self.pull[:] += weight[..., None] * scale * step

    def slope(self, step: Floats) -> Floats:
        """Half of the derivative by du at du = step, without the pull."""
        matte, drawn = step[..., :1], step[..., 1:]
        by_matte = self.bright[..., None] * matte - _dot(self.cross, drawn)[..., None]
        return np.concatenate([by_matte, self.even * drawn - self.cross * matte], -1)


def _dot(first: Floats, second: Floats) -> Floats:
    """Over the channels."""
    return np.einsum("...c,...c->...", first, second)


def solve(start: Floats, pairs: list[Pairs], rest: Floats, support: Mask) -> Floats:
    """u, h x w x 4, by conjugate gradients from a start; pairs: along axes 0 and 1; rest, h x w:
    the weight with which u is drawn to 0 in each pixel.

    The preconditioner adds Jacobi steps on all levels of resolution (Bramble, Pasciak and Xu,
    Mathematics of Computation 55, 1990).
    """
    inside = support[..., None]
    diagonal = np.repeat(rest[..., None] + np.float32(1e-6), 4, axis=-1)
    pull = np.zeros_like(start)
    for axis, sums in enumerate(pairs):
        low, high = _ends(axis)
        curvature = np.dstack([sums.bright, sums.even])
        diagonal[low] += curvature
        diagonal[high] += curvature
        drawn = np.dstack([sums.pull_matte, sums.pull])
        pull[low] -= drawn
        pull[high] += drawn
    solution = start * inside
    left = (pull - _slope(solution, pairs, rest)) * inside
    better = _all_levels(left, diagonal) * inside
    direction, size = better, float((left * better).sum())
    goal = TOLERANCE**2 * size
    for _ in range(STEPS):
        if size <= goal:
            break
        image = _slope(direction, pairs, rest) * inside
        length = size / max(float((direction * image).sum()), 1e-20)
        solution = solution + length * direction
        left = left - length * image
        better = _all_levels(left, diagonal) * inside
        before, size = size, float((left * better).sum())
        direction = better + size / before * direction
    return solution


def _slope(planes: Floats, pairs: list[Pairs], rest: Floats) -> Floats:
    total = planes * rest[..., None]
    for axis, sums in enumerate(pairs):
        low, high = _ends(axis)
        slope = sums.slope(np.diff(planes, axis=axis))
        total[low] -= slope
        total[high] += slope
    return total


def _ends(axis: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """The first and the second pixels of the pairs along an axis."""
    every = slice(None)
    return (every,) * axis + (slice(None, -1),), (every,) * axis + (slice(1, None),)


def _all_levels(left: Floats, diagonal: Floats) -> Floats:
    step = left / diagonal
    if min(left.shape[:2]) < COARSEST_PX:
        return step
    reduced = [np.asarray(cv2.pyrDown(planes), np.float32) for planes in (left, diagonal)]
    coarse = _all_levels(4 * reduced[0], reduced[1])
    return step + cv2.pyrUp(coarse, dstsize=left.shape[1::-1])
