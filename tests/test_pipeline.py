"""The contract of remove and locate, with the bundled model."""

import numpy as np
import pytest
from PIL import Image

import unveil
from synthetic import lettering, photograph, stamped
from unveil.errors import MaskError, ModelError, PictureError, UsageError
from unveil.restore.mark import REFINED_PX


@pytest.fixture(scope="module")
def remover():
    return unveil.Remover()


@pytest.fixture(scope="module")
def result(remover, marked_picture):
    return remover.remove(marked_picture)


def _psnr(a, b):
    return -10 * np.log10(np.mean((a.astype(float) - b) ** 2) / 255**2)


def test_an_unknown_mark_comes_off(result, marked_picture, clean_picture):
    assert result.found
    assert result.report.marks
    before, after = _psnr(marked_picture, clean_picture), _psnr(result.picture, clean_picture)
    assert after > before + 3


def test_the_mask_is_where_the_mark_is(result):
    truth = lettering(240, 320)[..., 0] > 0.1
    overlap = np.count_nonzero(result.mask & truth)
    assert 2 * overlap / (np.count_nonzero(result.mask) + np.count_nonzero(truth)) > 0.6


def test_nothing_changes_outside_the_mask(result, marked_picture):
    assert np.array_equal(result.picture[~result.mask], marked_picture[~result.mask])
    assert (result.matte[~result.mask] == 0).all()


@pytest.mark.parametrize("sigma", [15, 25, 50])
def test_noise_comes_off_when_asked(remover, sigma):
    clean = photograph(240, 320, seed=5)
    noise = np.random.default_rng(0).normal(0, sigma, clean.shape)
    noisy = np.clip(np.rint(clean + noise), 0, 255).astype(np.uint8)
    result = remover.remove(noisy, denoise=True)
    assert result.report.denoised
    assert _psnr(result.picture, clean) > _psnr(noisy, clean) + 5
    assert result.changed.all()
    assert not remover.remove(noisy).report.denoised


def test_denoising_leaves_a_picture_without_noise_nearly_as_it_is(remover, clean_picture):
    assert _psnr(remover.remove(clean_picture, denoise=True).picture, clean_picture) > 34


def test_a_mark_comes_off_with_the_noise(remover, clean_picture, marked_picture):
    noise = np.random.default_rng(0).normal(0, 15, marked_picture.shape)
    noisy = np.clip(np.rint(marked_picture + noise), 0, 255).astype(np.uint8)
    result = remover.remove(noisy, denoise=True)
    assert result.found
    under = result.mask
    left = np.abs(result.picture[under].astype(float) - clean_picture[under]).mean()
    before = np.abs(marked_picture[under].astype(float) - clean_picture[under]).mean()
    assert left < before / 2


def test_types_shapes_and_ranges(result, marked_picture):
    assert isinstance(result.picture, np.ndarray)
    assert result.picture.dtype == np.uint8
    assert result.picture.shape == marked_picture.shape
    assert result.mask.dtype == np.bool_
    assert result.matte.dtype == np.float32
    assert result.mask.shape == result.matte.shape == marked_picture.shape[:2]
    assert 0 <= result.matte.min() <= result.matte.max() <= 1


def test_confidence_is_what_showed_through(remover, marked_picture):
    unblended = remover.remove(marked_picture)
    assert (unblended.confidence[~unblended.mask] == 1).all()
    covered = unblended.matte > 0.5
    assert 0.2 < np.median(unblended.confidence[covered]) < 0.6  # the opacity is .6
    filled = remover.remove(marked_picture, method="inpaint")
    assert (filled.confidence[filled.mask] == 0).all()


def test_the_input_array_is_left_alone(remover, marked_picture):
    copy = marked_picture.copy()
    remover.remove(copy)
    assert np.array_equal(copy, marked_picture)


@pytest.mark.parametrize("name", ["coffee.clean.jpg", "cat.clean.png", "rocket.clean.webp"])
def test_a_clean_photograph_comes_back_byte_identical(remover, name, pytestconfig):
    path = pytestconfig.rootpath / "examples" / name
    result = remover.remove(path)
    assert not result.found
    assert not result.mask.any()
    assert result.encode() == path.read_bytes()


