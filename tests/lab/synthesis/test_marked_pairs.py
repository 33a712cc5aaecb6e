"""Pairs of marked views and scenes of logos against what their configuration asks."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from synthetic import photograph
from unveil.lab.synthesis.chance import Chance
from unveil.lab.synthesis.logos import LogoScenes, SegmentationConfig, dilated
from unveil.lab.synthesis.noisy import NoiseConfig, NoisyPictures
from unveil.lab.synthesis.pairs import MarkedPairs, same_logo, triplets
from unveil.lab.synthesis.textures import Textures
from unveil.lab.synthesis.wear import LEAST, clouded, worn


def _pictures():
    return Textures([photograph(130, 150, seed) for seed in range(3)])


def _sprites():
    """A red and a blue disc."""
    disc = np.zeros((40, 40), np.uint8)
    cv2.circle(disc, (20, 20), 18, 255, -1)
    red, blue = (
        np.dstack([np.full((40, 40, 3), c, np.uint8), disc]) for c in ((255, 0, 0), (0, 0, 255))
    )
    return Textures([red, blue], 2)


def _pairs(config, seed=0, **changes):
    small = {"size_px": 64, "length_px": (16.0, 30.0), "swapped_channels": 0.0} | changes
    config = replace(config, synthesis=replace(config.synthesis, **small))
    return MarkedPairs(_pictures(), _sprites(), config, batch_size=12, seed=seed)


def test_triplets_are_two_views_of_one_crop():
    pair = _pairs(triplets()).draw()
    for view in (pair.marked, pair.target):
        changed = (view - pair.clean).abs().amax(1) > 2.5 / 255
        assert changed.any((1, 2)).all()
        assert not changed.all((1, 2)).any()
    assert not torch.equal(pair.marked, pair.target)
    outside = ~pair.mask.expand_as(pair.clean)
    assert (pair.marked - pair.clean).abs()[outside].max() <= 2.5 / 255 + 1e-6
    assert torch.equal(pair.mask[:, 0], (pair.marked - pair.clean).abs().amax(1) > 2.5 / 255)


def test_triplets_let_the_picture_through_everywhere():
    black, white = (np.full((90, 90, 3), level, np.uint8) for level in (0, 255))
    config = replace(triplets(64), retouched=0.0)
    below, above = (
        MarkedPairs(Textures([picture]), _sprites(), config, 12, seed=0).draw()
        for picture in (black, white)
    )
    assert (above.marked - below.marked).min() > 0


def test_the_same_seed_draws_the_same_pairs():
    one, two, other = (_pairs(triplets(), seed).draw() for seed in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    assert not torch.equal(one.marked, other.marked)


def test_swcnn_pairs_show_one_logo_at_two_places_in_one_opacity():
    pair = _pairs(same_logo(opacity=(0.5, 0.5))).draw()
    red = torch.tensor([1.0, 0.0, 0.0]).view(3, 1, 1)
    blue = red.flip(0)
    for marked, target, clean in zip(pair.marked, pair.target, pair.clean, strict=True):
        logos = []
        for view in (marked, target):
            fits = [
                ((view - 0.5 * (clean + logo)).abs().amax(0) < 1 / 255).sum().item()
                for logo in (red, blue)
            ]
            assert max(fits) > 100 > min(fits)
            logos.append(fits.index(max(fits)))
        assert logos[0] == logos[1]
        assert not torch.equal(marked, target)


def test_marks_are_added_until_they_cover_their_share():
    config = replace(same_logo(), share=(0.4, 0.4))
    covered = _pairs(config).draw().mask.float().mean((1, 2, 3))
    assert covered.min() > 0.3
    assert covered.max() < 0.65


def test_a_clean_target_is_the_clean_crop():
    pair = _pairs(replace(triplets(), clean_target=True)).draw()
    assert torch.equal(pair.target, pair.clean)


def test_retouching_changes_all_three_alike():
    plain = _pairs(replace(triplets(), retouched=0.0, clouded=0.0, worn=0.0)).draw()
    changed = _pairs(replace(triplets(), retouched=1.0, clouded=0.0, worn=0.0)).draw()
    assert (changed.clean.mean((1, 2, 3)) - plain.clean.mean((1, 2, 3))).abs().max() > 0.03
    outside = ~changed.mask.expand_as(changed.clean)
    assert (changed.marked - changed.clean).abs()[outside].max() <= 2.5 / 255 + 1e-6


def test_noise_of_protocol_b_lies_over_the_marked_views_only():
    config = replace(same_logo(), sigma=(25.0, 25.0))
    pair = _pairs(config).draw()
    outside = ~pair.mask.expand_as(pair.clean)
    bright = outside & (pair.clean > 0.3) & (pair.clean < 0.7)
    assert (pair.marked - pair.clean)[bright].std().item() * 255 == pytest.approx(25, rel=0.05)


def test_clouds_vary_smoothly_between_their_ends():
    factors = clouded(torch.ones(20, 1, 64, 64), 1.0, Chance(0, "cpu"))
    assert factors.min() >= LEAST
    assert factors.max() <= 1
    assert (factors.amax((1, 2, 3)) - factors.amin((1, 2, 3))).min() > 0.2
    assert factors.diff(dim=2).abs().max() < 2 * 4 / 63
    assert (clouded(torch.ones(20, 1, 64, 64), 0.0, Chance(0, "cpu")) == 1).all()


def test_worn_marks_are_changed_and_stay_where_they_were():
    matte = torch.zeros(40, 1, 64, 64)
    matte[..., 20:40, 20:40] = 0.8
    assert torch.equal(worn(matte, 0.0, Chance(0, "cpu")), matte)
    got = worn(matte, 1.0, Chance(0, "cpu"))
    assert ((got != matte).flatten(1).sum(1) > 20).all()
    assert (got >= 0).all()
    assert got.max() <= 0.8 + 1e-6
    far = dilated(matte > 0, 4)
    assert (got[~far] == 0).all()
    assert (got.sum((1, 2, 3)) / matte.sum((1, 2, 3))).min() > 0.75


def test_noise2noise_pairs_have_two_draws_of_noise_and_clean_validation():
    config = NoiseConfig(64, "gaussian,20,20", "gaussian,20,20", "gaussian,40,40")
    pair = NoisyPictures(_pictures(), config, batch_size=6, seed=0).draw()
    assert torch.equal((pair.clean * 255).round() / 255, pair.clean)  # cut out, not resampled
    one, two = pair.marked - pair.clean, pair.target - pair.clean
    assert one.std().item() * 255 == pytest.approx(20, rel=0.15)  # less where it is clipped
    assert torch.corrcoef(torch.stack([one.flatten(), two.flatten()]))[0, 1].abs() < 0.05
    check = NoisyPictures(_pictures(), config, 6, 0, validation=True).draw()
    assert torch.equal(check.target, check.clean)
    assert (check.marked - check.clean).std() > 1.5 * one.std()


def _scenes(**changes):
    config = SegmentationConfig(**({"size_px": 64} | changes))
    return LogoScenes(_pictures(), _sprites(), config, batch_size=16, seed=0).draw()


def test_scenes_have_a_mask_where_logos_show_and_nowhere_else():
    scene = _scenes()
    assert scene.mask.any((1, 2, 3)).all()
    outside = ~scene.mask.expand_as(scene.clean)
    assert (scene.marked - scene.clean).abs()[outside].max() <= 2.5 / 255 + 1e-6


def test_more_logos_cover_more():
    size = {"length": (0.2, 0.2), "opacity": (1.0, 1.0), "blends": ("normal",)}
    one, five = (_scenes(logos=(n, n), **size).mask.float().mean() for n in (1, 5))
    assert 2.5 * one < five < 5 * one


def test_multiplied_logos_never_brighten():
    scene = _scenes(blends=("multiply",))
    assert (scene.marked <= scene.clean + 0.5 / 255 + 1e-6).all()


def test_clean_scenes_have_an_empty_mask():
    scene = _scenes(clean=1.0)
    assert torch.equal(scene.marked, scene.clean)
    assert not scene.mask.any()


def test_dilation_is_that_of_opencv():
    mask = torch.rand(1, 1, 40, 50, generator=torch.Generator().manual_seed(0)) > 0.98
    expected = cv2.dilate(mask[0, 0].numpy().astype(np.uint8), np.ones((7, 7), np.uint8))
    assert np.array_equal(dilated(mask, 3)[0, 0].numpy(), expected > 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"blends": ("multply",)}, r"multiply.*got \['multply'\]"),
        ({"blends": ()}, "got none"),
        ({"logos": (3, 2)}, r"got \(3, 2\)"),
    ],
)
def test_contradictions_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        SegmentationConfig(**change)
