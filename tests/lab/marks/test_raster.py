import numpy as np
import pytest

from unveil.lab.marks.raster import (
    MAX_AREA,
    MAX_SIDE,
    EmptyDrawingError,
    Paint,
    beside,
    block,
    centred,
    extend_colour,
    flatten,
    knock_out,
    render,
    stacked,
)

RED, BLUE = (200, 10, 20), (0, 30, 220)


def square(side: int, colour=RED, width: int | None = None):
    return block(np.full((side, width or side), 255, np.uint8), colour, "square")


def test_hidden_pixels_take_the_nearest_colour() -> None:
    sprite = np.zeros((20, 40, 4), np.uint8)
    sprite[5:15, 2:8] = (*RED, 255)
    sprite[5:15, 30:36] = (*BLUE, 90)
    extended = extend_colour(sprite)
    assert np.array_equal(extended[..., 3], sprite[..., 3])
    assert np.all(extended[:, :15, :3] == RED)
    assert np.all(extended[:, 25:, :3] == BLUE)


def test_a_flat_mark_has_one_colour_everywhere() -> None:
    y, x = np.mgrid[:400, :400]
    disc = np.where(np.hypot(y - 200, x - 200) < 190, 255, 0).astype(np.uint8)
    sprite = render(block(disc, RED))
    assert np.all(sprite[..., :3] == RED)
    alpha = sprite[..., 3]
    assert 0 < ((alpha > 0) & (alpha < 255)).mean() < 0.05
    assert np.isclose((alpha / 255).mean(), np.pi / 4, atol=0.01)


def test_layers_compose_over_each_other() -> None:
    sprite = flatten(centred([square(30), square(10, Paint(BLUE, opacity=0.5))]))
    assert sprite.shape == (30, 30, 4)
    assert tuple(sprite[0, 0]) == (*RED, 255)
    assert np.allclose(sprite[15, 15, :3], (np.array(RED) + BLUE) / 2, atol=1)


def test_gradients_run_along_their_angle() -> None:
    down = flatten(square(50, Paint(RED, BLUE, angle_deg=90)))
    assert tuple(down[0, 0, :3]) == RED
    assert tuple(down[-1, 0, :3]) == BLUE
    fading = flatten(square(50, Paint(RED, angle_deg=0, last_opacity=0.4)))
    assert fading[0, 0, 3] == 255
    assert abs(int(fading[0, -1, 3]) - 102) <= 5


def test_arrangements_have_the_expected_sizes() -> None:
    assert beside([square(10), square(20)], 5).size_hw == (20, 35)
    assert stacked([square(10), square(20)], 5).size_hw == (35, 20)
    assert beside([square(10), square(20)], 5).sources == ("square", "square")


def test_a_hole_is_knocked_out() -> None:
    plate, hole = np.full((4, 4), 255, np.uint8), np.zeros((4, 4), np.uint8)
    hole[1:3, 1:3] = 255
    assert np.array_equal(knock_out(plate, hole), 255 - hole)


@pytest.mark.parametrize(
    ("height", "width"),
    [(700, 700), (40, 900), (3, 2000), (900, 100), (8, 8), (60, 201), (211, 211), (733, 419)],
)
def test_rendered_sprites_keep_to_the_limits(height: int, width: int) -> None:
    sprite = render(square(height, RED, width))
    assert max(sprite.shape[:2]) <= MAX_SIDE
    assert sprite.shape[0] * sprite.shape[1] <= MAX_AREA
    assert sprite[..., 3].max() == 255


def test_an_empty_drawing_is_refused() -> None:
    with pytest.raises(EmptyDrawingError, match="at least one visible pixel"):
        render(block(np.zeros((10, 10), np.uint8), RED))
