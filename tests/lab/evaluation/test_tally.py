import math

import numpy as np
import pytest

from unveil.errors import UsageError
from unveil.lab.evaluation.metrics import MaskCounts
from unveil.lab.evaluation.tally import PSNR_CEILING_DB, Row, Tally, bootstrap


def row(picture: str = "p", logo: str = "l", psnr: float = 30.0, **changes) -> Row:
    values = {
        "method": "unveil",
        "kind": "",
        "picture": picture,
        "logo": logo,
        "opacity": 0.5,
        "psnr": psnr,
        "gain": 5.0,
        "ssim": 0.9,
        "psnr_masked": psnr - 10,
        "mask": MaskCounts(3, 1, 2),
        "change_outside": 0.0,
        "matte_error": 0.02,
        "rim_error": 0.05,
        "colour_error": math.nan,
        "found": True,
        "seconds": 0.1,
    }
    return Row(**{**values, **changes})


@pytest.fixture
def rows() -> list[Row]:
    rng = np.random.default_rng(0)
    return [
        row(f"p{i}", f"l{j}", float(rng.normal(30, 3)), ssim=float(rng.uniform()))
        for i in range(7)
        for j in range(5)
    ]


def test_shards_merge_exactly(rows):
    whole = Tally(rows).summary()
    shuffled = [rows[i] for i in np.random.default_rng(3).permutation(len(rows))]
    shards = Tally(shuffled[:4]) + (Tally(shuffled[4:20]) + Tally(shuffled[20:]))
    assert shards.summary() == whole
    assert list(shards) == list(Tally(rows))


def test_shards_merge_exactly_through_json(rows):
    rows.append(row("q", psnr=math.inf, psnr_masked=math.nan))
    back = Tally(Row.from_json(one.to_json()) for one in rows)
    assert back.summary() == Tally(rows).summary()


def test_a_case_cannot_count_twice(rows):
    with pytest.raises(UsageError, match="shards that do not overlap"):
        Tally(rows) + Tally(rows[:1])


def test_means_by_hand():
    tally = Tally([row("a", psnr=20.0), row("b", psnr=30.0), row("b", "m", psnr=40.0)])
    assert tally.mean("psnr").value == 30
    summary = tally.summary()
    assert summary["cases"] == 3
    assert summary["mask_f1"]["mean"] == pytest.approx(6 / 9)
    assert summary["mask_f1_pooled"] == pytest.approx(6 / 9)


def test_a_perfect_case_enters_at_the_ceiling_and_an_undefined_one_not():
    tally = Tally([row("a", psnr=20.0), row("b", psnr=math.inf, psnr_masked=math.nan)])
    assert tally.mean("psnr").value == (20 + PSNR_CEILING_DB) / 2
    assert tally.mean("psnr_masked").value == 10


def test_a_kind_is_one_group_whatever_its_opacities(rows):
    kinds = [row("p", f"l{i}", kind="tiled", opacity=0.3 + i / 10) for i in range(4)]
    tally = Tally([*rows, *kinds])
    assert tally.groups() == [("unveil", "", 0.5), ("unveil", "tiled", None)]
    assert len(tally.select("unveil", kind="tiled")) == 4
    assert len(tally.select("unveil", 0.5)) == len(rows)
    tally.add(row("p", "l0", opacity=0.3))
    with pytest.raises(UsageError, match=r"'tiled', 0\.3"):
        tally.add(kinds[0])


def test_the_largest_change_is_the_largest_of_all():
    tally = Tally([row("a"), row("b", change_outside=3.0), row("c", change_outside=1.0)])
    assert tally.summary()["change_outside"] == 3


def test_one_picture_has_no_interval():
    mean = Tally([row("a", "l"), row("a", "m")]).mean("psnr").to_json()
    assert mean == {"mean": 30.0, "low": None, "high": None}


def test_the_interval_covers_the_mean_about_95_times_in_100():
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(200):
        low, high = bootstrap(rng.normal(0, 1, 40), np.ones(40))
        covered += low <= 0 <= high
    assert 180 <= covered <= 199


def test_cases_of_one_picture_do_not_narrow_the_interval():
    few = Tally(row(f"p{i}", psnr=20.0 + i) for i in range(8)).mean("psnr")
    many = Tally(row(f"p{i}", f"l{j}", 20.0 + i) for i in range(8) for j in range(9)).mean("psnr")
    assert (many.low, many.high) == pytest.approx((few.low, few.high))
