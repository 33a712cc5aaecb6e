"""One opacity and a few colours for a mark, solved from what lies on both sides of its border.

Inside the mark, J = a * W + (1 - a) * B; just outside, J = B. Both backgrounds have the same
distribution, so over many pairs of neighbours across the border the spread of J shrinks by 1 - a (a
reduced-major-axis slope: the outside pixel is only a noisy stand-in for B, so least squares would
be biased), and the means differ by a * (W - B). The network's own opinion of opacity and colour
enters with its known error. The opacity is where all of this agrees best.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.blending import unblend
from unveil.masks import dilated, nearest

Floats = NDArray[np.floating]

MATTE_ERROR = 0.08
"""Standard error of the network's opacity of a mark."""
COLOUR_ERROR = 0.12
"""Standard error of the network's colour of a part of a mark, per channel."""
CORRELATED_PAIRS = 30
"""Neighbouring pairs carry the same information: so many count as one."""
SAME_COLOUR = 0.16
"""Colours closer than this are one."""
MAX_COLOURS = 6
MIN_SHARE = 0.005
"""A colour must cover this part of the mark: a few letters on a disc do."""


@dataclass(frozen=True)
class Solution:
    """What a mark is made of."""

    opacity: float
    error: float
    """Standard error of the opacity."""
    colours: Floats
    """K x 3."""
    labels: NDArray[np.intp]
    """H x W: index into colours for every pixel, meaningful under the mark."""


@dataclass(frozen=True)
class _Pairs:
    """Pixels of the mark and their nearest clean neighbours; N x 3 each, and the colour's index."""

    inside: Floats
    outside: Floats
    label: NDArray[np.intp]


def solve(
    marked: Floats,
    core: NDArray[np.bool_],
    clean: NDArray[np.bool_],
    matte: Floats,
    colour: Floats,
    trust: float = 1.0,
) -> Solution:
    """Solve the opacity and colours of one mark.

    marked: H x W x 3, the picture around the mark. core: H x W, pixels where the mark has its full
    opacity. clean: H x W, pixels certainly without any mark. matte, colour: the network's, H x W
    and H x W x 3. core must not be empty.
    """
    centres, labels = _colours(colour, core, matte)
    guess = float(np.median(matte[core]))
    pairs = _pairs(marked, core, clean, labels)
    if pairs is None:
        return Solution(guess, MATTE_ERROR, centres, labels)
    opacities = np.linspace(0.04, 0.99, 191)
    means_in, means_out, spread_in, spread_out, weight = _statistics(pairs, len(centres))
    cost = ((opacities - guess) / MATTE_ERROR * trust) ** 2
    cost = cost + _spread_cost(opacities, pairs, spread_in, spread_out)
    # W(a) per colour and channel, K x 3 x A
    solved = (means_in[..., None] - (1 - opacities) * means_out[..., None]) / opacities
    misfit = (solved - centres[..., None]) / COLOUR_ERROR * trust
    impossible = np.maximum(-solved, 0) + np.maximum(solved - 1, 0)
    share = weight / weight.sum()
    per_colour = (np.minimum(misfit**2, 9) + (impossible / 0.02) ** 2).mean(1)
    cost = cost + (share[:, None] * per_colour).sum(0) * min(3, len(centres))
    best = int(cost.argmin())
    opacity = float(opacities[best])
    likelihood = np.exp(-0.5 * (cost - cost[best]))
    error = float(np.sqrt((likelihood * (opacities - opacity) ** 2).sum() / likelihood.sum()))
    known = weight > 0
    colours = centres.copy()
    colours[known] = np.clip(solved[known, :, best], 0, 1)
    for index in np.flatnonzero(~known):
        part = core & (labels == index)
        others = clean | (core & known[labels])
        colours[index] = _enclosed(marked, part, others, colours[labels], clean, opacity)
    return Solution(opacity, error, colours, labels)


def _colours(
    colour: Floats, core: NDArray[np.bool_], matte: Floats
) -> tuple[Floats, NDArray[np.intp]]:
    """The mark's distinct colours, K x 3, and the nearest of them for every pixel."""
    samples = colour[core].astype(np.float32)
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
    distance = ((colour[..., None, :] - distinct) ** 2).sum(-1)
    return distinct, distance.argmin(-1)


