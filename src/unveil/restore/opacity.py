"""One opacity and a few colours for a mark, solved from what lies on both sides of its border.

Inside the mark, J = a * W + (1 - a) * B; just outside, J = B. From one pixel to another B changes
by a normal deviate, whose variance is measured where the same step is taken once more, away from
the mark. So a pixel inside is a normal deviate as well, around a * W + (1 - a) * J outside, of that
variance times (1 - a)^2: both how the two sides go together and how much less the inside varies
tell the opacity. The network's own opinion of opacity and colour enters with its known error. The
opacity is where all of this is likeliest.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.blending import unblend
from unveil.masks import dilated, nearest
from unveil.restore.colours import distinct_colours

Floats = NDArray[np.floating]
Fit = tuple[Floats, NDArray[np.float64]]
"""A colour for each of A opacities, 3 x A, and -2 log likelihood of a pair with it, A."""

MATTE_ERROR = 0.15
"""Standard error of the network's opacity of a mark."""
COLOUR_ERROR = 0.1
"""Standard error of the network's colour of a part of a mark, per channel, times the opacity: the
fainter a mark, the less its colour shows."""
PAIRS_PX = 8
"""A pixel of the mark is compared with the nearest clean one up to this distance."""
UNMIXED_PX = 2.0
"""So far from the border between two colours, or in the middle of a thin part, neither mixes with
the other."""
SMOOTH_PX = 5
"""Width of the window over which clean neighbours are averaged: less grain, less bias."""
AROUND_PX = 15
"""Width of the window in which the variance of the background's steps is measured."""
NOISE = 5e-5
"""That variance at the very least."""
ROUNDING = (0.5 / 255) ** 2
"""Variance that 8-bit files add,"""
UNEVEN = 1e-4
"""and a mark's colour: none is quite even."""
OUTLIER = 20.0
"""A pair is never more unlikely than this (-2 log likelihood, less that of the background's step):
things may end at the mark's border."""
CHANNELS = 1.5
"""Independent channels of a colour: red, green and blue go together."""
CORRELATED_PAIRS = 30
"""Neighbouring pairs carry the same information: so many count as one."""
MOST_PAIRS = 4000
"""More pairs of one colour are thinned out."""
USUAL = 25.0
"""Black and white, which most marks are, are by this likelier than other colours (twice the log
likelihood),"""
NEARLY = 0.1
"""and colours near to them, by the normal distribution of this deviation."""
OPAQUE_GUESS = 0.95
"""From this on the network is right in that a mark is opaque, or nearly so; whether its colours are
even enough to tell that from the pairs is less sure."""
DISTINCT = 40.0
"""With another colour the pairs must be by this more likely (twice the log likelihood) to have
it."""
OPACITIES = np.linspace(0.04, 0.99, 191)
"""Those that are tried."""


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


@dataclass(frozen=True, eq=False)
class _Colouring:
    """The mark in K colours, and what the pairs say of each."""

    centres: Floats
    """K x 3, as the network sees them."""
    names: NDArray[np.intp]
    """For each of the colours at first, its index into centres now."""
    pairs: _Pairs
    fits: list[Fit]
    """Of each colour, for all OPACITIES."""

    @classmethod
    def of(cls, pairs: _Pairs, centres: Floats) -> "_Colouring":
        fits = [_fitted(pairs.of_colour(index), OPACITIES) for index in range(len(centres))]
        return cls(centres, np.arange(len(centres)), pairs, fits)

    @property
    def share(self) -> NDArray[np.float64]:
        """Each colour's part of the pairs; it may be 0."""
        return np.bincount(self.pairs.label, minlength=len(self.centres)) / len(self.pairs.label)

    @property
    def used(self) -> int:
        """How many colours have pairs."""
        return int(np.count_nonzero(self.share))

    def cost(self, guess: float, trust: float) -> NDArray[np.float64]:
        """-2 log likelihood of each of OPACITIES, by the pairs and by what the network says."""
        share, count = self.share, len(self.pairs.label)
        cost = ((OPACITIES - guess) / MATTE_ERROR * trust) ** 2
        if guess >= OPAQUE_GUESS:
            cost = np.where(OPACITIES < OPAQUE_GUESS, np.inf, cost)
        for index in np.flatnonzero(share):
            cost = cost + self.fits[index][1] * share[index] * count / CORRELATED_PAIRS
        solved = np.array([drawn for drawn, _ in self.fits])
        misfit = (solved - self.centres[..., None]) * OPACITIES / COLOUR_ERROR * trust
        impossible = np.maximum(-solved, 0) + np.maximum(solved - 1, 0)
        per_colour = (np.minimum(misfit**2, 9) + (impossible / 0.02) ** 2).mean(1)
        possible = solved.clip(0, 1)
        from_usual = np.minimum((possible**2).sum(1), ((1 - possible) ** 2).sum(1))
        unusual = -USUAL * np.exp(-from_usual / (2 * NEARLY**2))
        per_colour = per_colour * min(3, len(self.centres)) + unusual
        return cost + (share[:, None] * per_colour).sum(0)

    def most_alike(self, best: int) -> tuple[int, int]:
        """The two colours with pairs, of two or more, that are likeliest to be one at this of
        OPACITIES."""
        label, opacity = self.pairs.label, OPACITIES[best : best + 1]
        counts = np.bincount(label, minlength=len(self.centres))
        more: dict[tuple[int, int], float] = {}
        for one, other in itertools.combinations(np.flatnonzero(counts).tolist(), 2):
            both = replace(self.pairs, label=np.where(label == other, one, label))
            together = float(_fitted(both.of_colour(one), opacity)[1][0])
            apart = (counts[index] * self.fits[index][1][best] for index in (one, other))
            more[one, other] = (counts[one] + counts[other]) * together - sum(apart)
        return min(more, key=lambda two: more[two])

    def joined(self, one: int, other: int) -> "_Colouring":
        """With these two colours as one; the first has the lower index."""
        renamed = np.arange(len(self.centres))
        renamed -= renamed > other
        renamed[other] = one
        centres, fits = self.centres.copy(), list(self.fits)
        centres[one] = np.average(centres[[one, other]], 0, self.share[[one, other]])
        pairs = replace(self.pairs, label=renamed[self.pairs.label])
        fits[one] = _fitted(pairs.of_colour(one), OPACITIES)
        del fits[other]
        return _Colouring(np.delete(centres, other, 0), renamed[self.names], pairs, fits)


