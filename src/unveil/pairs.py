"""Pixels of a mark and their nearest clean neighbours, and what they tell of a colour.

Inside the mark, J = a * W + (1 - a) * B; just outside, J = B. From one pixel to another B changes
by a step whose variance is measured where the same step is taken once more, away from the mark. So
a pixel inside scatters around a * W + (1 - a) * J outside with that variance times (1 - a)^2: both
how the two sides go together and how much less the inside varies tell the opacity. Most steps are
small and some, where things end, are large: they are taken as Student's t deviates (Lange, Little
and Taylor, "Robust Statistical Modeling Using the t Distribution", JASA 1989).
"""

from dataclasses import dataclass, fields

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.channels import channel_mean, channel_sum
from unveil.masks import eroded, nearest

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]
Labels = NDArray[np.intp]
Fit = tuple[Floats, NDArray[np.float64]]
"""A colour for each of A opacities, 3 x A, and -2 log likelihood of a pair with it, A."""

SURE = 0.7
"""Pixels from this probability on are surely a mark's,"""
LEAST_SURE_PX = 30
"""if there are more of them than this."""
SOLID = 0.85
"""From this part of the mark's opacity on, a pixel away from the border is taken as fully
covered."""
PAIRS_PX = 8
"""A pixel of the mark is compared with the nearest clean one up to this distance."""
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
FREEDOM = 3.0
"""Degrees of freedom of Student's t distribution, by which pairs scatter: things may end at the
mark's border."""
CORE = 0.05
"""Its squared scale, as a part of the variance: most steps are far smaller than a few large ones
make the variance."""
CHANNELS = 1.5
"""Independent channels of a colour: red, green and blue go together."""
MOST_PAIRS = 2000
"""More pairs of one colour are thinned out."""
BLOCK = 256
"""So many at a time, their numbers for all opacities stay in a processor's cache."""
LEAST_PAIRS = 16
ROUNDS = 3
"""A colour is the weighted mean of the pairs', the weights following from it, so many times."""
OPACITIES = np.linspace(0.04, 0.99, 96)
"""Those that are tried."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """N pixels of the mark and their nearest clean neighbours."""

    inside: Floats
    """N x 3: the marked pixel."""
    outside: Floats
    """N x 3: the clean one."""
    variance: Floats
    """N: of the background's change from one to the other, mean over the channels."""
    place: Labels
    """N x 2: row and column of the marked pixel."""
    piece: Labels
    """N: the connected piece of the mark that it lies in."""
    seen: Floats
    """N x 3: the mark's colour as the network sees it."""

    def __len__(self) -> int:
        return len(self.piece)

    def where(self, chosen: Bools) -> "Pairs":
        """Those of N that are chosen."""
        return Pairs(*(getattr(self, each.name)[chosen] for each in fields(self)))

    def fitted(self, opacities: NDArray[np.float64] = OPACITIES) -> Fit:
        """The one colour that all have, for each of these opacities, and how unlikely they are
        with it."""
        every = max(1, len(self) // MOST_PAIRS)
        inside, outside = self.inside[::every], self.outside[::every]
        single = opacities.astype(np.float32)  # half the time
        variance, through = self.variance[::every, None], 1 - single
        inner = inside_variance(variance, single)
        products = _products(inside, outside)
        blocks = [slice(start, start + BLOCK) for start in range(0, len(inside), BLOCK)]
        weights = np.zeros((10, len(single)), np.float32)  # at first, all are as they should be
        for _ in range(ROUNDS):
            sums = np.zeros((7, len(single)), np.float32)
            for block in blocks:
                scatter = inner[block] + _far(products[block], weights)
                sums += products[block, :7].T @ (1 / scatter)
            colour = (sums[:3] - through * sums[3:6]) / (single * sums[6])
            weights = _weights(single * colour.clip(0, 1), through)
        total = np.zeros(len(single))
        for block in blocks:
            spread = np.log1p(_far(products[block], weights) / inner[block])
            within = np.log(inner[block] / variance[block])
            total += ((FREEDOM + CHANNELS) * spread + CHANNELS * within).sum(0)
        return colour, total / len(inside)

    def misfit(self, colour: Floats, opacity: float) -> Floats:
        """N: how unlikely each pair is with this colour, to be compared with other colours at the
        same opacity only."""
        drawn, through = opacity * colour.clip(0, 1)[:, None], np.array([1 - opacity])
        far = _far(_products(self.inside, self.outside), _weights(drawn, through))[:, 0]
        return (FREEDOM + CHANNELS) * np.log1p(far / inside_variance(self.variance, opacity))


def sure_of(mask: Bools, probability: Floats) -> Bools:
    """The pixels of a mark that are surely its own, or all where there are too few of them."""
    sure = mask & (probability > SURE)
    return sure if np.count_nonzero(sure) > LEAST_SURE_PX else mask


def core_of(mask: Bools, matte: Floats) -> Bools:
    """The pixels of a mark that it covers fully: away from its border where it is thick enough."""
    inner = eroded(mask, 1)
    if np.count_nonzero(inner) >= 0.1 * np.count_nonzero(mask):
        plateau = np.median(matte[inner])
        solid = inner & (matte > SOLID * plateau)
        return solid if solid.any() else inner
    return mask & (matte >= np.quantile(matte[mask], 0.7))


def pairs_of(marked: Floats, core: Bools, clean: Bools, seen: Floats) -> Pairs | None:
    """Core pixels near the border with the nearest clean pixel; None where there are too few.

    marked: H x W x 3, the picture. core, clean: H x W, pixels where the mark has its full opacity,
    and without any mark. seen: H x W x 3, the mark's colour as the network sees it.
    """
    if np.count_nonzero(clean) < LEAST_PAIRS:
        return None
    distance, neighbour = nearest(clean)
    inside = np.argwhere(core & (distance < PAIRS_PX))
    if len(inside) < LEAST_PAIRS:
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
    known = clean[*beyond.T]
    steps[rows[known], columns[known]] = channel_mean(change[known])
    count[rows[known], columns[known]] = 1
    usual = steps.sum() / max(count.sum(), 1)
    size = (AROUND_PX, AROUND_PX)
    around = np.asarray(cv2.boxFilter(steps, -1, size, normalize=False)) + 2 * usual
    variance = around / (np.asarray(cv2.boxFilter(count, -1, size, normalize=False)) + 2) + NOISE
    pieces = cv2.connectedComponents(core.view(np.uint8))[1]
    return Pairs(
        marked[rows, columns],
        smooth,
        variance[rows, columns],
        inside,
        np.asarray(pieces, np.intp)[rows, columns] - 1,
        seen[rows, columns],
    )


def inside_variance(variance: Floats, opacity: Floats | float) -> Floats:
    """Variance of the marked pixel around what it should be, from that of the background's step."""
    return variance * (1 - opacity) ** 2 + ROUNDING + UNEVEN * opacity**2


def _products(inside: Floats, outside: Floats) -> Floats:
    """N x 10: of N pixels J inside and B outside, N x 3: J, B, 1, |J|^2, |B|^2 and J B."""
    squares = [channel_sum(each) for each in (inside**2, outside**2, inside * outside)]
    return np.column_stack([inside, outside, np.ones_like(squares[0]), *squares])


def _weights(drawn: Floats, through: Floats) -> Floats:
    """10 x A: what :func:`_far` takes the products times. drawn, a W: 3 x A; through, 1 - a: A."""
    squares = [(drawn**2).sum(0), np.ones_like(through), through**2, -2 * through]
    weights = np.vstack([-2 * drawn, 2 * through * drawn, *squares])
    return weights * np.float32(CHANNELS / 3 / (FREEDOM * CORE))


def _far(products: Floats, weights: Floats) -> Floats:
    """N x A: squared distance of N pixels inside from what they should be, |J - a W - (1 - a) B|^2,
    times the variance in squares of the t distribution's scale."""
    squares = products @ weights
    return np.maximum(squares, 0, out=squares)
