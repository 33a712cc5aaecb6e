"""Matte and colour of a mark from many pictures that share it, all in register.

With the premultiplied colour P = a * W, the strength m of one picture and its background B, the
difference of two neighbouring pixels is

    dJ = m * (dP - b * da) + (1 - m * a) * dB,    b = mean of B over the two pixels,

where the last term is the texture of the picture: of either sign, and small in most pictures. So
each pair of neighbours has a robust linear regression over pictures and channels with the unknowns
(da, dP). All pairs together are one least-squares problem in a and P, which are 0 around the mark:
Poisson's equation with a 4 x 4 weight for each pair, which is how well that pair is known. The
pictures are then unblended for better b and m, and it is solved again, from coarse to fine. The
alternation is that of Dekel et al., "On the effectiveness of visible watermarks" (CVPR 2017);
the weighted joint solution and the weights by local texture are not.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.blending import unblend
from unveil.masks import Mask, connected, dilated
from unveil.templates.differences import Pairs, solve
from unveil.templates.members import ROUNDING, Member, View, between, fit_member, judge

Floats = NDArray[np.floating]

TEXTURE_PX = 1.0
"""Standard deviation of the neighbourhood from which a picture's texture is measured."""
BLUR_PX = 1.0
"""Standard deviation of the Gaussian over the unblended pictures, against their noise."""
EVEN = 1.0
"""The mark is even, says a prior that weighs as much as so many evenly coloured pictures."""
ONE_COLOUR = 3.0
"""The mark keeps its colour from pixel to pixel, likewise."""
LOOSE = 1e-3
"""In the first steps, whose start is far off, there are no priors but this even one."""
ABSENT = 0.06
"""The matte is 0 where nothing speaks against it, likewise, per pixel;"""
ABSENT_MATTE = 0.035
"""above this part of the highest matte, less so."""
COLOUR_PX = 6.0
"""Standard deviation of the neighbourhood in which it keeps its colour."""
COARSEST_PX = 64
"""Shorter side of the region on the coarsest level, at least."""
STEPS_COARSE = (4, 8)
"""Solutions on the coarsest level: the first weigh texture by its size, the others, nearer to the
truth, by its square, with the priors; the number of the first, and of all."""
STEPS_FINE = (1, 4)
"""The same on each finer level."""
FAINT = 0.015
"""Where the matte is below this on one level, the next takes the mark to be absent."""
SUPPORT_PX = 3
"""But not within this distance of where it is."""
VISIBLE = 1.5
"""Matte below so many standard errors is noise, not the mark,"""
LEAST_VISIBLE = 0.006
"""and so it is below this,"""
MOST_ERROR = 0.02
"""with errors above this counted as this,"""
CLEAR = 3.0
"""and where none near it has so much more,"""
SURE = 0.2
"""and where no pixel that it is connected with has this part of the highest matte."""


class Mark(NamedTuple):
    """What :func:`decompose` finds."""

    matte: Floats
    """h x w."""
    premultiplied: Floats
    """h x w x 3."""
    strengths: Floats
    """N; their median over the kept pictures is 1."""
    kept: NDArray[np.bool_]
    """N: the pictures that agree."""
    error: float
    """Standard error of the matte where it is not 0, from two halves of the pictures."""

    def visible(self) -> Mask:
        """Where the matte is more than noise."""
        level = max(LEAST_VISIBLE, VISIBLE * min(self.error, MOST_ERROR))
        clear = np.asarray(self.matte > CLEAR * level)
        some = (self.matte > level) & dilated(clear, SUPPORT_PX)
        return connected(some, clear & (self.matte > SURE * float(self.matte.max())))


def decompose(pictures: Sequence[NDArray[np.uint8]], inside: Mask, *, subpixel: bool) -> Mark:
    """Separate the mark that N pictures share from their backgrounds.

    pictures: the same region of each, h x w x 3. inside: h x w, where the mark may be. subpixel:
    the pictures were resized, so the mark may be off by a fraction of a pixel; otherwise they are
    moved by whole pixels only.
    """
    height, width = inside.shape
    levels = max(0, int(np.log2(max(1, min(height, width) / COARSEST_PX))))
    members = [Member(picture) for picture in pictures]
    unknowns, error = None, 1.0
    for level in range(levels, -1, -1):
        reduction = 2**level
        size_hw = round(height / reduction), round(width / reduction)
        support = _resized(inside.astype(np.float32), size_hw) > 0.5
        robust, steps = STEPS_COARSE
        if unknowns is not None:
            robust, steps = STEPS_FINE
            unknowns = _resized(unknowns, size_hw)
            support &= dilated(unknowns[..., 0] > FAINT, SUPPORT_PX)
        estimate = _Estimate(members, support, unknowns, reduction, subpixel)
        for step in range(steps):
            estimate.improve(robust=step < robust)
        unknowns = estimate.everywhere()
        error = estimate.error() if level == 0 else error
    assert unknowns is not None
    return Mark(
        unknowns[..., 0],
        unknowns[..., 1:],
        np.array([member.strength for member in members]),
        np.array([member.agrees for member in members]),
        error,
    )


