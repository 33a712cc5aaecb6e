"""Which of two backgrounds each pixel of a mark has: the one with which it goes on evenly.

A Markov random field of two labels. Its pairs of pixels lie some way apart in eight directions; a
pair costs the -log likelihood of the step from the background of the one to that of the other, a
Student's t deviate with the covariance that steps have all over the region and the scale that they
have nearby, and a border costs something besides. Solved by mean field iterations from coarse to
fine (Blake, Kohli and Rother, "Markov Random Fields for Vision and Image Processing", MIT Press
2011, chapter 1).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.channels import channel_mean

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]
Slices = tuple[slice, slice]


@dataclass(frozen=True)
class Level:
    """One of the sizes in which the field is solved."""

    reduction: int
    distances: tuple[int, ...]
    """Of the pixels of a pair."""
    iterations: int
    border: float
    """Cost of a pair with two labels."""


LEVELS = (
    Level(4, (1, 2, 4, 8), 40, 0.05),
    Level(2, (2, 4, 8), 25, 0.2),
    Level(1, (2, 4), 8, 0.35),
)
WHOLE_PART = Level(1, (2, 4, 8, 16), 0, 0.0)
"""Where all of a part is asked about: further pairs, and its border is given."""
MOST_PX = 2**19
"""Larger regions are solved in smaller sizes only: a pixel takes 100 bytes and more."""
SETTLED = 0.01
"""Iterations end when no probability moves by more."""
DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Of pairs, rows and columns; the opposite ones are the same pairs."""
PAIR = 0.12
"""Pairs overlap: each counts so much."""
FREEDOM = 1.0
"""Degrees of freedom of the t distribution: steps have heavy tails."""
AROUND_PX = 31
"""Width of the window, at full size, in which the scale of the steps is measured."""
MEAN_STEP = 2.0
"""Mean square of a step over its geometric mean."""
LEAST_STEP = 1e-4
"""Mean square of the steps at the very least."""
EVEN = 0.02
"""Part of the variance that all directions of colour have at least."""
WHOLE = 0.99
"""Squares of pixels count if more than this part of them does."""
IMPOSSIBLE = 0.03
"""Standard error of the limits of a background, 0 and 1,"""
MOST_IMPOSSIBLE = 12.0
"""whose violation costs no more than this."""


def affordable(pixels: int) -> list[Level]:
    """The levels in which a region of so many pixels is solved, from coarse to fine."""
    return [level for level in LEVELS if pixels <= MOST_PX * level.reduction**2]


def choose(
    now: Floats,
    then: Floats,
    inside: Bools,
    clean: Bools,
    rounding: float,
    likely: Floats,
    opinion: Floats,
    levels: Sequence[Level] = LEVELS,
) -> tuple[float, Floats]:
    """What is gained by taking another background where it fits better (costs, less those of none
    of it), and how likely each pixel has it, in [0, 1]: both in the last level's size.

    now, then: the two backgrounds, H x W x 3. inside: H x W, pixels that have one of them. clean:
    H x W, pixels of which `now` is known to be right; all others do not count. rounding: mean
    square of the steps that rounding makes. likely: what to start from, of any size. opinion:
    H x W, log odds of the other background that are known from elsewhere.
    """
    gain = 0.0
    for level in levels:
        field = _Field.of(
            _reduced(now, level.reduction),
            _reduced(then, level.reduction),
            _reduced(inside, level.reduction) > WHOLE,
            _reduced(clean, level.reduction) > WHOLE,
            rounding,
            level,
            _reduced(opinion, level.reduction),
        )
        start = enlarged(likely, field.inside.shape)
        likely = np.asarray(field.solved(start, level.iterations))
        gain = field.gain(likely > 0.5)
    return gain, likely


def background_of(
    marked: Floats, inside: Bools, colour: Floats, opacity: float
) -> NDArray[np.float32]:
    """The background, H x W x 3, if the mark is of this colour; not cut off at 0 and 1."""
    inverse = (marked - opacity * colour) / (1 - opacity)
    return np.where(inside[..., None], inverse, marked).astype(np.float32)


def gained(now: Floats, then: Floats, part: Bools, clean: Bools, rounding: float) -> float:
    """What is gained by taking the other background in all of a part; see :func:`choose`."""
    return _Field.of(now, then, part, clean, rounding, WHOLE_PART).gain(part)


def enlarged(values: Floats, size_hw: tuple[int, ...]) -> NDArray[np.float32]:
    """What was solved in a smaller size, in this one."""
    return np.asarray(cv2.resize(values, size_hw[::-1]), np.float32)


