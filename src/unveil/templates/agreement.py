"""Find what pictures have in common: edges that are the same in all of them.

Each picture's gradient is divided by its size, so that no picture outweighs another, and summed
over the pictures, once plainly and once times the brightness around, as the edges of a grey mark
change their sign with it. Where nothing is shared the sums grow by chance only, with the root of
the number of pictures; how far, sums with the signs of half of the pictures reversed show.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.boxes import around
from unveil.channels import channel_mean, channel_sum
from unveil.masks import Mask, dilated
from unveil.templates.alignment import Box

Floats = NDArray[np.floating]

FAINT = 0.02
"""Gradients of less than this count less than others."""
AROUND_PX = 6.0
"""Standard deviation of the neighbourhood that makes the brightness around."""
POOLED_PX = (3.0, 7.0)
"""Standard deviations of the neighbourhoods from which agreement is measured: the smaller shows
more exactly where it is, the larger finds it where it is weak."""
QUIET = 0.05
"""Where edges are rarer than this, agreement is measured as if they were not."""
ABOVE_CHANCE = 1.15
"""Agreement is more than this times the most that arises by chance."""
HIGHEST = 0.002
"""The highest agreement is that of this part of the pixels."""
LEAST_PX = 16
"""A mark has so many pixels that agree, at least."""
RIM_PX = 3
"""So wide are rims of scans and of resampling, which pictures of one source share,"""
RIM = 0.5
"""and so much of a side's length they take, at least."""
GROUPED = 0.04
"""Parts of a mark lie no further apart than this part of the frame's longer side."""
LEAST_PERIOD_PX = 16
"""Shorter periods are texture within a mark."""
REPEATED = 0.5
"""In tiles, this much of what agrees agrees again one period further."""
TILE_MARGIN_PX = 6
"""Around what agrees in a tile."""
LEAST_OVERLAP = 0.3
"""Periods are looked for up to where this part of the frame overlaps with itself."""


