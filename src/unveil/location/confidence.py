"""How sure it is that a group of pixels is a mark, and not something that belongs to the picture.

Networks know better whether a pixel looks marked than whether a whole thing is a mark. What they
say of all the pixels of a group, with its size and how even its colour and opacity are, goes
through a logistic regression, fitted on clean and marked pictures when the model is exported.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.location.marks import Group, within
from unveil.models.session import Prediction

FEATURES = (
    "log_area",
    "log_area_squared",
    "log_radius",
    "log_odds",
    "log_odds_core",
    "colour_spread",
    "matte_spread",
    "matte",
    "thickness",
    "fill",
)
"""What :func:`features` measures, in this order."""


def features(group: Group, seen: Prediction) -> NDArray[np.float64]:
    """One number for each of FEATURES.

    log_area, log_area_squared: logarithm of the number of pixels, and its square, for what is very
    large is rather a thing. log_radius: logarithm of the largest inscribed circle's. log_odds,
    log_odds_core: mean of the pixels' log odds, and the four-fifths quantile. colour_spread: mean
    standard deviation of the colour, in the surer half of the pixels. matte_spread, matte:
    variation coefficient and mean of the matte there. thickness: part of the pixels that an erosion
    by one leaves. fill: logarithm of the part of the bounding box that is marked.
    """
    area, mask = within(group.box_xyxy), group.mask
    odds = log_odds(seen.probability[area][mask])
    core = odds >= np.median(odds)
    matte = seen.matte[area][mask][core]
    eroded = cv2.erode(mask.view(np.uint8), np.ones((3, 3), np.uint8))
    padded = np.pad(mask.view(np.uint8), 1)
    radius = float(cv2.distanceTransform(padded, cv2.DIST_L2, 5).max())
    return np.array(
        [
            math.log(odds.size),
            math.log(odds.size) ** 2,
            math.log(radius),
            odds.mean(),
            np.quantile(odds, 0.8),
            seen.colour[area][mask][core].std(axis=0).mean(),
            matte.std() / (matte.mean() + 0.02),
            matte.mean(),
            np.count_nonzero(eroded) / odds.size,
            math.log(odds.size / mask.size),
        ],
        np.float64,
    )


def confidence(group: Group, seen: Prediction, weights: tuple[float, ...]) -> float:
    """Probability that the group is a mark; weights: one for each of FEATURES and the constant."""
    odds = float(np.dot(weights[:-1], features(group, seen))) + weights[-1]
    return 1 / (1 + math.exp(-min(max(odds, -30.0), 30.0)))


def log_odds(probability: NDArray[np.floating]) -> NDArray[np.floating]:
    """log(p / (1 - p)), cut at +-9.2."""
    clipped = np.clip(probability, 1e-4, 1 - 1e-4)
    return np.log(clipped / (1 - clipped))
