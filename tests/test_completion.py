"""A mark seen as a whole: what the network is shown, and what becomes of what it says."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from synthetic import lettering, photograph
from unveil.blending import compose
from unveil.completion import (
    EVIDENCE,
    LONGEST_PX,
    WITHIN_PX,
    Completer,
    evidence,
    find_whole_marks,
    resized,
)
from unveil.location.network import MARGIN_PX, Found, trimmed
from unveil.masks import eroded
from unveil.models.catalogue import get
from unveil.models.session import Session

HEIGHT, WIDTH = 180, 300
COVER = lettering(HEIGHT, WIDTH)[..., 0]
MARK = COVER > 0.5
CLEAN = photograph(HEIGHT, WIDTH, seed=2) / np.float32(255)
WHITE = np.ones((HEIGHT, WIDTH, 3), np.float32)
MARKED = compose(CLEAN, WHITE, 0.5 * COVER[..., None])
NOTHING = np.zeros((HEIGHT, WIDTH), np.bool_)


class Recorded:
    """In place of a session: keeps what it is shown, and says what it is told to."""

    def __init__(self, says):
        self._says = says

    def restore(self, known):
        self.known = known
        return self._says(known).astype(np.float32)


def half_found(probability=0.9, region_xyxy=(0, 0, WIDTH, HEIGHT)):
    """The left half of the mark."""
    mask = MARK.copy()
    mask[:, WIDTH // 2 :] = False
    plane = np.where(mask, probability, 0.05).astype(np.float32)
    matte = (0.5 * COVER).astype(np.float32)
    return Found(region_xyxy, mask, plane, matte, WHITE, confidence=1.0, trust=probability)


def as_before(known):
    return known[..., 7:8]


def the_truth(known):
    return 0.001 + 0.998 * resized(MARK, known.shape[:2])[..., None]


def whole(mark):
    """Its mask in the whole picture."""
    mask = NOTHING.copy()
    mask[mark.area] = mark.mask
    return mask


def test_what_is_shown_is_small_and_unblends_to_the_clean_picture():
    session = Recorded(as_before)
    Completer(session)(half_found(), MARKED, NOTHING)
    height, width, channels = session.known.shape
    assert channels == EVIDENCE
    assert (width, height) == (LONGEST_PX, round(LONGEST_PX * HEIGHT / WIDTH))
    marked, colour, opacity = np.split(session.known[..., :7], (3, 6), axis=-1)
    assert opacity.max() == pytest.approx(0.5, abs=0.03)  # solved from the half that was found
    below = (marked - opacity * colour) / (1 - opacity)
    inner = resized(COVER, (height, width)) > 0.99
    clean = resized(CLEAN, (height, width))
    assert np.abs(below - clean)[inner].mean() < 0.03  # in the other half too


def test_a_network_that_has_nothing_to_say_changes_nothing():
    mark = half_found()
    same = Completer(Recorded(as_before))(mark, MARKED, NOTHING)
    assert np.array_equal(whole(same), mark.mask)
    assert np.abs(same.probability[same.mask] - 0.9).max() < 1e-3


def test_what_the_network_adds_is_added_at_full_size():
    completed = Completer(Recorded(the_truth))(half_found(), MARKED, NOTHING)
    hit = np.count_nonzero(whole(completed) & MARK)
    assert 2 * hit > 0.85 * (np.count_nonzero(whole(completed)) + np.count_nonzero(MARK))
    assert completed.trust > 0.9


def nothing_above(known):
    shown = known[..., 7:8].copy()
    shown[: len(shown) // 2] = 0
    return shown


def test_what_the_network_denies_is_let_go():
    mark = half_found()
    lower = whole(Completer(Recorded(nothing_above))(mark, MARKED, NOTHING))
    upper = slice(0, HEIGHT // 2 - 2)
    assert not (lower & ~eroded(mark.mask, WITHIN_PX))[upper].any()
    assert np.array_equal(lower[HEIGHT // 2 + 2 :], mark.mask[HEIGHT // 2 + 2 :])


def test_what_lies_well_within_a_mark_stays():
    plate = NOTHING.copy()
    plate[30:150, 40:260] = True
    probability = np.where(plate, 0.9, 0.01).astype(np.float32)
    mark = replace(half_found(), mask=plate, probability=probability, matte=0.5 * plate)
    marked = compose(CLEAN, WHITE, 0.5 * plate[..., None])
    rest = whole(Completer(Recorded(nothing_above))(mark, marked, NOTHING))
    assert rest[30 + 2 * WITHIN_PX : 150, 40 + 2 * WITHIN_PX : 260 - 2 * WITHIN_PX].all()
    assert not rest[30:32, 50:250].any()


def test_other_marks_stay_theirs():
    others = NOTHING.copy()
    others[:, WIDTH // 2 :] = MARK[:, WIDTH // 2 :]
    completed = Completer(Recorded(the_truth))(half_found(), MARKED, others)
    assert not (whole(completed) & others).any()


def test_a_higher_threshold_gives_a_smaller_mask():
    masks = [
        whole(Completer(Recorded(the_truth))(half_found(), MARKED, NOTHING, threshold))
        for threshold in (0.3, 0.6, 0.95)
    ]
    for larger, smaller in itertools.pairwise(masks):
        assert not (smaller & ~larger).any()


def test_a_trimmed_mark_lies_where_it_lay():
    mark = half_found()
    small = trimmed(mark)
    assert np.array_equal(whole(small), mark.mask)
    assert small.box_xyxy == mark.box_xyxy
    assert small.region_xyxy[2] == mark.box_xyxy[2] + MARGIN_PX
    assert np.array_equal(small.probability, mark.probability[small.area])
    shifted = trimmed(replace(mark, region_xyxy=(7, 5, WIDTH + 7, HEIGHT + 5)))
    assert shifted.region_xyxy == tuple(np.add(small.region_xyxy, (7, 5, 7, 5)))


def test_evidence_is_bounded():
    known = evidence(MARKED, 2 * WHITE, 0.4, COVER, MARK, COVER)
    assert known.shape == (HEIGHT, WIDTH, EVIDENCE)
    assert known.dtype == np.float32
    assert known.max() <= 1


def test_the_bundled_model_completes_half_a_word():
    completer = Completer(Session("complete"))
    assert get("complete").task == "complete"
    before = half_found(probability=0.95)
    before.probability[MARK & ~before.mask] = 0.4  # a guess, below what counts as marked
    after = whole(completer(before, MARKED, NOTHING))
    missed = MARK & ~before.mask
    assert np.count_nonzero(after & missed) > 0.5 * np.count_nonzero(missed)
    assert np.count_nonzero(after & ~MARK) < 0.3 * np.count_nonzero(MARK)


def test_every_mark_of_a_picture_is_completed():
    marked = np.rint(MARKED * 255).astype(np.uint8)
    session, complete = Session(), Completer(Session("complete"))
    found = find_whole_marks(marked, session, complete)
    assert found
    mask = np.any([whole(mark) for mark in found], axis=0)
    assert 2 * np.count_nonzero(mask & MARK) > 0.8 * (mask.sum() + MARK.sum())
