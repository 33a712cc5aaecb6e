"""Probabilities and their log odds, in which evidence adds up."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

LEAST = 1e-4
"""No network is surer than 1 in 10,000."""


def log_odds(probability: Floats | float, least: float = LEAST) -> Floats:
    """log(p / (1 - p)); no probability is taken to be below least, or above 1 - least."""
    bounded = np.clip(probability, least, 1 - least)
    return np.log(bounded / (1 - bounded))


def probability_of(odds: Floats | float) -> Floats:
    """1 / (1 + exp(-odds)) of log odds."""
    return 1 / (1 + np.exp(-odds))