class Agreement:
    """Sums over pictures of one size."""

    def __init__(self, size_hw: tuple[int, int]) -> None:
        self.count = 0
        self._sums = [np.zeros((*size_hw, 12), np.float32) for _ in range(5)]
        self._squares = np.zeros(size_hw, np.float32)

    def add(self, rgb: NDArray[np.uint8]) -> None:
        """One picture, H x W x 3."""
        edges = _edges(rgb)
        self._squares += channel_sum(edges**2)
        by_1, by_2, by_4 = ((-1) ** (self.count // period) for period in (1, 2, 4))
        signs = 1, by_1, by_2, by_1 * by_2, by_4
        for total, sign in zip(self._sums, signs, strict=True):
            total += sign * edges
        self.count += 1

    def excess(self, within: Box | None = None) -> Floats:
        """Agreement above the most that arises by chance, H x W, 0 where there is none and out of a
        box, where it is said to be."""
        x0, y0, x1, y1 = self._limits(within)
        whole = np.zeros_like(self._squares)
        for sigma_px in POOLED_PX:
            ratios = self._ratios(within, sigma_px)
            chance = max(float(ratio.max(initial=0)) for ratio in ratios[1:])
            whole[y0:y1, x0:x1] = np.maximum(ratios[0] - ABOVE_CHANCE * chance, 0)
            if is_mark(whole):
                break
        return whole

    def contrast(self, within: Box | None = None) -> float:
        """The highest agreement, as a multiple of the highest that arises by chance."""
        contrasts = []
        for sigma_px in POOLED_PX:
            ratios = self._ratios(within, sigma_px)
            if ratios[0].size == 0:
                return 0.0
            highest = [float(np.quantile(ratio, 1 - HIGHEST)) for ratio in ratios]
            contrasts.append(highest[0] / max(highest[1:]))
        return max(contrasts)

    def without_rims(self) -> Box:
        """Forget the sides along which the pictures agree at the very border; what remains."""
        height, width = self._squares.shape
        sides = np.s_[:, :RIM_PX], np.s_[:RIM_PX], np.s_[:, -RIM_PX:], np.s_[-RIM_PX:]
        left, top, right, bottom = (RIM_PX * self._is_rim(side) for side in sides)
        inner = np.zeros((height, width), np.bool_)
        inner[top : height - bottom, left : width - right] = True
        for total in (self._squares, *self._sums):
            total[~inner] = 0
        return left, top, width - right, height - bottom

    def _is_rim(self, side: Any) -> bool:
        across = int(np.argmin(self._squares[side].shape))
        usual = (self._squares[side] + QUIET * self.count).sum(across)
        ratios = [(total[side] ** 2).sum((across, 2)) / usual for total in self._sums]
        chance = max(float(ratio.max()) for ratio in ratios[1:])
        return float(np.mean(ratios[0] > ABOVE_CHANCE * chance)) > RIM

    def _limits(self, within: Box | None) -> Box:
        height, width = self._squares.shape
        return within or (0, 0, width, height)

    def _ratios(self, within: Box | None, sigma_px: float) -> list[Floats]:
        """Agreement as a multiple of the usual, and four that arise by chance."""
        x0, y0, x1, y1 = self._limits(within)
        usual = _pooled(self._squares, sigma_px) + QUIET * self.count
        ratios = [_pooled(channel_sum(total**2), sigma_px) / usual for total in self._sums]
        return [ratio[y0:y1, x0:x1] for ratio in ratios]

    def shared(self) -> Floats:
        """The mean edges, H x W x 12."""
        return self._sums[0] / max(self.count, 1)


def is_mark(excess: Floats) -> bool:
    """Whether enough agrees."""
    return int(np.count_nonzero(excess)) >= LEAST_PX


def _edges(rgb: NDArray[np.uint8]) -> Floats:
    """Gradients by size, and these times the brightness around, H x W x 12."""
    values = rgb.astype(np.float32) / np.float32(255)
    gradient = np.dstack(
        [cv2.Scharr(values, cv2.CV_32F, x, y, scale=1 / 16) for x, y in ((1, 0), (0, 1))]
    )
    edges = gradient / np.sqrt((gradient**2).sum(-1, keepdims=True) + FAINT**2)
    around = cv2.GaussianBlur(channel_mean(values), (0, 0), AROUND_PX)
    return np.dstack([edges, edges * np.float32(4) * (around - 0.45)[..., None]])


def _pooled(values: Floats, sigma_px: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma_px), np.float32)


@dataclass(frozen=True, eq=False)
class Cell:
    """Where one instance of a mark lies."""

    box: Box
    inside: Mask
    """Of the box: where the mark may be."""
    others: list[tuple[int, int]]
    """x and y from it to the other instances."""


def main_group(excess: Floats) -> Box:
    """Around the parts that lie close together and agree most."""
    height, width = excess.shape
    reach = max(3, round(GROUPED * max(height, width))) | 1
    near = cv2.dilate((excess > 0).view(np.uint8), np.ones((reach, reach), np.uint8))
    labels = np.asarray(cv2.connectedComponents(near)[1], np.intp)
    sums = np.bincount(labels.ravel(), weights=excess.ravel())
    return around((labels == sums.argmax()) & (excess > 0))


def tile(agreement: Agreement, excess: Floats) -> Cell | None:
    """One tile of a mark that is repeated all over the frame, or None.

    The periods are the peaks of the autocorrelation of the edges that agree. A cell is what is
    nearer to its centre than to that of any other tile; it is put with the mark in its middle.
    """
    edges = agreement.shared() * (excess > 0)[..., None]
    correlation = _autocorrelation(edges)
    periods = _peaks(correlation)
    if len(periods) < 2 or np.linalg.matrix_rank(periods) < 2:  # a row of its own parts
        return None
    height, width = excess.shape
    half_x, half_y = (int(np.abs(periods[:, axis]).max() // 2) for axis in (0, 1))
    y, x = np.mgrid[-half_y : half_y + 1, -half_x : half_x + 1]
    nearest = np.ones(x.shape, np.bool_)
    for u, v in periods:
        nearest &= x * u + y * v <= (u * u + v * v) / 2
    x0, y0, x1, y1 = around(nearest)
    nearest = nearest[y0:y1, x0:x1]
    if nearest.shape[0] > height or nearest.shape[1] > width:
        return None
    deep = cv2.distanceTransform(np.pad(nearest.view(np.uint8), 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    held = cv2.matchTemplate(np.asarray(excess, np.float32), deep, cv2.TM_CCORR)
    top, left = (int(index) for index in np.unravel_index(held.argmax(), held.shape))
    area = np.s_[top : top + nearest.shape[0], left : left + nearest.shape[1]]
    mark = dilated(nearest & (excess[area] > 0), TILE_MARGIN_PX) & nearest
    if not mark.any():
        return None
    x0, y0, x1, y1 = around(mark)
    box = left + x0, top + y0, left + x1, top + y1
    inside = nearest[y0:y1, x0:x1]
    return Cell(box, inside, _others(edges, box, inside))


def _autocorrelation(edges: Floats) -> Floats:
    """Of planes with themselves, for shifts up to their size, as if they had no border; 1 in the
    middle. (2 H - 1) x (2 W - 1)."""
    height, width = edges.shape[:2]
    size = 2 * height - 1, 2 * width - 1
    power = sum(np.abs(np.fft.rfft2(edges[..., k], size)) ** 2 for k in range(edges.shape[-1]))
    correlation = np.fft.fftshift(np.fft.irfft2(power, size))
    overlap = np.outer(_overlap(height), _overlap(width))
    peak = max(float(correlation[height - 1, width - 1]), 1e-12)
    return np.where(overlap >= LEAST_OVERLAP, correlation / np.maximum(overlap, 0.1) / peak, 0)


def _overlap(length: int) -> Floats:
    return 1 - np.abs(np.arange(1 - length, length)) / length


def _peaks(correlation: Floats) -> NDArray[np.intp]:
    """Shifts x, y at which most agrees again, K x 2."""
    smooth = np.asarray(correlation, np.float32)
    size = LEAST_PERIOD_PX | 1
    peaks = (smooth >= REPEATED) & (smooth == cv2.dilate(smooth, np.ones((size, size))))
    height, width = correlation.shape
    shifts = np.argwhere(peaks)[:, ::-1] - np.array([width // 2, height // 2])
    return shifts[np.hypot(*shifts.T) >= LEAST_PERIOD_PX]


def _others(edges: Floats, box: Box, inside: Mask) -> list[tuple[int, int]]:
    """From one tile to the others that lie wholly in the frame."""
    x0, y0, x1, y1 = box
    pattern = edges[y0:y1, x0:x1] * inside[..., None]
    planes = range(edges.shape[-1])
    match = sum(
        np.asarray(cv2.matchTemplate(edges[..., k], pattern[..., k], cv2.TM_CCORR)) for k in planes
    )
    match = np.asarray(match, np.float32) / max(float((pattern**2).sum()), 1e-12)
    size = LEAST_PERIOD_PX | 1
    peaks = (match >= REPEATED) & (match == cv2.dilate(match, np.ones((size, size))))
    places = [(int(x) - x0, int(y) - y0) for y, x in np.argwhere(peaks)]
    return [place for place in places if place != (0, 0)]
