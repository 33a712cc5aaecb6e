"""Refinement: what may change, what the network is shown, and that it helps."""

import numpy as np
import pytest

from synthetic import lettering, photograph, stamped
from unveil.lab.evaluation.metrics import psnr
from unveil.models.session import Session
from unveil.restore.mark import REFINED_PX, restore
from unveil.restore.refine import EVIDENCE, MODEL, Refined, Refiner


@pytest.fixture(scope="module")
def case():
    """Background, marked picture, cover, and the keywords of restore with a soft network's view."""
    background = photograph(240, 320, 5) / 255
    cover = lettering(240, 320)
    marked = (stamped(photograph(240, 320, 5), 0.5 * cover, (1.0, 1.0, 1.0)) / 255).astype(
        np.float32
    )
    mask = cover[..., 0] > 0
    seen = {
        "others": np.zeros_like(mask),
        "probability": mask.astype(np.float32) * 0.95,
        "matte": (0.5 * cover[..., 0]).astype(np.float32),
        "colour": np.full(marked.shape, 0.97, np.float32),
    }
    return background, marked, mask, seen


def _spoilt(known):
    """Changes everything, and takes it for marked."""
    return Refined(1 - known[..., :3], np.ones(known.shape[:2]))


def test_refinement_changes_a_given_mask_only(case):
    _, marked, mask, seen = case
    restored = restore(marked, mask, **seen, given=True, refine_by=_spoilt)
    assert np.array_equal(restored.background[~mask], marked[~mask])
    assert not (restored.mask & ~mask).any()


def test_refinement_reaches_a_few_pixels_beyond_a_found_mask_and_says_so(case):
    _, marked, mask, seen = case
    seen = seen | {"probability": np.maximum(seen["probability"], 0.1)}
    plain = restore(marked, mask, **seen)
    restored = restore(marked, mask, **seen, refine_by=_spoilt)
    changed = (restored.background != marked).any(-1)
    assert np.array_equal(restored.mask | plain.mask, restored.mask)
    assert not (changed & ~restored.mask).any()
    rows, columns = np.nonzero(changed)
    near = np.zeros_like(mask)
    for dy in range(-REFINED_PX - 1, REFINED_PX + 2):
        for dx in range(-REFINED_PX - 1, REFINED_PX + 2):
            near |= np.roll(mask, (dy, dx), (0, 1))
    assert near[rows, columns].all()


def test_what_was_known_before_counts_as_well(case):
    _, marked, mask, seen = case
    for before, is_marked in ((0.001, False), (0.1, True)):
        known = seen | {"probability": np.maximum(seen["probability"], before)}
        restored = restore(marked, mask, **known, refine_by=_spoilt)
        beside = np.roll(mask, 6, 0) & ~np.roll(mask, 2, 0) & ~mask
        beside &= ~np.roll(mask, 1, 0) & ~np.roll(mask, -1, 0)
        assert (restored.mask[beside].mean() > 0.5) == is_marked


def test_pixels_at_which_no_mark_shows_stay_as_they_are_unless_the_mask_is_given(case):
    _, marked, mask, seen = case
    upper = np.zeros(mask.shape)
    upper[: np.flatnonzero(mask.any(1)).mean().astype(int)] = 1

    def half(known):
        return Refined(known[..., 3:6], upper)

    restored = restore(marked, mask, **seen, refine_by=half)
    assert restored.mask.any()
    assert not (restored.mask & (upper == 0)).any()
    assert np.array_equal(restored.background[upper == 0], marked[upper == 0])
    assert not restored.matte[upper == 0].any()
    given = restore(marked, mask, **seen, given=True, refine_by=half)
    assert (given.mask & (upper == 0)).any()


def test_only_the_method_auto_is_refined(case):
    _, marked, mask, seen = case
    for method in ("unblend", "inpaint"):
        with_it = restore(marked, mask, **seen, method=method, refine_by=_spoilt)
        without = restore(marked, mask, **seen, method=method)
        assert np.array_equal(with_it.background, without.background)


def test_the_network_is_shown_what_is_known(case):
    _, marked, mask, seen = case
    shown = []

    def look(known):
        shown.append(known)
        return Refined(known[..., 3:6], known[..., -2])

    refined = restore(marked, mask, **seen, given=True, refine_by=look)
    plain = restore(marked, mask, **seen, given=True)
    (known,) = shown
    assert known.shape == (*mask.shape, EVIDENCE)
    assert known.dtype == np.float32
    assert np.array_equal(known[..., :3], marked)
    assert np.allclose(known[..., 3:6], plain.background, atol=1e-6)
    assert np.allclose(known[..., 9], plain.opacity)
    editable = known[..., -1] > 0
    assert not (editable & ~mask).any()
    assert np.count_nonzero(editable) > 0.9 * np.count_nonzero(mask)
    assert np.allclose(refined.background, plain.background, atol=1e-6)


def test_the_bundled_network_brings_the_background_nearer(case):
    background, marked, mask, seen = case
    plain = restore(marked, mask, **seen)
    refined = restore(marked, mask, **seen, refine_by=Refiner(Session(MODEL)))
    assert psnr(_levels(refined), _levels_of(background)) > psnr(
        _levels(plain), _levels_of(background)
    )


def test_large_pictures_go_tile_by_tile_as_in_one_piece():
    """Two marks far apart in a wide picture: the same as each by itself."""
    session = Session(MODEL)
    random = np.random.default_rng(0)
    known = random.random((96, 1700, EVIDENCE), np.float32)
    known[..., -1] = 0
    known[40:60, 100:140, -1] = known[40:60, 1500:1540, -1] = 1
    refined, visible = Refiner(session)(known)
    assert np.array_equal(refined[known[..., -1] == 0], known[..., 3:6][known[..., -1] == 0])
    alone, seen = Refiner(session)(known[:, :400])
    mark = np.s_[40:60, 100:140]
    assert np.abs(refined[mark] - alone[mark]).max() < 1e-3
    assert np.abs(visible[mark] - seen[mark]).max() < 1e-3


def _levels(restored):
    return _levels_of(restored.background)


def _levels_of(picture):
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
