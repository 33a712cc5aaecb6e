"""Opacity, matte and background against the truth, where the network's part is made up."""

import numpy as np
import pytest

from synthetic import lettering, photograph, stamped
from unveil.blending import compose
from unveil.pairs import core_of
from unveil.restore.colours import cores_of
from unveil.restore.inpaint import inpaint
from unveil.restore.mark import restore
from unveil.restore.matte import coverage
from unveil.restore.opacity import solve


def _case(opacity, colours=((1.0, 1.0, 1.0),), seed=0):
    picture = photograph(240, 320, seed)
    cover = lettering(240, 320)
    colour = np.empty((240, 320, 3), np.float32)
    step = 320 // len(colours)
    for index, value in enumerate(colours):
        colour[:, index * step :] = value
    marked = stamped(picture, opacity * cover, (1.0, 1.0, 1.0)) if len(colours) == 1 else None
    if marked is None:
        marked = np.rint(compose(picture / 255, colour, opacity * cover) * 255)
    return picture / 255, (marked / 255).astype(np.float32), cover[..., 0], colour


@pytest.mark.parametrize("opacity", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("bias", [-0.1, 0.1])
def test_the_border_corrects_a_wrong_opacity(opacity, bias):
    _, marked, cover, colour = _case(opacity)
    core, clean = cover == 1, cover == 0
    wrong = (cover * (opacity + bias)).astype(np.float32)
    solution = solve(marked, core, clean, wrong, np.clip(colour - 0.04, 0, 1))
    assert abs(solution.opacity - opacity) < 0.05
    assert len(solution.colours) == 1
    assert np.abs(solution.colours - 1).max() < 0.08


def test_colours_are_told_apart():
    colours = ((0.9, 0.1, 0.1), (0.1, 0.2, 0.9))
    _, marked, cover, colour = _case(0.5, colours)
    solution = solve(marked, cover == 1, cover == 0, (0.5 * cover).astype(np.float32), colour)
    assert len(solution.colours) == 2
    for expected in colours:
        assert np.abs(solution.colours - expected).max(1).min() < 0.1


def _badge(opacity=0.55):
    """Black letters on a white disc, over a photograph: background, marked, disc, letters."""
    background = photograph(240, 320, 3) / 255
    rows, columns = np.mgrid[:240, :320]
    disc = np.hypot(rows - 120, columns - 160) < 90
    letters = np.zeros((240, 320), np.bool_)
    for left in (110, 150, 190):
        letters[100:140, left : left + 8] = letters[100:108, left : left + 24] = True
    colour = np.where(letters[..., None], 0.02, 0.98)
    matte = opacity * disc[..., None]
    marked = np.rint((matte * colour + (1 - matte) * background) * 255) / 255
    return background, marked.astype(np.float32), disc, letters


def test_the_colour_of_letters_within_a_mark_is_solved_from_around_them():
    _, marked, disc, letters = _badge()
    seen = np.where(letters[..., None], 0.1, 0.9) * np.ones(3, np.float32)
    matte = (0.5 * disc).astype(np.float32)
    solution = solve(marked, disc, ~disc, matte, seen.astype(np.float32))
    solved = solution.colours[solution.labels]
    assert np.abs(solved[letters] - 0.02).max() < 0.04
    assert np.abs(solved[disc & ~letters] - 0.98).max() < 0.04


def test_letters_within_a_mark_come_off_with_it():
    background, marked, disc, letters = _badge()
    seen = (np.where(letters[..., None], 0.1, 0.9) * np.ones(3)).astype(np.float32)
    seen[1:-1] = (seen[:-2] + seen[1:-1] + seen[2:]) / 3  # not sharp where colours meet
    matte, certain = (0.5 * disc).astype(np.float32), disc.astype(np.float32)
    restored = restore(marked, disc, np.zeros_like(disc), certain, matte, seen, given=True)
    before = np.sqrt(((marked - background)[letters] ** 2).mean())
    after = np.sqrt(((restored.background - background)[letters] ** 2).mean())
    assert after < before / 5
    assert restored.method in ("unblend", "both")


@pytest.mark.parametrize("opacity", [0.3, 0.6])
def test_a_restored_mark_is_close_to_the_background(opacity):
    background, marked, cover, colour = _case(opacity)
    mask = np.abs(marked - background).max(-1) > 2.5 / 255
    matte = (cover * (opacity + 0.05)).astype(np.float32)
    probability = 0.97 * mask.astype(np.float32)
    restored = restore(marked, mask, np.zeros_like(mask), probability, matte, colour, given=True)
    before = ((marked - background)[mask] ** 2).mean()
    after = ((restored.background - background)[mask] ** 2).mean()
    assert after < before / 30
    assert restored.is_better
    assert restored.method == "unblend"
    assert np.array_equal(restored.background[~mask], marked[~mask])


def test_a_mark_that_is_not_there_is_refused():
    picture = (photograph(120, 160, 2) / 255).astype(np.float32)
    mask = np.zeros((120, 160), np.bool_)
    mask[40:80, 50:110] = True
    matte, colour = 0.6 * mask.astype(np.float32), np.zeros((120, 160, 3), np.float32)
    certain = mask.astype(np.float32)
    restored = restore(
        picture, mask, np.zeros_like(mask), certain, matte, colour, given=True, method="unblend"
    )
    assert not restored.is_better


def test_the_rim_lies_between_background_and_mark():
    background = np.full((20, 20, 3), 0.2, np.float32)
    cover = np.zeros((20, 20), np.float32)
    cover[5:15, 5:15], cover[5:15, 15] = 1, 0.4
    colour = np.ones((20, 20, 3), np.float32)
    marked = background + 0.5 * cover[..., None] * (colour - background)
    mask = cover > 0
    wrong = np.where(cover == 0.4, 0.6, cover).astype(np.float32)
    got = coverage(marked, cover == 1, ~mask, mask.astype(np.float32), wrong, colour, 0.5)
    assert got.cover[10, 15] == pytest.approx(0.4, abs=0.04)
    assert (got.cover[6:14, 6:14] == 1).all()


def test_the_pixel_overrules_a_network_that_is_not_sure():
    background = np.full((20, 20, 3), 0.2, np.float32)
    cover = np.zeros((20, 20), np.float32)
    cover[5:15, 5:15] = 1
    colour = np.ones((20, 20, 3), np.float32)
    marked = background + 0.5 * cover[..., None] * (colour - background)
    unsure = np.zeros((20, 20), np.float32)
    unsure[4:16, 4:16] = 0.6  # one pixel too wide all around
    got = coverage(marked, cover == 1, unsure == 0, unsure, cover, colour, 0.5)
    covered = got.belief * got.cover
    assert (covered[cover == 1] > 0.9).all()
    assert (covered[cover == 0] < 0.1).all()


def test_an_opaque_mark_is_completed_by_its_colour():
    picture = (photograph(60, 80) / 255 * 0.5).astype(np.float32)
    truth = np.zeros((60, 80), np.bool_)
    truth[20:40, 20:60] = True
    picture[truth] = 1.0
    half = truth.copy()
    half[:, 45:] = False
    probability = np.where(half, 0.95, 0.1).astype(np.float32)
    matte, colour = half.astype(np.float32), np.ones((60, 80, 3), np.float32)
    restored = restore(picture, half, np.zeros_like(half), probability, matte, colour)
    assert restored.mask[truth].all()
    assert restored.method == "inpaint"
    assert restored.background[truth].max() < 0.8


def test_the_core_of_a_thin_line_is_not_empty():
    mask = np.zeros((20, 20), np.bool_)
    mask[10, 2:18] = True
    assert core_of(mask, 0.5 * mask.astype(np.float32)).any()


def test_a_thin_line_of_another_colour_comes_off_though_it_looks_fainter():
    picture = (photograph(80, 120, seed=5) / 255).astype(np.float32)
    block, line = np.zeros((2, 80, 120), np.bool_)
    block[15:45, 20:100] = True
    line[55:58, 20:100] = True
    mask = block | line
    colour = np.where(line[..., None], 0.1, np.float32([0.95, 0.6, 0.1])).astype(np.float32)
    marked = compose(picture, colour, 0.5 * mask[..., None].astype(np.float32), "normal")
    said = np.where(line, 0.25, 0.5 * block).astype(np.float32)
    others = np.zeros_like(mask)
    restored = restore(marked, mask, others, 0.95 * mask, said, colour)
    assert restored.mask[line].mean() > 0.9
    left = np.abs(restored.background - picture)[line].mean()
    assert left < 0.25 * np.abs(marked - picture)[line].mean()
    core, alone = cores_of(mask, said, colour), core_of(mask, said)
    assert np.array_equal(core & block, alone)
    assert core[line].any()
    one_colour = np.ones_like(colour)
    assert np.array_equal(cores_of(mask, said, one_colour), alone)


def test_filling_leaves_the_rest_alone():
    picture = (photograph(60, 60) / 255).astype(np.float32)
    hole = np.zeros((60, 60), np.bool_)
    hole[20:30, 20:30] = True
    filled = inpaint(picture, hole)
    assert np.array_equal(filled[~hole], picture[~hole])
    assert np.abs(filled - picture)[hole].mean() < 0.15
    assert inpaint(picture, np.zeros_like(hole)) is picture


def test_a_mark_of_a_single_pixel_has_a_colour_of_three_channels():
    _, marked, cover, colour = _case(0.5)
    core = np.zeros(cover.shape, np.bool_)
    core[np.unravel_index(cover.argmax(), cover.shape)] = True
    solution = solve(marked, core, cover == 0, (0.5 * cover).astype(np.float32), colour)
    assert solution.colours.shape == (1, 3)
