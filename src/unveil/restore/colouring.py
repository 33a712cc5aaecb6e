"""Which of a few colours each pair of a mark has, and how likely that makes all of them.

What the network sees of a faint mark's colour is mixed with what lies under it. If its colours were
believed, dark places and bright ones would count as two colours, either would hardly follow the
background any more, and the mark would seem more opaque than it is. So labels within one piece of
a mark have to be paid for by their entropy, and colourings of whole pieces, whose labels cannot
follow the background, stand beside those of the network.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.pairs import LEAST_PAIRS, OPACITIES, Fit, Floats, Labels, Pairs
from unveil.restore.gradients import Gradients, fitted_gradients

MATTE_ERROR = 0.15
"""Standard error of the network's opacity of a mark."""
COLOUR_ERROR = 0.1
"""Standard error of the network's colour of a part of a mark, per channel, times the opacity: the
fainter a mark, the less its colour shows."""
CORRELATED_PAIRS = 15
"""Neighbouring pairs carry the same information: so many count as one."""
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
COHERENT = 300.0
"""Labels that go together are likelier by so much: those of a faint mark follow its background."""
WINDOW_PX = 21
"""Pairs in a window of this width have one colour, mostly, and those in a piece."""
MOST_COLOURS = 5
"""Pieces are given no more colours,"""
WORTH_A_TRY = 5.0
"""and another only if it makes one of them by this more likely."""
GRADIENT = 150.0
"""If a colour changes from one side of the mark to the other, the pairs must be by this more
likely, for backgrounds do so, too."""
LEAST_UNMIXED = 64
"""Where two colours meet they mix; the other pairs decide if there are so many of them."""
ALIKE = 0.15
"""Colours that differ by less, in every channel, come from thin strokes rather than from a
palette."""
MOST_ROUNDS = 3


@dataclass(frozen=True)
class Opinion:
    """What the network says of the whole mark."""

    opacity: float
    trust: float
    """In (0, 1]: how far to go by it, and by its colours."""


