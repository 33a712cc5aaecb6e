"""What tells a mark from a thing."""

import numpy as np
import pytest

from synthetic import lettering, photograph, stamped
from unveil.boxes import within
from unveil.location import network
from unveil.location.looks import Closeup, View, look_magnified
from unveil.location.marks import group_pixels
from unveil.location.network import confidence
from unveil.models.session import Session
from unveil.odds import log_odds, probability_of


@pytest.mark.parametrize("opacity", [0.4, 0.7])
def test_a_mark_is_surer_than_a_thing_that_looks_like_one(opacity):
    clean = photograph(120, 160, seed=3)
    cover = lettering(120, 160)
    (group,) = group_pixels(cover[..., 0] > 0.5, gap_px=40)
    view = View.nothing((120, 160))
    view.odds[cover[..., 0] > 0.5] = log_odds(np.float32(0.7))
    view.matte[:], view.colour[:] = opacity * cover[..., 0], 1
    mark = stamped(clean, opacity * cover, (1.0, 1.0, 1.0))
    other = photograph(120, 160, seed=8)[::-1, ::-1]
    thing = np.where(cover > 0.5, other, clean)
    session = Session()
    sure, unsure = (
        confidence(group, view, look_magnified(rgb, group, view, session), rgb, session)
        for rgb in (mark, thing)
    )
    assert sure > unsure + 0.2


@pytest.mark.parametrize(("part", "count"), [(0.3, 1), (0.8, 0)])
def test_what_covers_most_of_a_picture_is_no_mark(part, count, monkeypatch):
    clean = photograph(120, 160, seed=3)
    view = View.nothing((120, 160))
    view.odds[:, : round(part * 160)] = log_odds(np.float32(0.99))
    monkeypatch.setattr(network, "look", lambda rgb, session: view)
    monkeypatch.setattr(network, "look_magnified", _unmagnified)
    monkeypatch.setattr(network, "outlined", lambda group, *_: group.mask)
    monkeypatch.setattr(network, "confidence", _mean_probability)
    assert len(network.find_marks(clean, None, threshold=0.5, least=0.5)) == count


def _unmagnified(rgb, group, *_):
    """A closeup of the group alone, that shows nothing."""
    return Closeup(group.box_xyxy, 2.0, np.zeros(group.mask.shape, np.float32))


def _mean_probability(group, seen, *_):
    """Of the group's pixels, in log odds: the simplest confidence."""
    odds = float(seen.odds[within(group.box_xyxy)][group.mask].mean())
    return float(probability_of(odds))


def _seen(monkeypatch, **probabilities):
    """A view of 120 x 160 in which rectangles, as (rows, columns), are so probable."""
    view = View.nothing((120, 160))
    for area, probability in probabilities.values():
        view.odds[area] = log_odds(np.float32(probability))
    monkeypatch.setattr(network, "look", lambda rgb, session: view)
    monkeypatch.setattr(network, "look_magnified", _unmagnified)
    monkeypatch.setattr(network, "outlined", lambda group, *_: group.mask)
    monkeypatch.setattr(network, "confidence", _mean_probability)
    return view


MARK = np.s_[40:80, 40:80]
BESIDE = np.s_[30:90, 80:120]


def test_a_sure_mark_beside_a_large_thing_that_looks_a_little_like_one(monkeypatch):
    plain = np.full((120, 160, 3), 128, np.uint8)
    view = _seen(monkeypatch, mark=(MARK, 0.995), beside=(BESIDE, 0.6))
    (whole,) = group_pixels(view.odds > log_odds(0.2), network.GAP_PX)
    assert _mean_probability(whole, view) < 0.95
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


@pytest.mark.parametrize(
    ("colour", "probability", "count"), [(0.5, 0.95, 1), (0.1, 0.95, 2), (0.5, 0.995, 2)]
)
def test_marks_of_another_kind_than_a_surer_one_need_more_confidence(
    colour, probability, count, monkeypatch
):
    plain = np.full((120, 160, 3), 128, np.uint8)
    elsewhere = np.s_[40:80, 120:150]
    view = _seen(monkeypatch, mark=(MARK, 0.9995), other=(elsewhere, probability))
    view.colour[elsewhere] = colour
    assert len(network.find_marks(plain, None, threshold=0.2, least=0.9)) == count
    view.odds[MARK] = log_odds(np.float32(0.01))
    assert len(network.find_marks(plain, None, threshold=0.2, least=0.9)) == 1
