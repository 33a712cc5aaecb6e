"""What tells a mark from a thing."""

import numpy as np
import pytest

from synthetic import lettering, photograph, stamped
from unveil.location import network
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
    plain = np.full((60, 60, 3), 128, np.uint8)
    assert confidence(group, view, plain) == pytest.approx(0.75, abs=1e-4)  # odds 9 and 1: mean 3


def test_confidence_is_higher_where_the_picture_goes_on_under_the_group():
    clean = photograph(120, 160, seed=3)
    matte = 0.4 * (lettering(120, 160) > 0.5).astype(np.float32)
    (group,) = group_pixels(matte[..., 0] > 0, gap_px=40)
    view = View.nothing((120, 160))
    view.odds[:] = log_odds(np.float32(0.5))
    thing = np.where(matte > 0, np.uint8(230), clean)
    assert confidence(group, view, thing) == pytest.approx(0.5, abs=0.05)
    assert confidence(group, view, stamped(clean, matte, (1.0, 1.0, 1.0))) > 0.7


@pytest.mark.parametrize(("part", "count"), [(0.3, 1), (0.8, 0)])
def test_what_covers_most_of_a_picture_is_no_mark(part, count, monkeypatch):
    clean = photograph(120, 160, seed=3)
    view = View.nothing((120, 160))
    view.odds[:, : round(part * 160)] = log_odds(np.float32(0.99))
    monkeypatch.setattr(network, "look", lambda rgb, session: view)
    monkeypatch.setattr(network, "outlined", lambda rgb, box, mask, *_: mask)
    assert len(network.find_marks(clean, None, threshold=0.5, least=0.5)) == count