@dataclass(frozen=True, eq=False)
class Colouring:
    """Pairs in K colours, all of which occur."""

    pairs: Pairs
    label: Labels
    """N: index of the pair's colour."""
    opinion: Opinion
    fits: list[Fit]
    """Of each colour, for all OPACITIES; if there are gradients, of the first in its middle."""
    gradients: Gradients | None = None
    """How the first colour changes over the mark, if it does."""
    unmixed: Labels | None = None
    """How many pairs of each colour the fits are of, if not of all."""

    @classmethod
    def of(cls, pairs: Pairs, label: Labels, opinion: Opinion) -> "Colouring":
        """The likeliest colours for these labels, of which some may not occur."""
        label = np.unique(label, return_inverse=True)[1]
        fits = [pairs.where(label == index).fitted() for index in range(int(label.max()) + 1)]
        return cls(pairs, label, opinion, fits)

    @cached_property
    def count(self) -> Labels:
        """How many pairs the fit of each colour is of."""
        return np.bincount(self.label) if self.unmixed is None else self.unmixed

    @property
    def share(self) -> NDArray[np.float64]:
        """Each colour's part of these pairs."""
        return self.count / self.count.sum()

    @cached_property
    def cost(self) -> NDArray[np.float64]:
        """-2 log likelihood of each of OPACITIES, by the pairs and by what the network says."""
        guess, trust = self.opinion.opacity, self.opinion.trust
        cost = ((OPACITIES - guess) / MATTE_ERROR * trust) ** 2
        if guess >= OPAQUE_GUESS:
            cost = np.where(OPACITIES < OPAQUE_GUESS, np.inf, cost)
        for count, (_, unlikely) in zip(self.count, self.fits, strict=True):
            cost = cost + unlikely * count / CORRELATED_PAIRS
        solved = np.array([drawn for drawn, _ in self.fits])
        misfit = (solved - self._seen[..., None]) * OPACITIES / COLOUR_ERROR * trust
        impossible = np.maximum(-solved, 0) + np.maximum(solved - 1, 0)
        per_colour = (np.minimum(misfit**2, 9) + (impossible / 0.02) ** 2).mean(1)
        possible = solved.clip(0, 1)
        from_usual = np.minimum((possible**2).sum(1), ((1 - possible) ** 2).sum(1))
        unusual = -USUAL * np.exp(-from_usual / (2 * NEARLY**2))
        per_colour = per_colour * min(3, len(self.fits)) + unusual
        cost = cost + (self.share[:, None] * per_colour).sum(0)
        return cost if self.gradients is None else cost + self.gradients.impossible + GRADIENT

    @property
    def best(self) -> int:
        """Index of the likeliest of OPACITIES."""
        return int(self.cost.argmin())

    @property
    def colours(self) -> Floats:
        """K x 3, at the likeliest opacity."""
        return np.array([drawn[:, self.best] for drawn, _ in self.fits]).clip(0, 1)

    @property
    def alike(self) -> bool:
        """Whether two of the colours are as good as one."""
        two = itertools.combinations(self.colours, 2)
        return any(np.abs(one - other).max() < ALIKE for one, other in two)

    @cached_property
    def total_cost(self) -> float:
        """-2 log likelihood at the likeliest opacity, with that of the labels themselves: twice
        their entropy, given the piece."""
        count = np.zeros((int(self.pairs.piece.max()) + 1, len(self.fits)))
        np.add.at(count, (self.pairs.piece, self.label), 1)
        share = count / np.maximum(count.sum(1, keepdims=True), 1)
        entropy = -float((count * np.log(np.where(count > 0, share, 1))).sum())
        labels = DISTINCT * len(self.fits) + 2 * entropy / CORRELATED_PAIRS
        return float(self.cost.min()) + labels

    def fewer(self) -> "Colouring":
        """With those two colours as one, of two or more, that are likeliest to be one."""
        best, count = self.best, np.bincount(self.label)
        more: dict[tuple[int, int], float] = {}
        for one, other in itertools.combinations(range(len(self.fits)), 2):
            both = self.pairs.where((self.label == one) | (self.label == other))
            together = float(both.fitted(OPACITIES[[best]])[1][0])
            apart = (count[index] * self.fits[index][1][best] for index in (one, other))
            more[one, other] = (count[one] + count[other]) * together - sum(apart)
        one, other = min(more, key=lambda two: more[two])
        label = np.where(self.label == other, one, self.label)
        fits = [*self.fits[:other], *self.fits[other + 1 :]]
        fits[one] = self.pairs.where(label == one).fitted()
        return Colouring(self.pairs, label - (label > other), self.opinion, fits)

    def coherent(self) -> "Colouring":
        """With labels that go together: the colour under which a pair's neighbours, and its whole
        piece, are likeliest; but not where thin lines beside other parts lose theirs by it."""
        if self.gradients is not None:
            return self
        together = self._voted(lambda misfit: _around(self.pairs, misfit))
        return together if together.total_cost <= self.total_cost + COHERENT else self

    @cached_property
    def gain_by_gradient(self) -> float:
        """By how much the pairs are likelier at the likeliest opacity (twice the log likelihood) if
        the most frequent colour changes over the mark."""
        most = int(self.share.argmax())
        pairs = self.pairs.where(self.label == most)
        even = self.fits[most][1][self.best]
        changing = fitted_gradients(pairs, OPACITIES[[self.best]]).unlikely[0]
        return float(even - changing) * len(pairs) / CORRELATED_PAIRS

    def with_gradient(self) -> "Colouring":
        """With its most frequent colour changing over the mark."""
        order = np.argsort(-self.share, kind="stable")
        gradients = fitted_gradients(self.pairs.where(self.label == order[0]))
        changing = gradients.planes[:, 0].T, gradients.unlikely
        fits = [changing, *(self.fits[index] for index in order[1:])]
        return Colouring(self.pairs, np.argsort(order)[self.label], self.opinion, fits, gradients)

    def away_from_seams(self) -> "Colouring":
        """With the opacity and colours that pairs tell which do not lie next to ones of another
        colour; of thin lines all pairs may do so: theirs tell their colour, but not the opacity."""
        label = np.zeros(self.pairs.place.max(0) + 1, np.uint8)
        label[*self.pairs.place.T] = self.label + 1
        highest = np.asarray(cv2.dilate(label, np.ones((3, 3))))
        lowest = np.asarray(cv2.erode(label - 1, np.ones((3, 3)))) + 1  # without a pair: 255
        clear = (highest == lowest)[*self.pairs.place.T]
        count = np.bincount(self.label[clear], minlength=len(self.fits))
        if self.gradients is not None or clear.all() or count.sum() < LEAST_UNMIXED:
            return self
        fits = [
            self.pairs.where(clear & (self.label == index)).fitted() if enough else fit
            for index, (fit, enough) in enumerate(zip(self.fits, count >= LEAST_PAIRS, strict=True))
        ]
        return replace(self, fits=fits, unmixed=count)

    def by_pieces(self) -> "Colouring":
        """With the colour of each piece under which it is likeliest."""
        piece = self.pairs.piece
        return self._voted(lambda misfit: np.asarray(np.bincount(piece, misfit)[piece], np.float64))

    def misfits(self) -> list[Floats]:
        """How unlikely each pair is with each colour, K x N."""
        opacity = float(OPACITIES[self.best])
        return [self.pairs.misfit(colour, opacity) for colour in self.colours]

    def _voted(self, summed: Callable[[Floats], Floats]) -> "Colouring":
        """With the colours under which some sum of the misfits, N, is least."""
        colouring = self
        for _ in range(MOST_ROUNDS):
            likeliest = np.argmin([summed(each) for each in colouring.misfits()], 0)
            if (likeliest == colouring.label).all():
                break
            colouring = Colouring.of(self.pairs, likeliest, self.opinion)
        return colouring

    @cached_property
    def _seen(self) -> Floats:
        """K x 3: the colours as the network sees them."""
        return np.array([self.pairs.seen[self.label == i].mean(0) for i in range(len(self.fits))])


