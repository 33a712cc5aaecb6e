"""Synthesis against OpenCV, Pillow and the forward model."""

import io
import math
from dataclasses import asdict

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from unveil.blending import compose
from unveil.lab.synthesis.chance import Chance
from unveil.lab.synthesis.config import SynthesisConfig, on_plain_scenes
from unveil.lab.synthesis.degrade import jpeg, reduced
from unveil.lab.synthesis.marked import VISIBLE, MarkedPictures
from unveil.lab.synthesis.scenes import crops
from unveil.lab.synthesis.textures import Textures

EXACT = {"reduced": 0.0, "noise_over_mark": 0.0, "jpeg": 0.0, "other_blend": 0.0}


def _smooth(height, width, channels, seed=0):
    noise = np.random.default_rng(seed).random((height, width, channels)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 3)
    smooth = (smooth - smooth.min()) / (smooth.max() - smooth.min())
    return np.rint(smooth * 255).astype(np.uint8)


def _sprites(count=3):
    sprites = []
    for seed in range(count):
        sprite = _smooth(40, 60 + 10 * seed, 4, seed)
        sprite[..., 3] = np.where(sprite[..., 3] > 128, 255, 0)
        sprites.append(sprite)
    return sprites


def _batches(seed=0, **changes):
    config = SynthesisConfig(**({"size_px": 64, "length_px": (20.0, 60.0)} | changes))
    pictures = Textures([_smooth(150, 130 + 10 * i, 3, i) for i in range(4)])
    return MarkedPictures(pictures, Textures(_sprites(), 3), config, batch_size=16, seed=seed)


def _grid(height, width):
    y, x = np.mgrid[:height, :width].astype(np.float32) + 0.5
    return torch.from_numpy(np.stack([x, y], axis=-1))[None]


def test_sampling_on_the_grid_returns_the_texture():
    texture = _smooth(20, 30, 3)
    got = Textures([_smooth(9, 9, 3), texture]).sample(torch.tensor([1]), _grid(20, 30))
    assert np.array_equal(np.rint(got[0, :3].numpy() * 255), texture.transpose(2, 0, 1))


def test_sampling_between_pixels_agrees_with_opencv():
    texture = _smooth(40, 50, 3)
    move = np.array([[0.8, 0.1, 4.3], [-0.1, 0.8, 5.6]], np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    expected = cv2.warpAffine(texture.astype(np.float32), move, (30, 30), flags=flags)
    xy = (_grid(30, 30) - 0.5) @ torch.from_numpy(move[:, :2].T) + torch.from_numpy(move[:, 2])
    got = Textures([texture]).sample(torch.tensor([0]), xy + 0.5)[0, :3].numpy() * 255
    assert np.abs(got.transpose(1, 2, 0) - expected).max() < 2  # OpenCV rounds positions to 1/32


def test_beyond_a_sprite_there_is_nothing():
    sprite = np.full((8, 8, 4), 255, np.uint8)
    sample = Textures([sprite]).sample(torch.tensor([0]), _grid(20, 20) - 6)[0]
    inside = torch.zeros(20, 20, dtype=torch.bool)
    inside[6:14, 6:14] = True
    assert (sample[3][inside] == 1).all()
    assert (sample[:, ~inside] == 0).all()


def test_a_hard_sprite_has_no_soft_pixels_but_those_of_interpolation():
    sprite = np.full((8, 8, 4), 255, np.uint8)
    sprite[..., 3] = 40
    textures = Textures([sprite])
    index, grid = torch.tensor([0]), _grid(8, 8)
    assert textures.sample(index, grid)[0, 3].max() == pytest.approx(40 / 255)
    assert (textures.sample(index, grid, hard=torch.tensor([True]))[0, 3] == 1).all()


def test_opaque_and_transparent_textures_do_not_mix():
    with pytest.raises(ValueError, match="got both"):
        Textures([_smooth(8, 8, 3), _smooth(8, 8, 4)])


@pytest.mark.parametrize("quality", [60, 85, 95])
def test_jpeg_is_what_pillow_does(quality):
    picture = _smooth(64, 96, 3)
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=quality, subsampling=2)
    expected = np.asarray(Image.open(stream)).astype(np.float32)
    planes = torch.from_numpy(picture).permute(2, 0, 1)[None] / 255
    got = jpeg(planes, torch.tensor([quality]))[0].permute(1, 2, 0).numpy() * 255
    loss = np.abs(picture - expected).mean()
    assert np.abs(got - expected).mean() < 0.5 * loss + 0.3
    assert np.abs(got - picture).mean() == pytest.approx(loss, rel=0.2, abs=0.2)


