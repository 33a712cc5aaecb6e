"""The unknowns of a mark that pictures share, on one level of resolution, and their improvement."""

from copy import copy
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.blending import change_of, least_opaque, to_linear, to_srgb, unblend
from unveil.channels import channel_mean
from unveil.masks import Mask
from unveil.templates.differences import Pairs, solve
from unveil.templates.members import EDGE, ROUNDING, Member, View, between, fit_member, judge

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
FAINT = 0.015
"""Where the matte is below this on one level, the next takes the mark to be absent."""
SUPPORT_PX = 3
"""But not within this distance of where it is."""


class Estimate:
    """The unknowns (a, P), h x w x 4, on one level of resolution, and how they are improved."""

    def __init__(
        self,
        members: list[Member],
        support: Mask,
        unknowns: Floats | None,
        reduction: int,
        subpixel: bool,
    ) -> None:
        self.mode, self.light = "normal", "srgb"
        self.members = members
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

    def supposing(self, mode: str, light: str) -> "Estimate":
        """A start for another blend mode or light: the mark that does the same to the usual grey;
        from an estimate in normal mode and sRGB."""
        other = copy(self)
        other.mode, other.light = mode, light
        other.members = [replace(m, strength=1.0, agrees=True) for m in self.members]
        matte, premultiplied = self.unknowns[..., :1], self.unknowns[..., 1:]
        change = premultiplied - self._grey * matte
        if light == "linear":
            other._grey = np.asarray(to_linear(self._grey), np.float32)
            change = to_linear(np.clip(self._grey + change, 0, 1)) - other._grey
        if mode == "normal":
            premultiplied = np.clip(change + other._grey * matte, 0, matte)
        else:
            matte, premultiplied = least_opaque(change / _share(other._grey, mode), mode)
        other.unknowns = np.dstack([matte, premultiplied]).astype(np.float32)
        return other

    def edges(self) -> list[Mask]:
        """Pairs along axes 0 and 1 between which the mark changes clearly."""
        steps = [np.abs(np.diff(self.unknowns, axis=axis)).max(-1) for axis in (0, 1)]
        level = EDGE * max(float(step.max(initial=0)) for step in steps)
        return [step > level for step in steps]

    def residual(self, edges: list[Mask]) -> float:
        """What the mark does not explain of the steps there in all pictures, robustly."""
        total = 0.0
        for member in self.members:
            marked = self._values(member)
            for axis, view in enumerate(self._views(marked, member.strength)):
                left = view.left(member.strength)[edges[axis]]
                if self.light == "linear":
                    middle = between(marked, axis)[edges[axis]]
                    ends = (np.clip(middle + side * left, 0, 1) for side in (0.5, -0.5))
                    left = np.subtract(*(to_srgb(end) for end in ends))
                total += float(np.sqrt(ROUNDING**2 + left**2).sum())
        return total

    def everywhere(self) -> Floats:
        """The unknowns of the whole region."""
        whole = np.zeros((*self._size_hw, 4), np.float32)
        whole[self._window] = self.unknowns
        return whole

    def improve(self, robust: bool) -> None:
        """Fit strengths and shifts to the mark as it is known, then solve for the mark again."""
        pairs = self._sums(self.members, robust, fit=not self._blank)
        if not self._blank:
            judge(self.members)
        self.unknowns = self._solved(pairs, robust)
        self._blank = False

    def error(self) -> float:
        """From the difference of the solutions from every other agreeing picture."""
        agreeing = [member for member in self.members if member.agrees]
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
            views = self._views(marked, member.strength)
            if member.agrees:
                self._add(pairs, member.strength, views, robust)
            if fit:  # for the next step
                fit_member(member, views, self._reduction, self._subpixel)
        return pairs

    def _add(self, pairs: list[Pairs], strength: float, views: list[View], robust: bool) -> None:
        """One picture, by how well it shows the mark."""
        left = [view.left(strength) for view in views]
        squares = [channel_mean(residual**2) for residual in left]
        texture = _blurred(_spread(squares), TEXTURE_PX)
        for axis, (view, square) in enumerate(zip(views, squares, strict=True)):
            if robust:
                weight = ROUNDING / np.sqrt(ROUNDING**2 + square)
            else:
                noise = ROUNDING**2 + (square + between(texture, axis)) / 2
                weight = ROUNDING**2 / noise
            step = view.step / max(strength, 1e-3)
            if self.mode == "normal":
                pairs[axis].add(weight * strength**2, view.brightness - self._grey, step)
            else:
                share = _share(view.brightness, self.mode)
                pairs[axis].add_scaled(weight * strength**2, share, step)

    def _values(self, member: Member) -> Floats:
        moved = member.moved(self._subpixel)
        part = resized(moved, self._size_hw)[self._window]
        values = part.astype(np.float32) / np.float32(255)
        return np.asarray(to_linear(values), np.float32) if self.light == "linear" else values

    def _views(self, marked: Floats, strength: float) -> list[View]:
        background = self._background(marked, strength)
        return [View(marked, background, self.unknowns, axis, self.mode) for axis in (0, 1)]

    def _background(self, marked: Floats, strength: float) -> Floats:
        """b in each pixel: filled in from around while the mark is not known, then unblended."""
        if self._blank:
            return _filled(marked, self._support)
        matte = np.clip(strength * self.unknowns[..., :1], 0, 1)
        colour = self.unknowns[..., 1:] / np.maximum(self.unknowns[..., :1], 1e-6)
        clean = _blurred(unblend(marked, colour, matte, self.mode), BLUR_PX)
        return np.where(self._support[..., None], clean, marked)

    def _solved(self, pairs: list[Pairs], robust: bool) -> Floats:
        """(a, P) from the sums and the priors. Solved for Q = P - grey * a instead of P, which is
        nearly independent of a; in other modes for the change that leaves a open."""
        matte, premultiplied = self.unknowns[..., :1], self.unknowns[..., 1:]
        if self.mode == "normal":
            start = np.concatenate([matte, premultiplied - self._grey * matte], -1)
        else:
            change = change_of(premultiplied, matte, self.mode)
            start = np.concatenate([0 * matte, change], -1)
        local = _local_colour(self.unknowns) - self._grey
        present = matte[..., 0] / max(ABSENT_MATTE * float(matte.max()), 1e-6)
        rest = ABSENT / (1 + present**2) * np.float32(not self._blank)
        for axis, sums in enumerate(pairs):
            step = np.diff(start, axis=axis)
            size = ROUNDING**2 + channel_mean(np.diff(self.unknowns, axis=axis) ** 2)
            even = np.full_like(size, LOOSE) if robust else EVEN * ROUNDING**2 / size
            sums.even[:] += even[..., None]
            sums.bright[:] += 0.2 * even
            if not robust and self.mode == "normal":
                colour = between(local, axis)
                off = channel_mean((step[..., 1:] - colour * step[..., :1]) ** 2)
                weight = ONE_COLOUR * ROUNDING**2 / (ROUNDING**2 + off)
                sums.add(weight, colour, np.zeros_like(colour))
        solved = solve(start, pairs, rest, self._support)
        drawn = solved[..., 1:]
        if self.mode != "normal":
            return np.dstack(least_opaque(drawn, self.mode)).astype(np.float32)
        # The least opacity with which a colour in [0, 1] makes this difference from the grey.
        least = np.maximum(-drawn / self._grey, drawn / (1 - self._grey)).max(-1)
        found = np.clip(np.maximum(solved[..., 0], least), 0, 1)[..., None] * np.float32(1)
        drawn = np.clip(drawn + self._grey * found, 0, found)
        return np.concatenate([found, drawn], -1).astype(np.float32)


def _share(background: Floats, mode: str) -> Floats:
    """What a mark's change is multiplied by."""
    if mode == "screen":
        return 1 - background
    return np.minimum(background, 1 - background) if mode == "overlay" else background


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


def resized(values: NDArray, size_hw: tuple[int, int]) -> NDArray:
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
