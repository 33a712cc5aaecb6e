"""Distances to masks."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from unveil.masks import nearest, nearest_within


@given(hnp.arrays(np.bool_, (9, 14), elements=st.booleans()).filter(np.any))
def test_the_nearest_pixel_is_what_a_search_finds(mask):
    distance, index = nearest(mask)
    rows, columns = np.indices(mask.shape)
    true = np.argwhere(mask)
    exact = np.hypot(rows[..., None] - true[:, 0], columns[..., None] - true[:, 1]).min(-1)
    assert np.abs(distance - exact).max() < 0.25  # OpenCV's 5 x 5 mask is off by some percent
    assert mask.reshape(-1)[index].all()
    reached = np.hypot(rows - index // mask.shape[1], columns - index % mask.shape[1])
    assert np.abs(reached - exact).max() < 1.0


def test_the_nearest_pixel_is_one_of_the_same_piece_where_that_has_one():
    pieces = np.zeros((20, 40), np.bool_)
    pieces[2:4] = True  # a long line
    pieces[8:18, 10:30] = True  # a block, nearer to the line's middle than the line's own pixel
    pieces[19, :5] = True  # a piece without any
    mask = np.zeros_like(pieces)
    mask[3, 0] = mask[8, 20] = True
    line, block = np.ravel_multi_index(([3, 8], [0, 20]), mask.shape)
    index = nearest_within(mask, pieces)
    assert (index[2:4] == line).all()
    assert (index[8:18, 10:30] == block).all()
    other = ~pieces
    other[19, :5] = True
    assert np.array_equal(index[other], nearest(mask)[1][other])
