"""One opacity and a few colours for a mark, solved from what lies on both sides of its border.

What the pairs of pixels across the border tell (unveil.pairs) and what the network says,
with its known error, are likelihoods of an opacity and of a colouring (unveil.restore.colouring);
the likeliest are taken.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.blending import unblend
from unveil.masks import dilated, nearest, nearest_within
from unveil.pairs import OPACITIES, PAIRS_PX, pairs_of
from unveil.restore.colouring import GRADIENT, MATTE_ERROR, Opinion, with_ever_fewer, with_ever_more
from unveil.restore.colours import distinct_colours
from unveil.restore.gradients import Gradient

Floats = NDArray[np.floating]

UNMIXED_PX = 2.0
"""So far from the border between two colours, or in the middle of a thin part, neither mixes with
the other."""


@dataclass(frozen=True, eq=False)
class Solution:
    """What a mark is made of."""

    opacity: float
    error: float
    """Standard error of the opacity."""
    colours: Floats
    """K x 3."""
    labels: NDArray[np.intp]
    """H x W: index into colours for every pixel, meaningful under the mark."""
    gradient: Gradient | None = None
    """How the first of the colours changes over the mark, if it does."""

    @cached_property
    def colour(self) -> Floats:
        """H x W x 3: the mark's colour at every pixel."""
        if self.gradient is None:
            return self.colours[self.labels]
        first = (self.labels == 0)[..., None]
        return np.where(first, self.drawn(0), self.colours[self.labels])

    def drawn(self, index: int) -> Floats:
        """H x W x 3: one of the colours, wherever it might be."""
        if index == 0 and self.gradient is not None:
            return self.gradient.over(self.labels.shape)
        return np.broadcast_to(self.colours[index], (*self.labels.shape, 3))


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
    centres, seen = distinct_colours(colour, core)
    guess = float(np.median(matte[core]))
    pairs = pairs_of(marked, core, clean, colour)
    if pairs is None:
        return Solution(guess, MATTE_ERROR, centres, seen)
    opinion, at = Opinion(guess, trust), tuple(pairs.place.T)
    tried = list(with_ever_fewer(pairs, seen[at], opinion))
    tried += with_ever_more(tried[-1])
    changing = min(tried, key=lambda each: each.total_cost - each.gain_by_gradient)
    if changing.gain_by_gradient > GRADIENT:
        tried.append(changing.with_gradient())
    colouring = min(tried, key=lambda each: each.total_cost).coherent().away_from_seams()
    opacity, cost = float(OPACITIES[colouring.best]), colouring.cost
    likelihood = np.exp(-0.5 * (cost - cost.min()))
    error = float(np.sqrt((likelihood * (OPACITIES - opacity) ** 2).sum() / likelihood.sum()))
    # pixels without a pair have the colour of those that the network sees in theirs, if there are
    count = len(colouring.fits)
    votes = np.zeros((len(centres), count), np.intp)
    np.add.at(votes, (seen[at], colouring.label), 1)
    named = np.where(votes.any(1), votes.argmax(1), count + np.arange(len(centres)))
    labels = named[seen]
    labels[at] = colouring.label
    labels = labels.ravel()[nearest_within(core, ~clean)]
    colours = np.vstack([colouring.colours, centres])
    gradient = colouring.gradients[colouring.best] if colouring.gradients else None
    solution = Solution(opacity, error, colours, labels, gradient)
    known = labels < count
    for index in np.unique(labels[core & ~known]):
        part = core & (labels == index)
        others = clean | (core & known)
        colours[index] = enclosed_colour(marked, part, others, solution.colour, clean, opacity)
    present, labels = np.unique(labels, return_inverse=True)
    return replace(solution, colours=colours[present], labels=labels.reshape(core.shape))


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
    below = unblend(marked, colour, np.float32(opacity) * ~clean[..., None])
    below = below.reshape(-1, 3)[neighbour[middle]]
    drawn = (marked[middle] - (1 - opacity) * below) / opacity
    return np.clip(np.median(drawn, axis=0), 0, 1)