class _Estimate:
    """The unknowns (a, P), h x w x 4, on one level of resolution, and how they are improved."""

    def __init__(
        self,
        members: list[Member],
        support: Mask,
        unknowns: Floats | None,
        reduction: int,
        subpixel: bool,
    ) -> None:
        self._members = members
        self._size_hw = support.shape[0], support.shape[1]
        self._window = _around(support)
        self._support = support[self._window]
        self._reduction = reduction
        self._subpixel = subpixel
        self._blank = unknowns is None
        start = np.zeros((*support.shape, 4), np.float32) if unknowns is None else unknowns
        self.unknowns = start[self._window] * self._support[..., None]
        means = [member.picture.mean((0, 1)) / 255 for member in members]
        self._grey = np.asarray(np.clip(np.mean(means, axis=0), 0.05, 0.95), np.float32)

    def everywhere(self) -> Floats:
        """The unknowns of the whole region."""
        whole = np.zeros((*self._size_hw, 4), np.float32)
        whole[self._window] = self.unknowns
        return whole

    def improve(self, robust: bool) -> None:
        """Fit strengths and shifts to the mark as it is known, then solve for the mark again."""
        pairs = self._sums(self._members, robust, fit=not self._blank)
        if not self._blank:
            judge(self._members)
        self.unknowns = self._solved(pairs, robust)
        self._blank = False

    def error(self) -> float:
        """From the difference of the solutions from every other agreeing picture."""
        agreeing = [member for member in self._members if member.agrees]
        halves = [
            self._solved(self._sums(half, False, fit=False), False)[..., 0]
            for half in (agreeing[::2], agreeing[1::2])
            if half
        ]
        marked = self.unknowns[..., 0] > FAINT
        if len(halves) < 2 or not marked.any():
            return 1.0
        return float(np.sqrt(np.mean((halves[0] - halves[1])[marked] ** 2)) / 2)

    def _sums(self, members: list[Member], robust: bool, fit: bool) -> list[Pairs]:
        pairs = [Pairs.empty(self._support.shape[:2], axis) for axis in (0, 1)]
        for member in members:
            marked = self._values(member)
            background = self._background(marked, member.strength)
            views = [View(marked, background, self.unknowns, axis) for axis in (0, 1)]
            if member.agrees:
                self._add(pairs, member.strength, views, robust)
            if fit:  # for the next step
                fit_member(member, views, self._reduction, self._subpixel)
        return pairs

    def _add(self, pairs: list[Pairs], strength: float, views: list[View], robust: bool) -> None:
        """One picture, by how well it shows the mark."""
        left = [view.left(strength) for view in views]
        squares = [(residual**2).mean(-1) for residual in left]
        texture = _blurred(_spread(squares), TEXTURE_PX)
        for axis, (view, square) in enumerate(zip(views, squares, strict=True)):
            if robust:
                weight = ROUNDING / np.sqrt(ROUNDING**2 + square)
            else:
                noise = ROUNDING**2 + (square + between(texture, axis)) / 2
                weight = ROUNDING**2 / noise
            step = view.step / max(strength, 1e-3)
            pairs[axis].add(weight * strength**2, view.brightness - self._grey, step)

    def _values(self, member: Member) -> Floats:
        moved = member.moved(self._subpixel)
        part = _resized(moved, self._size_hw)[self._window]
        return part.astype(np.float32) / np.float32(255)

    def _background(self, marked: Floats, strength: float) -> Floats:
        """b in each pixel: filled in from around while the mark is not known, then unblended."""
        if self._blank:
            return _filled(marked, self._support)
        matte = np.clip(strength * self.unknowns[..., :1], 0, 1)
        colour = self.unknowns[..., 1:] / np.maximum(self.unknowns[..., :1], 1e-6)
        clean = _blurred(unblend(marked, colour, matte), BLUR_PX)
        return np.where(self._support[..., None], clean, marked)

    def _solved(self, pairs: list[Pairs], robust: bool) -> Floats:
        """(a, P) from the sums and the priors. Solved for Q = P - grey * a instead of P, which is
        nearly independent of a."""
        shifted = self.unknowns.copy()
        shifted[..., 1:] -= self._grey * shifted[..., :1]
        local = _local_colour(self.unknowns) - self._grey
        matte = self.unknowns[..., 0]
        present = matte / max(ABSENT_MATTE * float(matte.max()), 1e-6)
        rest = ABSENT / (1 + present**2) * np.float32(not self._blank)
        for axis, sums in enumerate(pairs):
            step = np.diff(shifted, axis=axis)
            size = ROUNDING**2 + (np.diff(self.unknowns, axis=axis) ** 2).mean(-1)
            even = np.full_like(size, LOOSE) if robust else EVEN * ROUNDING**2 / size
            sums.even[:] += even
            sums.bright[:] += 0.2 * even
            if not robust:
                colour = between(local, axis)
                off = ((step[..., 1:] - colour * step[..., :1]) ** 2).mean(-1)
                weight = ONE_COLOUR * ROUNDING**2 / (ROUNDING**2 + off)
                sums.add(weight, colour, np.zeros_like(colour))
        solved = solve(shifted, pairs, rest, self._support)
        # The least opacity with which a colour in [0, 1] makes this difference from the grey.
        drawn = solved[..., 1:]
        least = np.maximum(-drawn / self._grey, drawn / (1 - self._grey)).max(-1)
        matte = np.clip(np.maximum(solved[..., 0], least), 0, 1)[..., None] * np.float32(1)
        premultiplied = np.clip(drawn + self._grey * matte, 0, matte)
        return np.concatenate([matte, premultiplied], -1).astype(np.float32)