@pytest.mark.parametrize("size_hw", [(1, 1), (7, 5), (33, 250), (64, 64), (301, 47)])
def test_any_size_works(remover, size_hw):
    picture = photograph(*size_hw, seed=1)
    result = remover.remove(picture)
    assert result.picture.shape == picture.shape
    assert np.array_equal(result.picture[~result.mask], picture[~result.mask])


def test_path_bytes_image_and_array_give_the_same(remover, marked_picture, result, tmp_path):
    path = tmp_path / "marked.png"
    Image.fromarray(marked_picture).save(path)
    for source in (path, str(path), path.read_bytes(), Image.open(path)):
        got = remover.remove(source)
        assert isinstance(got.picture, Image.Image)
        assert np.array_equal(np.asarray(got.picture), result.picture)


def test_save_keeps_the_format_of_the_name_and_never_overwrites_unasked(result, tmp_path):
    result.save(tmp_path / "out.png")
    assert np.array_equal(np.asarray(Image.open(tmp_path / "out.png")), result.picture)
    with pytest.raises(unveil.OutputError):
        result.save(tmp_path / "out.png")
    result.save(tmp_path / "out.png", overwrite=True)


def test_a_given_mask_is_the_only_place_that_changes(remover, marked_picture, clean_picture):
    mask = lettering(240, 320)[..., 0] > 0.02
    mask[:, 160:] = False
    result = remover.remove(marked_picture, mask=mask)
    assert not (result.mask & ~mask).any()
    assert np.array_equal(result.picture[~mask], marked_picture[~mask])
    left = np.s_[:, :160]
    gain = _psnr(result.picture[left], clean_picture[left])
    assert gain > _psnr(marked_picture[left], clean_picture[left]) + 3


def test_an_empty_mask_returns_the_input(remover, marked_picture):
    result = remover.remove(marked_picture, mask=np.zeros((240, 320), np.bool_))
    assert not result.found
    assert np.array_equal(result.picture, marked_picture)


def test_an_opaque_mark_is_filled(remover, clean_picture):
    matte = lettering(240, 320)
    marked = stamped(clean_picture, matte, (1.0, 1.0, 1.0))
    result = remover.remove(marked, mask=matte[..., 0] > 0, method="inpaint")
    assert _psnr(result.picture, clean_picture) > _psnr(marked, clean_picture) + 6
    assert {mark["method"] for mark in result.report.marks} == {"inpaint"}


def test_locate_agrees_with_remove_and_dilates(remover, marked_picture, result):
    location = remover.locate(marked_picture)
    assert location.found
    reach = 1 + REFINED_PX  # the rim is restored too, and refinement goes a little further
    around = remover.locate(marked_picture, dilate_px=reach).mask
    assert not (result.mask & ~around).any()
    assert location.colour.shape == marked_picture.shape
    surest = max(mark["confidence"] for mark in location.marks)
    assert location.confidence == pytest.approx(surest, abs=1e-4)
    wider = remover.locate(marked_picture, dilate_px=3).mask
    assert wider.sum() > location.mask.sum()
    assert not (location.mask & ~wider).any()


def test_a_large_picture_changes_only_around_its_mark(remover):
    picture = photograph(1400, 1800, seed=5)
    marked = picture.copy()
    area = np.s_[900:1140, 1000:1320]
    marked[area] = stamped(picture[area], 0.6 * lettering(240, 320), (1.0, 1.0, 1.0))
    result = remover.remove(marked)
    assert result.found
    assert _psnr(result.picture[area], picture[area]) > _psnr(marked[area], picture[area]) + 2
    assert np.array_equal(result.picture[~result.mask], marked[~result.mask])


def test_wrong_calls_say_what_was_expected(remover, marked_picture, tmp_path):
    with pytest.raises(MaskError, match=r"expected a mask of bool \(240, 320\)"):
        remover.remove(marked_picture, mask=np.zeros((5, 5), np.bool_))
    with pytest.raises(UsageError, match="expected a method of auto, unblend, inpaint"):
        remover.remove(marked_picture, method="magic")
    with pytest.raises(ModelError, match="expected a model's name"):
        unveil.Remover("unheard-of")
    with pytest.raises(PictureError):
        remover.remove(tmp_path / "missing.jpg")