def _reduced(values: Floats | Bools, reduction: int) -> NDArray[np.float32]:
    """Means of squares of so many pixels a side."""
    high, wide = (side // reduction for side in values.shape[:2])
    cut = values[: high * reduction, : wide * reduction]
    squares = cut.reshape(high, reduction, wide, reduction, *values.shape[2:])
    return squares.mean((1, 3), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class _Pairs:
    """All pixels p and q that lie a certain way apart, and what their labels cost, less what two
    labels 0 do."""

    p: Slices
    q: Slices
    only_p: Floats
    """Label 1 at p alone,"""
    only_q: Floats
    """at q alone,"""
    both: Floats
    """and at both, less the two before."""


@dataclass(frozen=True, eq=False)
class _Field:
    """Label 0 is the background now, 1 the other; H x W."""

    inside: Bools
    """Pixels whose label is sought; others have 0."""
    unary: Floats
    """What label 1 of a pixel costs, less what 0 does."""
    pairs: list[_Pairs]

    @classmethod
    def of(
        cls,
        now: Floats,
        then: Floats,
        inside: Bools,
        clean: Bools,
        rounding: float,
        level: Level,
        opinion: Floats | float = 0.0,
    ) -> "_Field":
        valid = inside | clean
        unary = np.where(inside, _impossible(then) - _impossible(now) - opinion, 0)
        distances = [each for each in level.distances if each < min(valid.shape)]
        middle = level.distances[len(level.distances) // 2]
        white = _whitening(now, valid, *_apart(valid.shape, middle, 0))
        backgrounds = now @ white, then @ white
        width = max(7, AROUND_PX // level.reduction | 1)
        pairs = []
        for down, across in DIRECTIONS:
            for distance in distances:
                p, q = _apart(valid.shape, distance * down, distance * across)
                seen = (valid[p] & valid[q]).astype(np.float32)
                steps = [
                    channel_mean((at_p[p] - at_q[q]) ** 2)
                    for at_p in backgrounds
                    for at_q in backgrounds
                ]
                usual = _geometric_mean(np.minimum(steps[0], steps[3]), seen, width)
                scale = FREEDOM * (MEAN_STEP * usual + rounding)
                weight = PAIR * (3 + FREEDOM) / 2 * seen
                neither, only_q, only_p, both = (weight * np.log1p(step / scale) for step in steps)
                only_p += level.border * seen - neither
                only_q += level.border * seen - neither
                pairs.append(_Pairs(p, q, only_p, only_q, both - neither - only_p - only_q))
        return cls(inside, unary.astype(np.float32), pairs)

    def solved(self, likely: Floats, iterations: int) -> Floats:
        """Probability of label 1 after so many mean field iterations from this one, or fewer; each
        goes half of the way, or else they would swing."""
        likely = likely * self.inside
        for _ in range(iterations):
            cost = self.unary.copy()
            for pair in self.pairs:
                cost[pair.p] += pair.only_p + likely[pair.q] * pair.both
                cost[pair.q] += pair.only_q + likely[pair.p] * pair.both
            move = (self.inside / (1 + np.exp(cost.clip(-20, 20))) - likely) / 2
            likely = likely + move
            if np.abs(move).max() < SETTLED:
                break
        return likely

    def gain(self, labels: Bools) -> float:
        """What label 0 everywhere costs, less what these cost."""
        ones = (labels & self.inside).astype(np.float32)
        cost = (self.unary * ones).sum()
        for pair in self.pairs:
            p, q = ones[pair.p], ones[pair.q]
            cost += (p * pair.only_p + q * pair.only_q + p * q * pair.both).sum()
        return -float(cost)


def _apart(size_hw: tuple[int, ...], down: int, across: int) -> tuple[Slices, Slices]:
    """All pixels p and all q that lie so far down (0 or more) and across of them."""
    height, width = size_hw
    upper, lower = slice(0, max(0, height - down)), slice(down, height)
    left, right = slice(0, max(0, width - abs(across))), slice(abs(across), width)
    return ((upper, left), (lower, right)) if across >= 0 else ((upper, right), (lower, left))


def _impossible(background: Floats) -> Floats:
    """What values below 0 or above 1 cost, H x W."""
    beyond = np.maximum(np.maximum(background - 1, -background), 0).max(-1)
    return np.minimum((beyond / IMPOSSIBLE) ** 2, MOST_IMPOSSIBLE)


def _whitening(now: Floats, valid: Bools, p: Slices, q: Slices) -> NDArray[np.float32]:
    """3 x 3: colours times this have steps that are alike in all directions; before, most are of
    brightness, and a mark's other colour can hide in them."""
    steps = (now[p] - now[q])[valid[p] & valid[q]]
    lengths = (steps**2).sum(1, keepdims=True) + LEAST_STEP
    covariance = (steps / lengths).T @ steps
    covariance = 3 * covariance / max(float(np.trace(covariance)), 1e-6) + EVEN * np.eye(3)
    return np.linalg.cholesky(np.linalg.inv(covariance)).astype(np.float32)


def _geometric_mean(step: Floats, seen: Floats, width: int) -> Floats:
    """Of the steps around, which few large ones do not move; H x W."""
    window = (width, width)
    total = cv2.boxFilter(np.log(step + LEAST_STEP) * seen, -1, window, normalize=False)
    count = cv2.boxFilter(seen, -1, window, normalize=False)
    return np.exp(np.asarray(total) / np.maximum(count, 1))