def test_jpeg_refuses_broken_blocks():
    with pytest.raises(ValueError, match="multiples of 16; got 24 x 16"):
        jpeg(torch.zeros(1, 3, 24, 16), torch.tensor([90]))


@pytest.mark.parametrize("factor", [0.55, 0.75, 1.0])
def test_reduction_is_what_pillow_does(factor):
    picture = _smooth(64, 96, 3)
    size_wh = (math.ceil(96 * factor), math.ceil(64 * factor))
    expected = np.asarray(Image.fromarray(picture).resize(size_wh, Image.Resampling.BICUBIC))
    planes = torch.from_numpy(picture).permute(2, 0, 1)[None] / 255
    got = reduced(planes, factor)[0].permute(1, 2, 0).numpy() * 255
    assert got.shape == picture.shape
    assert np.abs(got[: size_wh[1], : size_wh[0]] - expected).max() < 1.5
    padding = [(0, 64 - size_wh[1]), (0, 96 - size_wh[0]), (0, 0)]
    assert np.abs(got - np.pad(expected, padding, mode="reflect")).max() < 1.5


def test_reduced_crops_obey_the_forward_model_but_for_their_rims():
    batch = _batches(**EXACT | {"reduced": 1.0}).draw()
    expected = compose(batch.background, batch.colour, batch.matte)
    assert (batch.marked - expected).abs().mean() < 0.5 / 255
    changed = (batch.marked - batch.background).abs().amax(1, keepdim=True) > VISIBLE
    assert torch.equal(changed & (batch.matte > 0), batch.visible)


def test_noise_over_the_mark_is_white_and_of_the_sigma_that_was_asked_for():
    batch = _batches(**EXACT | {"noise_over_mark": 1.0}, noise_sigma=(0.05, 0.05)).draw()
    noise = batch.marked - compose(batch.background, batch.colour, batch.matte)
    inner = noise[(batch.marked > 0) & (batch.marked < 1)]
    assert inner.std() == pytest.approx(0.05, rel=0.05)
    assert abs((noise[..., 1:] * noise[..., :-1]).mean()) < 0.05 * noise.var()


def test_the_same_seed_draws_the_same_batches():
    one, two, other = _batches(1), _batches(1), _batches(2)
    first, second = [one.draw() for _ in range(2)], [two.draw() for _ in range(2)]
    for a, b in zip(first, second, strict=True):
        assert all(torch.equal(x, y) for x, y in zip(a, b, strict=True))
    assert not torch.equal(first[0].marked, other.draw().marked)


def test_marked_crops_obey_the_forward_model():
    batch = _batches(**EXACT).draw()
    expected = compose(batch.background, batch.colour, batch.matte)
    assert (batch.marked - expected).abs().max() <= 0.5 / 255 + 1e-5
    changed = (batch.marked - batch.background).abs().amax(1, keepdim=True) > VISIBLE
    assert torch.equal(changed, batch.visible)
    assert batch.normal.all()


def test_crops_without_a_mark_stay_clean():
    batch = _batches(**EXACT | {"clean": 1.0}).draw()
    assert torch.equal(batch.marked, batch.background)
    assert not batch.visible.any()
    assert (batch.opacity == 0).all()


