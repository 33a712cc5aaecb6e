"""What tells a mark from a thing."""

import numpy as np
import pytest

from synthetic import lettering, photograph, stamped
from unveil.location import network
from unveil.location.looks import View, log_odds
from unveil.location.marks import group_pixels
from unveil.location.network import confidence


def test_confidence_is_that_of_the_mean_log_odds(monkeypatch):
    monkeypatch.setattr(network, "unexplained", lambda *_: 0.0)
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


def _seen(monkeypatch, **probabilities):
    """A view of 120 x 160 in which rectangles, as (rows, columns), are so probable."""
    view = View.nothing((120, 160))
    for area, probability in probabilities.values():
        view.odds[area] = log_odds(np.float32(probability))
    monkeypatch.setattr(network, "look", lambda rgb, session: view)
    monkeypatch.setattr(network, "outlined", lambda rgb, box, mask, *_: mask)
    monkeypatch.setattr(network, "continuity", lambda picture, mask: 0.0)
    monkeypatch.setattr(network, "unexplained", lambda *_: 0.0)
    return view


MARK = np.s_[40:80, 40:80]
BESIDE = np.s_[30:90, 80:120]


def test_a_sure_mark_beside_a_large_thing_that_looks_a_little_like_one(monkeypatch):
    plain = np.full((120, 160, 3), 128, np.uint8)
    view = _seen(monkeypatch, mark=(MARK, 0.995), beside=(BESIDE, 0.6))
    (whole,) = group_pixels(view.odds > log_odds(0.2), network.GAP_PX)
    assert confidence(whole, view, plain) < 0.95
    (found,) = network.find_marks(plain, None, threshold=0.2, least=0.95)
    assert found.confidence == pytest.approx(0.995, abs=1e-3)
    assert network.union([found], (120, 160))[MARK].all()
    assert not network.union([found], (120, 160))[BESIDE][:, network.WEAK_PX + 1 :].any()


@pytest.mark.parametrize(("probability", "is_part"), [(0.85, True), (0.6, False)])
def test_a_weaker_part_of_a_mark_needs_less_confidence(probability, is_part, monkeypatch):
    plain = np.full((120, 160, 3), 128, np.uint8)
    small = np.s_[20:30, 50:70]
    _seen(monkeypatch, mark=(MARK, 0.9995), part=(small, probability))
    found = network.find_marks(plain, None, threshold=0.2, least=0.9)
    assert network.union(found, (120, 160))[small].all() == is_part
    _seen(monkeypatch, part=(small, probability))
    assert network.find_marks(plain, None, threshold=0.2, least=0.9) == []
