"""The distinct colours of a mark, as the network sees them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.pairs import core_of

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]

SAME_COLOUR = 0.2
"""Colours closer than this are one."""
MAX_COLOURS = 6
MIN_SHARE = 0.003
"""A colour must cover this part of the mark: a few letters on a disc do."""
MIXED = 0.08
"""A colour that lies so near to the line between two others is a mixture of them."""
OTHER_COLOUR = 0.35
"""Thin pieces whose colour is as far from those of what is thick are of another one,"""
LEAST_THIN = 0.05
"""if they are so much of the mark."""


def cores_of(mask: Bools, matte: Floats, colour: Floats) -> Bools:
    """The pixels of a mark that it covers fully, some of each of its colours.

    mask, matte: H x W, colour: H x W x 3, the network's. It takes what is thin for less opaque:
    beside thick parts, thin ones of another colour have a core of their own.
    """
    core = core_of(mask, matte)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    count = stats[:, cv2.CC_STAT_AREA]
    least = LEAST_THIN * count[1:].sum()
    thin = np.setdiff1d(pieces[mask], pieces[core])
    if count[thin].sum() < least:
        return core
    sums = [np.bincount(pieces.ravel(), channel.ravel()) for channel in cv2.split(colour)]
    seen = np.transpose(sums)[thin] / count[thin, None]
    centres, _ = distinct_colours(colour, core)
    thin = thin[np.abs(seen[:, None] - centres).max(-1).min(-1) > OTHER_COLOUR]
    if count[thin].sum() < least:
        return core
    core = core.copy()
    for index in thin:
        x, y, width, height, _ = stats[index]
        box = np.s_[y : y + height, x : x + width]
        core[box] |= core_of(pieces[box] == index, matte[box])
    return core


def distinct_colours(colour: Floats, core: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.intp]]:
    """The mark's distinct colours, K x 3, and the nearest of them for every pixel, H x W.

    colour: H x W x 3, core: H x W, not empty, pixels where the mark has its full opacity.
    """
    samples = colour[core].astype(np.float32)
    if len(samples) == 1:  # OpenCV would take its channels for three samples
        return samples, np.zeros(core.shape, np.intp)
    count = min(MAX_COLOURS, len(samples))
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 1e-3)
    cv2.setRNGSeed(0)
    _, assigned, centres = cv2.kmeans(samples, count, None, criteria, 1, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    shares = np.bincount(assigned.ravel(), minlength=count) / len(samples)
    kept: list[tuple[Floats, float]] = []
    for index in np.argsort(-shares):
        centre, share = centres[index], float(shares[index])
        near = [i for i, (c, _) in enumerate(kept) if np.abs(c - centre).max() < SAME_COLOUR]
        if near:
            other, weight = kept[near[0]]
            total = weight + share
            kept[near[0]] = ((other * weight + centre * share) / total, total)
        elif share >= MIN_SHARE:
            kept.append((centre, share))
    kept = [(c, share) for c, share in kept if not _is_mixed(c, [k for k in kept if k[1] > share])]
    distinct = np.array([centre for centre, _ in kept], np.float32)
    # of |c - d|^2 what depends on d
    distance = (distinct**2).sum(-1) - 2 * colour.reshape(-1, 3) @ distinct.T
    return distinct, distance.argmin(-1).reshape(core.shape)


def _is_mixed(colour: Floats, larger: list[tuple[Floats, float]]) -> bool:
    """Whether the colour lies between two that cover more: then it is that of the seam between
    them."""
    for index, (one, _) in enumerate(larger):
        for other, _ in larger[:index]:
            line = other - one
            part = float((colour - one) @ line / max(float(line @ line), 1e-6))
            off = np.abs(colour - one - part * line).max()
            if 0 < part < 1 and off < MIXED:
                return True
    return False