def _around(support: Mask) -> tuple[slice, slice]:
    """The smallest window that holds the support and, where there is room, some background."""
    spans = []
    for axis in (0, 1):
        found = np.flatnonzero(support.any(1 - axis))
        low, high = (found[0], found[-1]) if found.size else (0, support.shape[axis] - 1)
        spans.append(slice(max(0, int(low) - SUPPORT_PX), int(high) + 1 + SUPPORT_PX))
    return spans[0], spans[1]


def _spread(squares: list[Floats]) -> Floats:
    """Per pixel, from the pairs along both axes."""
    height, width = squares[1].shape[0], squares[0].shape[1]
    total = np.zeros((height, width), np.float32)
    total[:-1] += squares[0] / 2
    total[:, :-1] += squares[1] / 2
    return total


def _blurred(values: Floats, sigma_px: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma_px), np.float32)


def _resized(values: NDArray, size_hw: tuple[int, int]) -> NDArray:
    if size_hw == values.shape[:2]:
        return values
    method = cv2.INTER_AREA if size_hw[0] < values.shape[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(values, size_hw[::-1], interpolation=method))


def _local_colour(unknowns: Floats) -> Floats:
    """The mark's colour as a mean over the neighbourhood, h x w x 3."""
    matte, premultiplied = unknowns[..., 0], unknowns[..., 1:]
    sums = _blurred(premultiplied * matte[..., None], COLOUR_PX)
    return sums / np.maximum(_blurred(matte**2, COLOUR_PX), 1e-5)[..., None]


def _filled(picture: Floats, hole: Mask) -> Floats:
    """The picture, smoothly filled from around the hole."""
    known = np.asarray(~hole, np.float32)
    filled = _pushed(picture * known[..., None], known)
    return np.where(hole[..., None], filled, picture)


def _pushed(values: Floats, known: Floats) -> Floats:
    """Values times how well they are known, divided by that; where it is 0, from coarser ones."""
    if min(values.shape[:2]) < 3:
        mean = values.sum((0, 1)) / max(float(known.sum()), 1e-6)
        return np.zeros_like(values) + mean.astype(np.float32)
    reduced = [np.asarray(cv2.pyrDown(plane), np.float32) for plane in (values, known)]
    coarse = _pushed(reduced[0], reduced[1])
    beyond = cv2.pyrUp(coarse, dstsize=values.shape[1::-1])
    return values + (1 - known[..., None]) * beyond
