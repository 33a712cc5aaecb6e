"""Which cases benchmarks/worst.py shows, and what of them."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from unveil.lab.evaluation.evaluate import Outcome
from unveil.lab.evaluation.metrics import MaskCounts
from unveil.lab.evaluation.protocols import protocol, protocol_cases
from unveil.lab.evaluation.tally import Row


@pytest.fixture
def script(load_script):
    return load_script("worst")


def _row(picture, opacity, hit, false, missed, gain):
    return Row(
        method="unveil", kind="", picture=picture, logo="l.png", opacity=opacity, psnr=30.0,
        gain=gain, ssim=0.9, psnr_masked=20.0, mask=MaskCounts(hit, false, missed),
        change_outside=0.0, matte_error=0.1, rim_error=0.1, colour_error=1.0, found=True,
        seconds=0.1,
    )  # fmt: skip


ROWS = [
    _row("a", 0.3, hit=50, false=10, missed=50, gain=2.0),
    _row("a", 0.7, hit=10, false=0, missed=90, gain=1.0),
    _row("b", 0.3, hit=100, false=500, missed=0, gain=-3.0),
    _row("c", 1.0, hit=0, false=0, missed=100, gain=0.0),
]


@pytest.mark.parametrize(("by", "order"), [("missed", "cab"), ("false", "bac"), ("harm", "bca")])
def test_each_way_of_being_bad_has_its_order_and_each_logo_on_a_picture_its_worst_case(
    script, by, order
):
    chosen = script.worst(ROWS, by, 3)
    assert [row.picture for row in chosen] == list(order)
    assert script.worst(ROWS, by, 1) == chosen[:1]
    shown = next(row for row in chosen if row.picture == "a")
    assert shown.opacity == (0.3 if by == "false" else 0.7)


def test_a_case_made_anew_is_that_of_the_exam(script, tmp_path):
    for name, size, mode in (("p", (256, 224), "RGB"), ("l", (40, 30), "RGBA")):
        (tmp_path / name).mkdir()
        noise = np.random.default_rng(len(mode)).integers(0, 256, (size[1], size[0], len(mode)))
        Image.fromarray(noise.astype(np.uint8)).save(tmp_path / name / "1.png")
    pictures, logos = tmp_path / "p", tmp_path / "l"
    row = replace(ROWS[0], picture="1.png", logo="1.png")
    case = script.case_of(row, {"protocol": "a"}, pictures, logos)
    files = [("1.png", pictures / "1.png")], [("1.png", logos / "1.png")]
    (expected,) = protocol_cases(protocol("a", [0.3]), *files)
    assert np.array_equal(case.marked, expected.marked)
    shown = script.panels(case, Outcome(case.marked, ~case.mask, True))
    assert [plane.shape[:2] for plane in shown] == [script.PANEL_HW] * 5


def test_what_is_shown_has_the_mark_in_its_middle_and_the_shape_of_a_panel(script):
    mask = np.zeros((900, 1200), np.bool_)
    mask[400:440, 700:860] = True
    left, top, right, bottom = script.surroundings(mask)
    assert (left + right) / 2 == pytest.approx(779.5, abs=1)
    assert (top + bottom) / 2 == pytest.approx(419.5, abs=1)
    assert right - left == pytest.approx(160 + 2 * script.MARGIN_PX, abs=1)
    height, width = script.PANEL_HW
    assert (right - left) / (bottom - top) == pytest.approx(width / height, rel=0.01)
