import numpy as np
import pytest

from unveil.sizes import fitted, resized


@pytest.mark.parametrize(
    ("size_hw", "expected"),
    [
        ((300, 600), (100, 200)),
        ((50, 40), (100, 80)),  # magnified no further than twice
        ((10, 1000), (16, 200)),  # no side is less than 16
        ((200, 200), (200, 200)),
    ],
)
def test_the_longer_side_is_brought_to_its_length(size_hw, expected):
    assert fitted(size_hw, longest_px=200, least_px=16, most_magnified=2.0) == expected


def test_what_is_made_smaller_keeps_its_mean():
    values = np.random.default_rng(0).random((60, 90, 3)).astype(np.float32)
    smaller = resized(values, (20, 30))
    assert smaller == pytest.approx(values.reshape(20, 3, 30, 3, 3).mean((1, 3)), abs=1e-5)


def test_a_mask_becomes_the_part_of_each_pixel_that_it_covers():
    mask = np.zeros((4, 4), bool)
    mask[:, 1:] = True
    assert np.array_equal(resized(mask, (2, 2)), [[0.5, 1], [0.5, 1]])
