"""The other way of benchmarks/synthesis.py draws what the laboratory's draws."""

import random

import numpy as np
import pytest
from PIL import Image

from synthetic import photograph


@pytest.fixture
def synthesis(load_script):
    return load_script("synthesis")


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "picture.png"
    Image.fromarray(photograph(256, 256)).save(path)  # of a crop's size: the crop is known
    return path


def test_two_views_of_one_crop_under_the_logos_one_opacity(synthesis, picture):
    clean = synthesis.tensor(Image.open(picture)).numpy()
    marked, target = (view.numpy() for view in synthesis.one_logo(picture, random.Random(1)))
    for view in (marked, target):
        changed = (np.abs(view - clean) > 2.5 / 255).any(0)
        assert 0.001 < changed.mean() < 0.7
        least = np.maximum(clean, 1 - clean)[:, changed] * 0.3 * 1.0
        single = np.abs(view - clean)[:, changed] <= least + 1 / 255
        assert single.mean() > 0.9  # where logos overlap, more
    assert not np.array_equal(marked, target)


def test_the_mask_of_two_views_is_where_the_marked_one_is(synthesis, picture):
    seen = 0
    for seed in range(3):
        marked, target, mask = synthesis.two_views(picture, random.Random(seed))
        assert marked.shape == target.shape == mask.shape == (3, 256, 256)
        seen += 0 < mask.mean() < 0.9
    assert seen == 3