def _enclosed(
    marked: Floats,
    part: NDArray[np.bool_],
    others: NDArray[np.bool_],
    colour: Floats,
    clean: NDArray[np.bool_],
    opacity: float,
) -> Floats:
    """The colour of a part of the mark that lies within other parts: their background, unblended
    with their own colours, is its background too.

    part, others: H x W, not empty. colour: H x W x 3, right in the others.
    """
    depth = cv2.distanceTransform(part.view(np.uint8), cv2.DIST_L2, 3)
    middle = part & (depth >= np.quantile(depth[part], 0.8))  # away from where the colours mix
    apart = others & ~dilated(part, 2)
    _, neighbour = nearest(apart if apart.any() else others)
    unblended = unblend(marked, colour, np.array(opacity, np.float32))
    below = np.where(clean[..., None], marked, unblended).reshape(-1, 3)[neighbour[middle]]
    drawn = (marked[middle] - (1 - opacity) * below) / opacity
    return np.clip(np.median(drawn, axis=0), 0, 1)


def _is_mixed(colour: Floats, larger: list[tuple[Floats, float]]) -> bool:
    """Whether the colour lies between two that cover more: then it is that of the seam between
    them."""
    for index, (one, _) in enumerate(larger):
        for other, _ in larger[:index]:
            line = other - one
            part = float((colour - one) @ line / max(float(line @ line), 1e-6))
            off = np.abs(colour - one - part * line).max()
            if 0 < part < 1 and off < SAME_COLOUR / 2:
                return True
    return False


def _pairs(
    marked: Floats, core: NDArray[np.bool_], clean: NDArray[np.bool_], labels: NDArray[np.intp]
) -> _Pairs | None:
    """Core pixels near the border with the nearest clean pixel; None where there are too few."""
    if np.count_nonzero(clean) < 16:
        return None
    distance, neighbour = nearest(clean)
    near = core & (distance < 12)
    if np.count_nonzero(near) < 16:
        return None
    return _Pairs(marked[near], marked.reshape(-1, 3)[neighbour[near]], labels[near])


def _statistics(
    pairs: _Pairs, count: int
) -> tuple[Floats, Floats, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Per colour: mean inside, mean outside (K x 3), centred pairs (N x 3 each), number of
    pairs."""
    means_in, means_out = np.zeros((count, 3), np.float32), np.zeros((count, 3), np.float32)
    weight = np.zeros(count)
    for index in range(count):
        chosen = pairs.label == index
        weight[index] = np.count_nonzero(chosen)
        if weight[index]:
            means_in[index] = pairs.inside[chosen].mean(0)
            means_out[index] = pairs.outside[chosen].mean(0)
    spread_in = (pairs.inside - means_in[pairs.label]).astype(np.float64)
    spread_out = (pairs.outside - means_out[pairs.label]).astype(np.float64)
    return means_in, means_out, spread_in, spread_out, weight


def _spread_cost(
    opacities: NDArray[np.float64],
    pairs: _Pairs,
    spread_in: NDArray[np.float64],
    spread_out: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Squared misfit of 1 - a to the slope sd(J inside) / sd(J outside), in standard errors."""
    size = np.abs(spread_out).max(1)
    trusted = size <= np.quantile(size, 0.95)  # an edge that ends at the mark tells nothing
    inside, outside = spread_in[trusted], spread_out[trusted]
    variance_in, variance_out = (inside**2).sum(), (outside**2).sum()
    if variance_out < 1e-6 * outside.size:
        return np.zeros_like(opacities)
    slope = np.sqrt(variance_in / variance_out)
    correlation = float((inside * outside).sum() / np.sqrt(variance_in * variance_out + 1e-12))
    independent = max(2.0, len(inside) / CORRELATED_PAIRS)
    error = max(0.01, slope * np.sqrt(max(0.0, 1 - correlation**2) / independent))
    return np.minimum(((1 - opacities - slope) / error) ** 2, 9)
