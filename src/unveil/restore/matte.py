"""Which pixels a mark of known opacity and colours covers, and how far.

The network's opinion is a prior. The pixel itself is the evidence: is it nearer to the clean
surroundings B, or to a * W + (1 - a) * B? Both are normal distributions around the mean of the
clean pixels nearby, with their variance, that of the second shrunk by (1 - a)^2; Bayes' rule weighs
the two. Inside, every covered pixel has the solved opacity; at the rim, where the coverage is
fractional, the place of the pixel on the line from surroundings to mark is weighed against the
network's matte.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.blending import unblend
from unveil.channels import channel_mean, channel_sum
from unveil.masks import dilated
from unveil.odds import log_odds, probability_of

Floats = NDArray[np.floating]

RIM_ERROR = 0.12
"""Standard error of the network's coverage at the rim, as a part of the opacity."""
LIKELY = 0.15
"""Pixels from this belief on are taken for marked: they are restored only as far as that."""
REACH_PX = 25
"""Width of the window from which the colour of the clean surroundings is taken."""
RIM_REACH_PX = 7
"""Width of the window from which the background of a pixel of the rim is taken."""
LEAST_CLEAN_PX = 3
"""With fewer clean pixels in the window, a pixel says nothing."""
LEAST_LENGTH = 1e-4
"""A mark that changes the squares of the three channels by less in all, tells nothing."""
NOISE = 2e-4
"""Variance of the surroundings at the very least."""
COLOUR_ERROR = 0.04
"""Standard error of a solved colour."""
CHANNELS = 1.5
"""Independent channels of a colour: red, green and blue go together."""
LEAST_LIKELY = 0.005
"""The prior is nowhere taken to be below this, or above 1 less this."""
MOST_EVIDENCE = 5.0
"""The log-likelihood ratio is cut at this, for surroundings are not really normal."""


@dataclass(frozen=True, eq=False)
class Coverage:
    """What a mark covers; H x W each."""

    belief: Floats
    """Probability that the pixel is marked."""
    cover: Floats
    """If it is: how much of the pixel the mark covers, in [0, 1]."""


def coverage(
    marked: Floats,
    core: NDArray[np.bool_],
    clean: NDArray[np.bool_],
    probability: Floats,
    matte: Floats,
    colour: Floats,
    opacity: float,
) -> Coverage:
    """What a mark of the given opacity covers.

    marked: H x W x 3. core, clean: fully covered and unmarked pixels. probability: H x W, prior of
    being marked, 1 for certain. matte: the network's. colour: H x W x 3, the mark's colour at every
    pixel.
    """
    mean, variance, known = surroundings(marked, clean, REACH_PX)
    step = opacity * (colour - mean)
    from_clean = marked - mean
    from_mark = from_clean - step
    variance_marked = (1 - opacity) ** 2 * variance + (opacity * COLOUR_ERROR) ** 2 + NOISE / 2
    evidence = channel_mean(from_clean**2) / variance
    evidence -= channel_mean(from_mark**2) / variance_marked
    evidence = CHANNELS * (evidence - np.log(variance_marked / variance)) / 2
    evidence = np.where(known, np.clip(evidence, -MOST_EVIDENCE, MOST_EVIDENCE), 0)
    # deep within a mark there is nothing to compare with; what lies around a pixel tells more
    around = np.asarray(cv2.boxFilter(probability, -1, (REACH_PX, REACH_PX)), np.float32)
    prior = np.where(known, probability, np.maximum(probability, around))
    belief = probability_of(log_odds(prior, LEAST_LIKELY) + evidence)
    belief = np.where(probability == 1, 1.0, belief)
    likely = belief > LIKELY
    inner = ~dilated(~likely, 1) | core
    rim = dilated(likely, 1) & ~likely  # what the mark covers there is little, but it shows
    belief = np.where(rim, 1.0, belief)
    # the rim lies between clean pixels and the mark's inner ones, which are known once unblended
    below = unblend(marked, colour, np.float32(opacity) * inner[..., None])
    mean, variance, known = surroundings(below, clean | inner, RIM_REACH_PX)
    seen, length = covered(marked, mean, colour, opacity)
    along = np.clip(seen, 0, 1)
    said = np.clip(matte / max(float(np.median(matte[core])), 1e-3), 0, 1) * likely
    weight = known / (variance / length + 1e-3)
    partial = (weight * along + said / RIM_ERROR**2) / (weight + 1 / RIM_ERROR**2)
    return Coverage(belief, np.where(inner, 1.0, partial))


def covered(
    marked: Floats, background: Floats, colour: Floats, opacity: float
) -> tuple[Floats, Floats]:
    """How far each pixel lies on the way from this background to the mark over it, H x W: 0 without
    the mark, 1 where it covers all; and the square of that way's length, H x W."""
    step = opacity * (colour - background)
    length = np.maximum(channel_sum(step**2), LEAST_LENGTH)
    return channel_sum((marked - background) * step) / length, length


def surroundings(
    marked: Floats, clean: NDArray[np.bool_], reach_px: int
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Mean colour of the clean pixels nearby, H x W x 3, the variance around it, H x W, and where
    there are enough of them to tell."""
    weight = clean.astype(np.float32)
    size = (reach_px, reach_px)
    count = np.asarray(cv2.boxFilter(weight, -1, size, normalize=False))
    total = np.asarray(cv2.boxFilter(marked * weight[..., None], -1, size, normalize=False))
    squares = np.asarray(cv2.boxFilter(marked**2 * weight[..., None], -1, size, normalize=False))
    divisor = np.maximum(count, 1)[..., None]
    mean = total / divisor
    variance = channel_mean(np.maximum(squares / divisor - mean**2, 0)) + NOISE
    return mean, variance, count >= LEAST_CLEAN_PX
