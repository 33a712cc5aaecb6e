"""Opacity and colours of a mark, solved from both sides of its border."""

import cv2
import numpy as np
import pytest

from synthetic import lettering, photograph
from unveil.masks import dilated
from unveil.restore.opacity import solve

SIZE_HW = (200, 300)
MATTE = lettering(*SIZE_HW)
CORE = MATTE[..., 0] > 0.99
CLEAN = ~dilated(MATTE[..., 0] > 0, 1)
BACKGROUND = photograph(*SIZE_HW, seed=4) / np.float32(255)
LEFT = np.arange(SIZE_HW[1]) < SIZE_HW[1] / 2
COLOURS = {"white": np.ones((*SIZE_HW, 3), np.float32)}
COLOURS["red and blue"] = np.where(
    LEFT[:, None], np.float32([0.9, 0.1, 0.1]), np.float32([0.1, 0.2, 0.9])
) * np.ones((*SIZE_HW, 1), np.float32)


def seen(opacity: float, colour: np.ndarray) -> np.ndarray:
    matte = opacity * MATTE
    return np.rint(255 * (matte * colour + (1 - matte) * BACKGROUND)).astype(np.float32) / 255


def guessed(opacity: float, colour: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Matte and colour as a network sees them: the fainter the mark, the less exactly."""
    random = np.random.default_rng(0)
    blotches = random.normal(0, 0.1 / opacity, (5, 7, 3)).repeat(44, 0).repeat(44, 1)
    colour = colour + blotches[: SIZE_HW[0], : SIZE_HW[1]].astype(np.float32)
    return (opacity - 0.1) * MATTE[..., 0], colour.clip(0, 1)


@pytest.mark.parametrize("name", COLOURS)
@pytest.mark.parametrize("opacity", [0.3, 0.5, 0.7])
def test_the_opacity_and_no_more_colours_than_there_are(name: str, opacity: float):
    colour = COLOURS[name]
    solution = solve(seen(opacity, colour), CORE, CLEAN, *guessed(opacity, colour))
    assert solution.opacity == pytest.approx(opacity, abs=0.06)
    assert len(solution.colours) == len(name.split(" and "))
    assert np.abs(solution.colour - colour)[CORE].mean() < 0.1


def test_an_opaque_mark_of_uneven_colour_is_opaque():
    ramp = np.linspace(0.7, 1, SIZE_HW[1], dtype=np.float32)
    colour = ramp[:, None] * np.float32([1, 0.3, 0.6]) * np.ones((*SIZE_HW, 1), np.float32)
    matte = 0.97 * MATTE[..., 0]
    assert solve(seen(1.0, colour), CORE, CLEAN, matte, colour).opacity > 0.9


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("opacity", [0.5, 0.7])
def test_a_colour_that_changes_from_one_side_to_the_other(opacity: float, turned: bool):
    down, across = np.meshgrid(*(np.linspace(0, 1, size) for size in SIZE_HW), indexing="ij")
    share = ((down + across) / 2 if turned else across).astype(np.float32)[..., None]
    colour = share * np.float32([0.9, 0.5, 0.1]) + (1 - share) * np.float32([0.1, 0.2, 0.8])
    solution = solve(seen(opacity, colour), CORE, CLEAN, *guessed(opacity, colour))
    assert solution.gradient is not None
    assert solution.opacity == pytest.approx(opacity, abs=0.05)
    assert np.abs(solution.colour - colour)[CORE].mean() < 0.03


def test_an_even_colour_over_a_slope_does_not_change():
    light = np.linspace(0.2, 1, SIZE_HW[1], dtype=np.float32)[:, None]
    colour, matte = COLOURS["white"], 0.5 * MATTE
    marked = np.rint(255 * (matte * colour + (1 - matte) * BACKGROUND * light)) / 255
    solution = solve(marked.astype(np.float32), CORE, CLEAN, matte[..., 0], colour)
    assert solution.gradient is None
    assert solution.opacity == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("opacity", [0.5, 0.7])
def test_thin_outlines_of_another_colour_do_not_make_a_mark_fainter(opacity: float):
    centre, red, teal = (SIZE_HW[1] // 2, SIZE_HW[0] // 2), (0.9, 0.3, 0.1), (0.1, 0.6, 0.6)
    drawn = np.zeros((4 * SIZE_HW[0], 4 * SIZE_HW[1], 4), np.float32)
    for width, colour in ((26, teal), (20, red)):
        cv2.circle(drawn, [4 * at for at in centre], 4 * 65, (*colour, 1), 4 * width)
    mark = cv2.resize(drawn, SIZE_HW[::-1], interpolation=cv2.INTER_AREA)
    colour, matte = mark[..., :3] / np.maximum(mark[..., 3:], 1e-3), opacity * mark[..., 3:]
    marked = np.rint(255 * (matte * colour + (1 - matte) * BACKGROUND)).astype(np.float32) / 255
    core, clean = mark[..., 3] > 0.99, ~dilated(mark[..., 3] > 0, 1)
    solution = solve(marked, core, clean, matte[..., 0], colour)
    assert solution.opacity == pytest.approx(opacity, abs=0.035)


def test_with_nothing_clean_around_the_network_is_believed():
    colour = COLOURS["white"]
    solution = solve(seen(0.5, colour), CORE, np.zeros(SIZE_HW, np.bool_), MATTE[..., 0], colour)
    assert solution.opacity == pytest.approx(1.0)


@pytest.mark.parametrize("name", COLOURS)
def test_what_lies_under_a_faint_mark_is_not_taken_for_its_colours(name: str):
    light = np.arange(SIZE_HW[0])[:, None] % 50 < 25
    background = BACKGROUND * np.where(light, 1, 0.3).astype(np.float32)[..., None]
    colour, matte = COLOURS[name], 0.3 * MATTE
    marked = np.rint(255 * (matte * colour + (1 - matte) * background)).astype(np.float32) / 255
    mixed = 0.35 * colour + 0.65 * background
    solution = solve(marked, CORE, CLEAN, matte[..., 0], mixed)
    assert solution.opacity == pytest.approx(0.3, abs=0.05)
    assert np.abs(solution.colour - colour)[CORE].mean() < 0.1