def with_ever_fewer(pairs: Pairs, label: Labels, opinion: Opinion) -> Iterator[Colouring]:
    """The colouring of these labels, and with its most alike colours joined one after another."""
    colouring = Colouring.of(pairs, label, opinion)
    yield colouring
    while len(colouring.fits) > 1:
        colouring = colouring.fewer()
        yield colouring


def with_ever_more(colouring: Colouring) -> Iterator[Colouring]:
    """Colourings of whole pieces, after the given one of a single colour: one more at a time, at
    first that of the piece which gains most by it."""
    pairs, piece = colouring.pairs, colouring.pairs.piece
    large = np.flatnonzero(np.bincount(piece) >= LEAST_PAIRS)
    if len(large) < 2:
        return
    pieces = {index: pairs.where(piece == index) for index in large.tolist()}
    while len(colouring.fits) < MOST_COLOURS and len(pieces) > len(colouring.fits):
        opacity = OPACITIES[[colouring.best]]
        now = np.choose(colouring.label, colouring.misfits())
        gain = {}
        for index, each in pieces.items():
            own = each.fitted(opacity)[0][:, 0]
            gain[index] = now[piece == index].sum() - each.misfit(own, float(opacity[0])).sum()
        most = max(gain, key=lambda index: gain[index])
        if gain[most] / CORRELATED_PAIRS < WORTH_A_TRY:
            return
        label = np.where(piece == most, len(colouring.fits), colouring.label)
        with_one_more = Colouring.of(pairs, label, colouring.opinion).by_pieces()
        if len(with_one_more.fits) <= len(colouring.fits) or with_one_more.alike:
            return
        colouring = with_one_more
        yield colouring


def _around(pairs: Pairs, misfit: Floats) -> Floats:
    """The misfit summed over the window around each pair, and as many times its mean over the
    piece."""
    image = np.zeros((*(pairs.place.max(0) + 1), 2), np.float32)
    image[*pairs.place.T] = np.stack([misfit, np.ones_like(misfit)], 1)
    summed = cv2.boxFilter(image, -1, (WINDOW_PX, WINDOW_PX), normalize=False)
    near, count = np.asarray(summed)[*pairs.place.T].T
    mean = np.bincount(pairs.piece, misfit) / np.maximum(np.bincount(pairs.piece), 1)
    return near + count * mean[pairs.piece]