def test_aliased_marks_cover_pixels_fully_or_not_at_all():
    even = EXACT | {"varying": 0.0, "shadow": 0.0, "second_mark": 0.0}
    soft, aliased = (_batches(**even | {"aliased": share}).draw() for share in (0.0, 1.0))
    for batch, expected in ((soft, False), (aliased, True)):
        partial = (batch.matte > 0) & (batch.matte < batch.opacity.view(-1, 1, 1, 1) - 1e-6)
        assert partial.any().item() != expected
    assert (aliased.matte > 0).any()


def test_tiling_covers_every_quarter_of_a_crop():
    batch = _batches(clean=0.0, tiled=1.0, rotated=0.0, length_px=(14.0, 20.0), varying=0.0).draw()
    quarters = batch.matte.unfold(2, 32, 32).unfold(3, 32, 32).amax((-1, -2))
    assert (quarters > 0).float().mean() > 0.95


def test_a_crop_of_odd_size_is_refused():
    with pytest.raises(ValueError, match="multiples of 32; got 100"):
        SynthesisConfig(size_px=100)


PLAIN = asdict(
    on_plain_scenes(SynthesisConfig(size_px=64, length_px=(20.0, 60.0), **EXACT | {"clean": 1.0}))
)


def test_turned_scenes_are_the_same_scenes_transposed_and_upside_down():
    plain = _batches(**PLAIN).draw().background
    turned = _batches(**PLAIN | {"turned": 1.0}).draw().background
    assert torch.equal(turned, plain.transpose(2, 3).flip(2))


def test_toned_scenes_keep_the_order_of_their_levels():
    plain = _batches(**PLAIN).draw().background[0, 0].flatten()
    toned = _batches(**PLAIN | {"toned": 1.0}).draw().background[0, 0].flatten()
    assert not torch.equal(toned, plain)
    assert toned[plain.argsort()].diff().min() > -0.05  # levels rounded alike in the plain one


def test_a_border_leaves_the_inner_picture_alone():
    without = _batches(**PLAIN).draw().background
    bordered = _batches(**PLAIN | {"bordered": 1.0}).draw().background
    changed = (without != bordered).any(1)
    assert not changed[:, 12:-12, 12:-12].any()
    per_crop = changed.float().mean((1, 2))
    assert 0 < per_crop.max() < 0.7
    assert changed[:, 0].any()
    assert changed[:, :, -1].any()


def test_warped_crops_are_turned_and_stretched_but_keep_their_area():
    y, x = np.mgrid[:255, :255].astype(np.uint8)
    places = Textures([np.dstack([x, y, np.zeros_like(x)])])
    warped = crops(places, 64, (1.0, 1.0), 32, Chance(0, "cpu"), warped=1.0)[:, :2] * 255
    across, down = warped.diff(dim=3)[:, :, :-1], warped.diff(dim=2)[..., :-1]
    area = across[:, 0] * down[:, 1] - across[:, 1] * down[:, 0]
    assert torch.allclose(area.abs(), torch.ones_like(area), atol=1e-3)
    length = across.square().sum(1).sqrt()
    assert 0.86 < length.min() < 0.9  # square root of 3/4
    assert 1.11 < length.max() < 1.16
    assert (across[:, 1].abs() > 0.5).float().mean() > 0.3


def test_what_stands_in_front_of_a_scene_is_a_piece_of_another_one():
    plain = _batches(**PLAIN).draw().background
    obstructed = _batches(**PLAIN | {"obstructed": 1.0}).draw().background
    changed = (plain != obstructed).any(1)
    piece = (obstructed == plain.roll(1, 0)).all(1)
    assert 0.05 < changed.float().mean() < 0.6
    well_within = 1 - torch.nn.functional.max_pool2d(1 - changed.float(), 7, stride=1, padding=3)
    assert (well_within * piece).sum() > 0.95 * well_within.sum() > 1000
