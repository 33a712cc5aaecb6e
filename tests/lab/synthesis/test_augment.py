"""Augmentation: what moves alike, what changes alike, what befalls the input alone."""

from dataclasses import fields

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter

from synthetic import photograph
from unveil.lab.synthesis.augment import AugmentConfig, Augmented, _blurred, augment
from unveil.lab.synthesis.chance import Chance
from unveil.lab.synthesis.logos import Scene
from unveil.lab.synthesis.pairs import Pair

NOTHING = {field.name: 0.0 for field in fields(AugmentConfig)}
MATTE, WHITE = 0.5, 1.0


def _batch(count=12):
    """Photographs with a white square at half opacity; the target has it elsewhere."""
    crops = np.stack([photograph(64, 64, seed) for seed in range(count)])
    clean = torch.from_numpy(crops).permute(0, 3, 1, 2) / 255
    mask = torch.zeros(count, 1, 64, 64, dtype=torch.bool)
    mask[..., 20:36, 24:40] = True
    marked = torch.where(mask, MATTE * WHITE + (1 - MATTE) * clean, clean)
    elsewhere = mask.roll((20, -15), (2, 3))
    target = torch.where(elsewhere, MATTE * WHITE + (1 - MATTE) * clean, clean)
    return Pair(marked, target, clean, mask)


def _augmented(seed=0, **probabilities):
    return augment(_batch(), AugmentConfig(**(NOTHING | probabilities)), Chance(seed, "cpu"))


def test_nothing_asked_changes_nothing():
    for got, given in zip(_augmented(), _batch(), strict=True):
        torch.testing.assert_close(got.float(), given.float(), atol=0.51 / 255, rtol=0)


@pytest.mark.parametrize("name", ["crop", "rotate", "flip"])
def test_geometry_moves_picture_target_and_mask_alike(name):
    got, given = _augmented(**{name: 1.0}), _batch()
    assert (got.clean - given.clean).abs().mean((1, 2, 3)).min() > 0.01
    inside = torch.nn.functional.max_pool2d(1 - got.mask.float(), 5, 1, 2) == 0
    outside = torch.nn.functional.max_pool2d(got.mask.float(), 5, 1, 2) == 0
    expected = MATTE * WHITE + (1 - MATTE) * got.clean
    assert inside.any((1, 2, 3)).all()
    inside, outside = inside.expand_as(got.clean), outside.expand_as(got.clean)
    assert (got.marked - expected)[inside].abs().max() < 1.1 / 255
    assert torch.equal(got.marked[outside], got.clean[outside])
    assert (got.target - got.clean).abs().amax((1, 2, 3)).min() > 0.1


def test_turned_crops_have_no_empty_corners():
    pair = _batch()
    ones = Pair(*(torch.ones_like(each) for each in pair[:3]), pair.mask)
    config = AugmentConfig(**(NOTHING | {"rotate": 1.0, "crop": 1.0}))
    assert (augment(ones, config, Chance(0, "cpu")).clean == 1).all()


@pytest.mark.parametrize("name", ["jitter", "grey", "gamma", "rain", "shadow"])
def test_light_and_weather_are_the_same_with_and_without_the_mark(name):
    got, given = _augmented(**{name: 1.0}), _batch()
    assert (got.clean - given.clean).abs().amax((1, 2, 3)).min() > 2 / 255
    outside = ~given.mask.expand_as(given.clean)
    assert torch.equal(got.marked[outside], got.clean[outside])
    assert torch.equal(got.mask, given.mask)


def test_grey_pictures_have_no_colour():
    got = _augmented(grey=1.0).clean
    assert (got.amax(1) - got.amin(1)).max() < 1.1 / 255


@pytest.mark.parametrize("name", ["blur", "compression", "dropout"])
def test_what_is_lost_is_lost_from_the_input_alone(name):
    got, given = _augmented(**{name: 1.0}), _batch()
    torch.testing.assert_close(got.clean, given.clean, atol=0.51 / 255, rtol=0)
    torch.testing.assert_close(got.target, given.target, atol=0.51 / 255, rtol=0)
    error = (got.marked - given.marked).abs()
    assert error.amax((1, 2, 3)).min() > 1 / 255
    assert error.mean((1, 2, 3)).max() < 0.06


def test_dropout_is_a_little_black():
    lost = (_augmented(dropout=1.0).marked == 0).all(1).float().mean((1, 2))
    assert 0 < lost.mean() < 0.02


def test_blur_is_that_of_pillow():
    picture = _batch(1).clean
    image = Image.fromarray((picture[0].permute(1, 2, 0) * 255).byte().numpy())
    expected = np.asarray(image.filter(ImageFilter.GaussianBlur(1.0))).astype(np.float32)
    got = _blurred(picture, torch.tensor([1.0]))[0].permute(1, 2, 0).numpy() * 255
    assert np.abs(got - expected)[4:-4, 4:-4].mean() < 0.7


class _Scenes:
    """A source of scenes."""

    def __init__(self, seed):
        self.chance = Chance(seed, "cpu")

    def draw(self):
        pair = _batch()
        return Scene(pair.marked, pair.clean, pair.mask)


def test_the_same_seed_changes_alike_and_scenes_are_served_too():
    one, two, other = (Augmented(_Scenes(seed), AugmentConfig()).draw() for seed in (3, 3, 4))
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    assert not torch.equal(one.marked, other.marked)
    assert one.mask.dtype == torch.bool
