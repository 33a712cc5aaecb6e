"""Distances to masks."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from unveil.masks import nearest


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
