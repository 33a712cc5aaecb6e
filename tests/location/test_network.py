"""What tells a mark from a thing."""

import numpy as np
import pytest

from unveil.location.looks import View, log_odds
from unveil.location.marks import group_pixels
from unveil.location.network import confidence


def test_confidence_is_that_of_the_mean_log_odds():
    mask = np.zeros((60, 60), np.bool_)
    mask[20:30, 20:30] = True
    (group,) = group_pixels(mask, gap_px=40)
    view = View.nothing((60, 60))
    view.odds[20:30, 20:25] = log_odds(np.float32(0.9))
    view.odds[20:30, 25:30] = log_odds(np.float32(0.5))
    assert confidence(group, view) == pytest.approx(0.75, abs=1e-4)  # odds 9 and 1: mean 3