def _with_ever_fewer(
    colouring: _Colouring, guess: float, trust: float
) -> Iterator[tuple[_Colouring, NDArray[np.float64]]]:
    """The colouring, and with its most alike colours joined one after another; and their costs."""
    while True:
        cost = colouring.cost(guess, trust)
        yield colouring, cost
        if colouring.used < 2:
            return
        colouring = colouring.joined(*colouring.most_alike(int(cost.argmin())))


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
    centres, labels = distinct_colours(colour, core)
    guess = float(np.median(matte[core]))
    pairs = _pairs(marked, core, clean, labels)
    if pairs is None:
        return Solution(guess, MATTE_ERROR, centres, labels)
    tried = list(_with_ever_fewer(_Colouring.of(pairs, centres), guess, trust))
    colouring, cost = min(tried, key=lambda each: each[1].min() + DISTINCT * each[0].used)
    best, centres = int(cost.argmin()), colouring.centres
    labels = colouring.names[labels]
    opacity = float(OPACITIES[best])
    likelihood = np.exp(-0.5 * (cost - cost[best]))
    error = float(np.sqrt((likelihood * (OPACITIES - opacity) ** 2).sum() / likelihood.sum()))
    known = colouring.share > 0
    colours = centres.copy()
    solved = np.array([drawn[:, best] for drawn, _ in colouring.fits])
    colours[known] = np.clip(solved[known], 0, 1)
    for index in np.flatnonzero(~known):
        part = core & (labels == index)
        others = clean | (core & known[labels])
        colours[index] = enclosed_colour(marked, part, others, colours[labels], clean, opacity)
    return Solution(opacity, error, colours, labels)


def enclosed_colour(
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
    unmixed = min(float(np.quantile(depth[part], 0.8)), UNMIXED_PX)
    middle = part & (depth >= unmixed) & (depth <= PAIRS_PX)
    apart = others & ~dilated(part, 2)
    _, neighbour = nearest(apart if apart.any() else others)
    unblended = unblend(marked, colour, np.array(opacity, np.float32))
    below = np.where(clean[..., None], marked, unblended).reshape(-1, 3)[neighbour[middle]]
    drawn = (marked[middle] - (1 - opacity) * below) / opacity
    return np.clip(np.median(drawn, axis=0), 0, 1)


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


def _fitted(pairs: _Pairs, opacities: NDArray[np.float64]) -> Fit:
    """The colour of a part of the mark for each opacity, and how unlikely its pairs are with it."""
    if not len(pairs.label):
        return np.zeros((3, len(opacities))), np.zeros(len(opacities))
    through = 1 - opacities
    weight = (1 / pairs.variance / (1 / pairs.variance).sum())[:, None]
    mean_in, mean_out = (weight * pairs.inside).sum(0), (weight * pairs.outside).sum(0)
    colour = (mean_in[:, None] - through * mean_out[:, None]) / opacities
    drawn = opacities * colour.clip(0, 1)
    squares = np.zeros((len(weight), len(opacities)))
    for channel in range(3):
        expected = drawn[channel] + pairs.outside[:, channel, None] * through
        squares += (pairs.inside[:, channel, None] - expected) ** 2 / 3
    variance = pairs.variance[:, None] * through**2 + ROUNDING + UNEVEN * opacities**2
    unlikely = squares / variance + np.log(variance / pairs.variance[:, None])
    return colour, CHANNELS * np.minimum(unlikely, OUTLIER).mean(0)
