"""Groups for judging: marks of marked pictures and none of clean ones, with their features."""

import numpy as np
import pytest
import torch
from PIL import Image

from synthetic import lettering, photograph, stamped
from unveil.lab.synthesis.judged import (
    JudgedConfig,
    JudgedGroups,
    draw_views,
    judged,
    kept_cases,
)
from unveil.lab.synthesis.textures import SPRITE_LEVELS, Textures
from unveil.location.features import FEATURES
from unveil.models.session import Session


@pytest.fixture(scope="module")
def pictures():
    return Textures([photograph(200, 260, seed) for seed in (1, 2)])


@pytest.fixture(scope="module")
def sprites():
    cover = lettering(120, 160)
    white = np.full((120, 160, 3), 255, np.uint8)
    return Textures([np.dstack([white, np.rint(255 * cover).astype(np.uint8)])], SPRITE_LEVELS)


def test_a_mark_that_is_found_is_one_and_what_is_found_in_a_clean_picture_is_none():
    cover = lettering(192, 256)
    marked = stamped(photograph(192, 256, 2), 0.5 * cover, (1.0, 1.0, 1.0))
    session = Session()
    cases = list(judged(marked, cover[..., 0] > 0.02, session))
    largest = max(cases, key=lambda case: case[-2])
    assert all(case.shape == (FEATURES + 2,) and case[-1] == 0 for case in cases)
    assert largest[-2] > 0.9
    for case in judged(marked, None, session):
        assert case[-2:].tolist() == [0, 1]


def test_views_are_one_picture_clean_and_marked_as_their_masks_say(pictures, sprites):
    config = JudgedConfig(jpeg=0.0, printed=0.0)
    views = list(draw_views(pictures, sprites, config, np.random.default_rng(4)))
    assert [mask is None for _, mask in views] == [True] * 5 + [False] * 3
    (clean, _), (smaller, _), (smallest, _), (crop, _), _, (plain, mask), *_ = views
    assert max(clean.shape) <= 260
    sides = [round(part * max(clean.shape)) for part in config.reductions]
    assert [max(smaller.shape), max(smallest.shape)] == sides
    places = np.lib.stride_tricks.sliding_window_view(clean, crop.shape)
    assert (places[..., ::40, ::40, :] == crop[::40, ::40]).all((-3, -2, -1)).sum() == 1
    differs = np.abs(plain.astype(int) - clean).max(-1) > 2
    assert np.array_equal(differs, mask)
    assert mask.any()


@pytest.mark.parametrize("edge", ["hard_edge", "aliased"])
def test_hard_marks_have_one_opacity(pictures, sprites, edge):
    """Soft ones have many; of a hard one, only scaling makes others, of an aliased one nothing."""
    levels = {}
    for chance in (0.0, 1.0):
        config = JudgedConfig(
            jpeg=0.0, printed=0.0, harder=0, opaque=1.0, **({"hard_edge": 0.0} | {edge: chance})
        )
        *_, (marked, mask) = draw_views(pictures, sprites, config, np.random.default_rng(4))
        assert mask is not None
        levels[chance] = (marked[mask] == 255).all(-1).mean()
    assert levels[1.0] > levels[0.0] + 0.1
    assert edge == "hard_edge" or levels[1.0] == 1


def test_textures_give_back_what_they_were_given(pictures, sprites):
    assert np.array_equal(pictures.original(1), photograph(200, 260, 2))
    alpha = Image.fromarray(sprites.original(0)).getchannel("A")
    assert np.array_equal(np.asarray(alpha), np.rint(255 * lettering(120, 160))[..., 0])


def test_the_same_seed_gives_the_same_batches():
    cases = np.random.default_rng(0).random((20, FEATURES + 2), np.float32)
    one, other = (JudgedGroups(cases, 4, seed=5).draw() for _ in range(2))
    assert torch.equal(one.marked, other.marked)
    assert one.marked.shape == (4, FEATURES, 1, 1)
    row = int((cases[:, 0] == float(one.marked[0, 0])).argmax())
    assert (float(one.visible[0]), float(one.clean[0])) == tuple(map(float, cases[row, -2:]))


def test_cases_of_an_earlier_run_are_taken_as_they_are(tmp_path):
    cases = np.random.default_rng(0).random((3, FEATURES + 2), np.float32)
    np.save(tmp_path / "cases.npy", cases)
    config = JudgedConfig(kept_in=str(tmp_path / "cases.npy"))
    nothing: list = []
    assert np.array_equal(kept_cases(nothing, nothing, config, seed=0), cases)  # type: ignore[arg-type]
