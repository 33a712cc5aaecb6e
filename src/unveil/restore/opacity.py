"""One opacity and a few colours for a mark, solved from what lies on both sides of its border.

Inside the mark, J = a * W + (1 - a) * B; just outside, J = B. From one pixel to another B changes
by a normal deviate, whose variance is measured where the same step is taken once more, away from
the mark. So a pixel inside is a normal deviate as well, around a * W + (1 - a) * J outside, of that
variance times (1 - a)^2: both how the two sides go together and how much less the inside varies
tell the opacity. The network's own opinion of opacity and colour enters with its known error. The
opacity is where all of this is likeliest.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.blending import unblend
from unveil.masks import dilated, nearest

Floats = NDArray[np.floating]

MATTE_ERROR = 0.15
"""Standard error of the network's opacity of a mark."""
COLOUR_ERROR = 0.1
"""Standard error of the network's colour of a part of a mark, per channel, times the opacity: the
fainter a mark, the less its colour shows."""
PAIRS_PX = 8
"""A pixel of the mark is compared with the nearest clean one up to this distance."""
SMOOTH_PX = 5
"""Width of the window over which clean neighbours are averaged: less grain, less bias."""
AROUND_PX = 15
"""Width of the window in which the variance of the background's steps is measured."""
NOISE = 5e-5
"""That variance at the very least."""
ROUNDING = (0.5 / 255) ** 2
"""Variance that 8-bit files add."""
OUTLIER = 14.0
"""A squared deviate counts at most so much: things may end at the mark's border."""
CHANNELS = 1.5
"""Independent channels of a colour: red, green and blue go together."""
CORRELATED_PAIRS = 30
"""Neighbouring pairs carry the same information: so many count as one."""
MOST_PAIRS = 4000
"""More pairs of one colour are thinned out."""
SAME_COLOUR = 0.16
"""Colours closer than this are one."""
MAX_COLOURS = 6
MIN_SHARE = 0.003
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
    """N pixels of the mark and their nearest clean neighbours."""

    inside: Floats
    """N x 3: the marked pixel."""
    outside: Floats
    """N x 3: the clean one."""
    variance: Floats
    """N: of the background's change from one to the other, mean over the channels."""
    label: NDArray[np.intp]
    """N: index of the mark's colour."""

    def of_colour(self, index: int) -> "_Pairs":
        """The pairs of one colour, at most MOST_PAIRS."""
        chosen = np.flatnonzero(self.label == index)
        chosen = chosen[:: max(1, len(chosen) // MOST_PAIRS)]
        return _Pairs(
            self.inside[chosen], self.outside[chosen], self.variance[chosen], self.label[chosen]
        )


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
    cost = ((opacities - guess) / MATTE_ERROR * trust) ** 2
    share = np.bincount(pairs.label, minlength=len(centres)) / len(pairs.label)
    solved = np.repeat(centres[..., None], len(opacities), axis=-1)
    for index in np.flatnonzero(share):
        solved[index], unlikely = _fitted(pairs.of_colour(int(index)), opacities)
        cost = cost + unlikely * share[index] * len(pairs.label) / CORRELATED_PAIRS
    misfit = (solved - centres[..., None]) * opacities / COLOUR_ERROR * trust
    impossible = np.maximum(-solved, 0) + np.maximum(solved - 1, 0)
    per_colour = (np.minimum(misfit**2, 9) + (impossible / 0.02) ** 2).mean(1)
    cost = cost + (share[:, None] * per_colour).sum(0) * min(3, len(centres))
    best = int(cost.argmin())
    opacity = float(opacities[best])
    likelihood = np.exp(-0.5 * (cost - cost[best]))
    error = float(np.sqrt((likelihood * (opacities - opacity) ** 2).sum() / likelihood.sum()))
    known = share > 0
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
    inside = np.argwhere(core & (distance < PAIRS_PX))
    if len(inside) < 16:
        return None
    rows, columns = inside.T
    outside = np.column_stack(np.divmod(neighbour[rows, columns], clean.shape[1]))
    beyond = (2 * outside - inside).clip(0, np.array(clean.shape) - 1)  # the same step once more
    weight = cv2.blur(clean.astype(np.float32), (SMOOTH_PX, SMOOTH_PX))
    share = np.asarray(weight, np.float32)[..., None]
    total = np.asarray(cv2.blur(marked * clean[..., None], (SMOOTH_PX, SMOOTH_PX)), np.float32)
    smooth = total[*outside.T] / share[*outside.T]
    change = (marked[*beyond.T] - smooth) ** 2
    steps, count = np.zeros(clean.shape, np.float32), np.zeros(clean.shape, np.float32)
    seen = clean[*beyond.T]
    steps[rows[seen], columns[seen]] = change[seen].mean(-1)
    count[rows[seen], columns[seen]] = 1
    usual = steps.sum() / max(count.sum(), 1)
    size = (AROUND_PX, AROUND_PX)
    around = np.asarray(cv2.boxFilter(steps, -1, size, normalize=False)) + 2 * usual
    variance = around / (np.asarray(cv2.boxFilter(count, -1, size, normalize=False)) + 2) + NOISE
    return _Pairs(
        marked[rows, columns],
        smooth,
        variance[rows, columns],
        labels[rows, columns],
    )


def _fitted(pairs: _Pairs, opacities: NDArray[np.float64]) -> tuple[Floats, NDArray[np.float64]]:
    """The colour of a part of the mark for each opacity, 3 x A, and -2 log likelihood of a pair
    with it, A."""
    through = 1 - opacities
    weight = (1 / pairs.variance / (1 / pairs.variance).sum())[:, None]
    mean_in, mean_out = (weight * pairs.inside).sum(0), (weight * pairs.outside).sum(0)
    colour = (mean_in[:, None] - through * mean_out[:, None]) / opacities
    drawn = opacities * colour.clip(0, 1)
    squares = np.zeros((len(weight), len(opacities)))
    for channel in range(3):
        expected = drawn[channel] + pairs.outside[:, channel, None] * through
        squares += (pairs.inside[:, channel, None] - expected) ** 2 / 3
    deviates = squares / (pairs.variance[:, None] * through**2 + ROUNDING)
    unlikely = np.minimum(deviates, OUTLIER).mean(0) + 2 * np.log(through)
    return colour, CHANNELS * unlikely
