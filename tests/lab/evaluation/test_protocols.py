import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from unveil.blending import compose
from unveil.errors import PictureError, UsageError
from unveil.lab.evaluation.evaluate import nothing, run
from unveil.lab.evaluation.metrics import psnr
from unveil.lab.evaluation.pairs import list_pictures
from unveil.lab.evaluation.protocols import PROTOCOLS, protocol, protocol_cases, read_logo


def compose_by_equation(picture, logo, opacity: float, scale: float) -> tuple:
    """Marked and clean picture in floats, by the forward model instead of by Pillow."""
    rgba = np.array(logo).astype(np.float32)
    alpha = np.where(rgba[..., 3] > 0, int(255 * opacity) / 255, 0).astype(np.float32)
    size = int(logo.width * scale), int(logo.height * scale)

    def scaled(plane):
        return np.array(Image.fromarray(plane).resize(size, Image.Resampling.BICUBIC))

    matte = np.clip(scaled(alpha), 0, 1)[..., None]
    premultiplied = np.stack([scaled(rgba[..., i] / 255 * alpha) for i in range(3)], axis=-1)
    colour = np.clip(premultiplied / np.maximum(matte, 1e-6), 0, 1)
    height, width = (side - side % 32 for side in picture.shape[:2])
    clean = picture[:height, :width, ::-1] / 255
    bottom, right = min(128 + size[1], height), min(128 + size[0], width)
    inside = (slice(128, bottom), slice(128, right))
    cut = (slice(0, bottom - 128), slice(0, right - 128))
    marked = clean.copy()
    marked[inside] = compose(clean[inside], colour[cut], matte[cut])
    return marked, clean


@pytest.mark.parametrize("name", ["a", "b"])
def test_doing_nothing_agrees_with_the_equation(pictures: Path, logos: Path, name: str):
    chosen = protocol(name)
    tally = run(
        protocol_cases(chosen, list_pictures(pictures), list_pictures(logos)), {"nothing": nothing}
    )
    for opacity in chosen.opacities:
        expected = []
        for _, picture in list_pictures(pictures):
            for _, logo in list_pictures(logos):
                rgb = np.array(Image.open(picture).convert("RGB"))
                marked, clean = compose_by_equation(rgb, read_logo(logo), opacity, chosen.scale)
                expected.append(-10 * math.log10(np.mean((marked - clean) ** 2)))
        mean = tally.select("nothing", opacity).mean("psnr").value
        assert mean == pytest.approx(np.mean(expected), abs=0.06)


def test_opacities_are_as_far_apart_as_published(pictures: Path, logos: Path):
    """28.93, 24.46, 21.54, 18.49 dB: the error of doing nothing grows with the opacity squared."""
    cases = protocol_cases(PROTOCOLS["a"], list_pictures(pictures), list_pictures(logos))
    tally = run(cases, {"nothing": nothing})
    means = [tally.select("nothing", a).mean("psnr").value for a in PROTOCOLS["a"].opacities]
    assert -np.diff(means) == pytest.approx([4.47, 2.92, 3.05], abs=0.1)


def test_the_logo_lies_where_it_should(pictures: Path, logos: Path):
    for case in protocol_cases(PROTOCOLS["a"], list_pictures(pictures), list_pictures(logos)):
        rows, columns = np.nonzero(case.mask)
        assert rows.min() >= 128
        assert columns.min() >= 128
        assert rows.max() < 128 + 45
        assert columns.max() < 128 + 60
        assert case.clean.shape[0] % 32 == case.clean.shape[1] % 32 == 0
        assert (case.marked != case.clean)[~case.mask].sum() <= case.mask.sum()


def test_the_truth_is_what_was_laid(pictures: Path, logos: Path):
    """Pillow rounds to 8 bits in between, the equation does not."""
    for case in protocol_cases(PROTOCOLS["a"], list_pictures(pictures), list_pictures(logos)):
        laid = compose(case.clean / 255, case.truth.colour, case.truth.matte[..., None])
        assert np.abs(laid * 255 - case.marked).max() < 1.1
        solid = np.median(case.truth.matte[case.truth.matte > 0.9 * case.truth.matte.max()])
        assert case.opacity - 1 / 255 <= solid < 1.15 * case.opacity  # bicubic overshoots


def test_picture_channels_are_bgr_and_logo_channels_rgb(tmp_path: Path):
    Image.new("RGB", (224, 224), (10, 20, 200)).save(tmp_path / "p.png")
    Image.new("RGBA", (30, 30), (250, 60, 70, 255)).save(tmp_path / "l.png")
    (case,) = protocol_cases(
        protocol("a", [1.0]), [("p", tmp_path / "p.png")], [("l", tmp_path / "l.png")]
    )
    assert tuple(case.marked[0, 0]) == (200, 20, 10)
    assert tuple(case.marked[150, 150]) == (250, 60, 70)


def test_opacity_is_forced_before_scaling_and_truncated(tmp_path: Path):
    Image.fromarray(np.zeros((224, 224, 3), np.uint8)).save(tmp_path / "p.png")
    Image.new("RGBA", (30, 30), (255, 255, 255, 9)).save(tmp_path / "l.png")
    (case,) = protocol_cases(
        protocol("b", [0.7]), [("p", tmp_path / "p.png")], [("l", tmp_path / "l.png")]
    )
    assert case.marked[140, 140, 0] == int(255 * 0.7) == 178


def test_noise_is_that_of_the_case_and_the_mask_that_of_the_mark(pictures: Path, logos: Path):
    files = list_pictures(pictures), list_pictures(logos)
    quiet = list(protocol_cases(protocol("b"), *files))
    noisy = list(protocol_cases(protocol("b", noise_sigma=25), *files))
    again = list(protocol_cases(protocol("b", noise_sigma=25), files[0][1:], files[1]))
    assert all(np.array_equal(a.mask, b.mask) for a, b in zip(quiet, noisy, strict=True))
    assert np.array_equal(again[0].marked, noisy[len(noisy) // 3].marked)
    assert psnr(noisy[0].marked, quiet[0].marked) == pytest.approx(20.17, abs=0.3)


def test_wrong_protocols_are_refused(tmp_path: Path, fakes):
    with pytest.raises(UsageError, match="expected a protocol of a, b, marks; got 'c'"):
        protocol("c")
    with pytest.raises(UsageError, match="use protocol b"):
        protocol("a", noise_sigma=15)
    with pytest.raises(UsageError, match="opacities above 0"):
        protocol("a", [1.5])
    Image.fromarray(fakes.photo(0, (100, 200))).save(tmp_path / "p.png")
    with pytest.raises(PictureError, match=r"p\.png: expected more than 128 x 128 .* got 192 x 96"):
        list(protocol_cases(PROTOCOLS["a"], [("p", tmp_path / "p.png")], []))


def test_a_logo_that_is_no_picture_is_named(pictures: Path, tmp_path: Path):
    (tmp_path / "bad.png").write_text("no picture")
    with pytest.raises(PictureError, match=r"bad\.png: expected a logo"):
        list(protocol_cases(PROTOCOLS["a"], [], [("bad", tmp_path / "bad.png")]))
