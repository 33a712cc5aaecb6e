"""Grouping and tiling."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from unveil.boxes import OVERLAP_PX, TILE_PX, grown, tiles, within
from unveil.location.marks import group_pixels


def test_near_parts_are_one_mark_and_far_parts_are_two():
    mask = np.zeros((100, 200), np.bool_)
    mask[40:50, 20:30] = mask[40:50, 36:46] = mask[40:45, 150:155] = True
    groups = group_pixels(mask, gap_px=8)
    assert [group.box_xyxy for group in groups] == [(20, 40, 46, 50), (150, 40, 155, 45)]
    assert [int(group.mask.sum()) for group in groups] == [200, 25]
    assert len(group_pixels(mask, gap_px=2)) == 3
    assert len(group_pixels(mask, gap_px=8, least_px=26)) == 1
    assert group_pixels(np.zeros((5, 5), np.bool_), 3) == []


def test_a_box_grows_only_within_the_picture():
    assert grown((5, 5, 10, 10), 8, (12, 40)) == (0, 0, 18, 12)


@settings(max_examples=60)
@given(st.integers(0, 500), st.integers(0, 500), st.integers(1, 3000), st.integers(1, 2500))
def test_tiles_use_every_pixel_once_and_stay_small(x, y, width, height):
    seen = np.zeros((y + height, x + width), np.uint8)
    for tile, used in tiles((x, y, x + width, y + height)):
        assert tile[0] <= used[0] < used[2] <= tile[2]
        assert tile[1] <= used[1] < used[3] <= tile[3]
        assert max(tile[2] - tile[0], tile[3] - tile[1]) <= TILE_PX + OVERLAP_PX
        seen[within(used)] += 1
    assert (seen[y:, x:] == 1).all()
    assert seen.sum() == width * height
