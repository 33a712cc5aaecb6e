import math

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from unveil.lab.evaluation import metrics
from unveil.lab.evaluation.metrics import MaskCounts


@pytest.fixture
def two() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    clean = rng.integers(0, 256, (33, 47, 3), dtype=np.uint8)
    result = np.clip(clean + rng.integers(-9, 10, clean.shape), 0, 255).astype(np.uint8)
    return result, clean


def test_psnr_and_ssim_are_those_of_skimage(two):
    result, clean = two
    floats = result / 255.0, clean / 255.0
    expected = peak_signal_noise_ratio(floats[1], floats[0], data_range=1)
    assert metrics.psnr(result, clean) == pytest.approx(expected, abs=1e-9)
    assert metrics.psnr(*floats) == pytest.approx(expected, abs=1e-9)
    expected = structural_similarity(*floats, channel_axis=-1, data_range=1)
    assert metrics.ssim(result, clean) == pytest.approx(expected, abs=1e-12)
    assert metrics.ssim(*floats) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("rows", [slice(0, 1), slice(11, 14), slice(32, 33), slice(0, 33)])
@pytest.mark.parametrize("columns", [slice(0, 1), slice(20, 30), slice(46, 47)])
def test_ssim_of_a_local_change_is_that_of_the_whole_picture(two, rows, columns):
    result, clean = two
    local = clean.copy()
    local[rows, columns] = result[rows, columns] // 2
    expected = structural_similarity(local / 255.0, clean / 255.0, channel_axis=-1, data_range=1)
    assert metrics.ssim(local, clean) == pytest.approx(expected, abs=1e-12)


def test_the_data_range_is_one_whatever_the_picture_holds():
    dark = np.full((16, 16, 3), 0.1)
    darker = np.full((16, 16, 3), 0.09)
    assert metrics.psnr(dark, darker) == pytest.approx(40)


def test_equal_pictures(two):
    clean = two[1]
    assert metrics.psnr(clean, clean) == math.inf
    assert metrics.ssim(clean, clean) == pytest.approx(1)
    assert metrics.psnr_under(clean, clean, np.ones(clean.shape[:2], bool)) == math.inf


def test_psnr_under_the_mask_sees_only_the_mask(two):
    result, clean = two
    mask = np.zeros(clean.shape[:2], bool)
    mask[4:9, 5:20] = True
    expected = peak_signal_noise_ratio(
        clean[4:9, 5:20] / 255.0, result[4:9, 5:20] / 255.0, data_range=1
    )
    assert metrics.psnr_under(result, clean, mask) == pytest.approx(expected, abs=1e-9)
    assert math.isnan(metrics.psnr_under(result, clean, np.zeros_like(mask)))


def test_mask_counts_by_hand():
    true = np.array([[True, True, True], [False, False, False]])
    found = np.array([[True, False, True], [True, False, False]])
    counts = metrics.mask_counts(found, true)
    assert counts == MaskCounts(hit=2, false=1, missed=1)
    assert counts.f1 == pytest.approx(2 / 3)
    assert counts.iou == pytest.approx(0.5)
    assert counts + counts == MaskCounts(4, 2, 2)


def test_nothing_to_find_and_nothing_found_is_right():
    empty = np.zeros((4, 4), bool)
    assert metrics.mask_counts(empty, empty).f1 == 1
    assert metrics.mask_counts(empty, empty).iou == 1
    assert metrics.mask_counts(~empty, empty).f1 == 0


def test_change_outside_the_mask(two):
    clean = two[1]
    result = clean.copy()
    mask = np.zeros(clean.shape[:2], bool)
    mask[0, 0] = True
    result[0, 0] = 255 - clean[0, 0]
    assert metrics.change_outside(result, clean, mask) == 0
    result[5, 5, 1] = clean[5, 5, 1] - 7 if clean[5, 5, 1] > 100 else clean[5, 5, 1] + 7
    assert metrics.change_outside(result, clean, mask) == 7
    assert metrics.change_outside(result / 255.0, clean / 255.0, mask) == pytest.approx(7)
    assert metrics.change_outside(result, clean, np.ones_like(mask)) == 0


def test_the_mattes_error_counts_what_was_missed_and_not_what_lies_outside():
    true = np.zeros((20, 20), np.float32)
    true[5:15, 5:15] = 0.5
    found = true.copy()
    found[0] = 1
    assert metrics.matte_error(found, true) == metrics.rim_error(found, true) == 0
    found[5:15, 5:10] = 0
    assert metrics.matte_error(found, true) == pytest.approx(0.25)
    assert math.isnan(metrics.matte_error(found, np.zeros_like(true)))
    with pytest.raises(ValueError, match="two mattes H x W of one size"):
        metrics.matte_error(found[1:], true)


def test_the_rim_is_two_pixels_wide():
    true = np.zeros((20, 20), np.float32)
    true[4:16, 4:16] = 1
    found = true.copy()
    found[6:14, 6:14] = 0.2
    assert metrics.rim_error(found, true) == 0
    found[5, 7] = 0
    assert metrics.rim_error(found, true) == pytest.approx(1 / (12 * 12 - 8 * 8))


def test_the_colours_error_is_that_of_the_nearest_colour():
    true = np.zeros((2, 3, 3), np.float32)
    true[0], true[1] = (1, 0, 0), (0, 0, 1)
    where = np.ones((2, 3), bool)
    colours = np.array([[1, 0, 0], [0, 0, 0.9]])
    assert metrics.colour_error(colours, true, where) == pytest.approx(255 * 0.1 / 3 / 2)
    assert math.isnan(metrics.colour_error(colours, true, ~where))
    assert math.isnan(metrics.colour_error(colours[:0], true, where))


def test_what_cannot_be_compared_is_refused(two):
    result, clean = two
    mask = np.zeros(clean.shape[:2], bool)
    with pytest.raises(ValueError, match="of one size, got"):
        metrics.psnr(result[:-1], clean)
    with pytest.raises(ValueError, match="got int16"):
        metrics.psnr(result.astype(np.int16), clean)
    with pytest.raises(ValueError, match="scale or clip"):
        metrics.psnr(result.astype(float), clean)
    with pytest.raises(ValueError, match="bool mask"):
        metrics.psnr_under(result, clean, mask.astype(np.uint8))
    with pytest.raises(ValueError, match="bool mask"):
        metrics.mask_counts(mask, mask[:-1])
    with pytest.raises(ValueError, match="at least 7 x 7"):
        metrics.ssim(result[:6], clean[:6])
