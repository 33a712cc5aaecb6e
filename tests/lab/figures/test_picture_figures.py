"""Pictures, residuals and local quality against what is known of constructed pictures."""

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio

from unveil.lab.evaluation.metrics import ssim
from unveil.lab.figures.local_quality import CEILING_DB, local_psnr, local_quality, local_ssim
from unveil.lab.figures.pictures import batch_as_fed, masks_side_by_side, side_by_side
from unveil.lab.figures.residuals import residual_error, residual_histogram, watermark_residual


@pytest.fixture(scope="module")
def pair(request):
    """Marked and clean picture, floats, and the mask."""
    marked, clean = (request.getfixturevalue(f"{n}_picture") / 255 for n in ("marked", "clean"))
    return marked[40:136, :96], clean[40:136, :96], (marked != clean).any(-1)[40:136, :96]


def _shown(axes):
    return np.asarray(axes.get_images()[0].get_array())


def test_pictures_are_shown_as_they_are_with_their_psnr(pair):
    marked, clean, _ = pair
    dim = 0.5 * clean
    figure = side_by_side(marked[None], dim[None], clean[None])
    assert np.allclose(_shown(figure.axes[1]), dim)  # not stretched
    expected = peak_signal_noise_ratio(clean, dim, data_range=1)
    assert figure.axes[1].get_title() == f"restored, {expected:.2f} dB"


def test_an_empty_mask_stays_black(pair):
    marked, _, mask = pair
    faint = np.full(mask.shape, 0.2)
    figure = masks_side_by_side(marked[None], faint[None], np.zeros_like(mask)[None])
    probability, found, true = (axes.get_images()[0] for axes in figure.axes[1:])
    assert probability.get_clim() == true.get_clim() == (0, 1)
    assert np.asarray(found.get_array()).max() == np.asarray(true.get_array()).max() == 0


def test_the_batch_has_a_row_per_field_and_a_column_per_sample(pair):
    marked, clean, mask = (np.stack([part] * 3) for part in pair)
    figure = batch_as_fed({"marked": marked, "clean_view": clean, "mask": mask}, limit=2)
    assert len(figure.axes) == 6
    assert [axes.get_ylabel() for axes in figure.axes[::2]] == ["marked", "clean view", "mask"]


def test_the_histogram_counts_every_pixel_of_each_group_once(pair):
    marked, clean, mask = pair
    axes = residual_histogram(marked, clean, mask).axes[0]
    under, outside = (patch.get_data().values for patch in axes.patches)
    assert under.sum() == pytest.approx(1)
    assert outside.sum() == pytest.approx(1)
    assert outside[0] == pytest.approx(1)  # nothing differs outside the mark
    assert under[0] < 0.5


def test_the_residual_error_shows_the_pixels_above_the_threshold(pair):
    _, clean, mask = pair
    wrong = np.where(mask[..., None], np.clip(clean + 0.2, 0, 1), clean)
    expected = np.abs(wrong - clean).mean(-1) > 0.1
    figure = residual_error(wrong, clean)
    assert np.array_equal(_shown(figure.axes[1]) > 0.5, expected)
    assert f"{expected.mean():.2%} of the pixels" in figure.axes[1].get_title()
    red, green, blue = _shown(figure.axes[2])[expected].T
    assert (red > green).all()
    assert (green > blue).all()


@pytest.mark.parametrize(("kept", "left"), [(0.0, "0%"), (0.25, "25%"), (1.0, "100%")])
def test_what_is_left_of_the_mark_is_stated(pair, kept, left):
    marked, clean, mask = pair
    restored = clean + kept * (marked - clean)
    figure = watermark_residual(marked, restored, clean, mask)
    assert figure.axes[3].get_title() == f"left: {left} under the mark"


def test_local_psnr_of_a_constant_error_is_flat(pair):
    _, clean, _ = pair
    levels = 0.25 + 0.5 * clean
    assert np.allclose(local_psnr(levels + 0.1, levels), 20)
    assert np.allclose(local_psnr(levels, levels), CEILING_DB)


def test_local_psnr_falls_only_around_the_damage(pair):
    _, clean, _ = pair
    damaged = clean.copy()
    damaged[40:44, 40:44] = (damaged[40:44, 40:44] + 0.5) % 1
    hurt = local_psnr(damaged, clean, window_px=9) < CEILING_DB - 1e-6
    rows, columns = np.nonzero(hurt)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (36, 47, 36, 47)


def test_local_ssim_is_what_the_score_is_the_mean_of(pair):
    marked, clean, _ = pair
    inside = local_ssim(marked, clean)[3:-3, 3:-3]
    assert inside.mean() == pytest.approx(ssim(marked, clean))
    assert f"{ssim(marked, clean):.4f}" in local_quality(marked, clean).axes[2].get_title()
