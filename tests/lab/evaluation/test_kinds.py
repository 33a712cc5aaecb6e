import io
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from unveil.blending import compose
from unveil.errors import PictureError, UsageError
from unveil.lab.evaluation import evaluate, report
from unveil.lab.evaluation.kinds import KINDS, choose_kinds, kind_cases
from unveil.lab.evaluation.laying import Task
from unveil.lab.evaluation.pairs import list_pictures
from unveil.lab.evaluation.protocols import Case, true_mask


@pytest.fixture
def case(pictures: Path, logos: Path):
    """The case of a kind on the first picture under one of the logos."""

    def make(kind: str, logo: int = 0) -> Case:
        chosen = list_pictures(logos)[logo : logo + 1]
        return next(kind_cases([kind], list_pictures(pictures)[:1], chosen))

    return make


def stored(rgb: np.ndarray, quality: int) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=quality)
    return np.array(Image.open(file))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "scene-text"])
def test_a_kind_marks_the_picture_and_tells_how(case, kind: str):
    one = case(kind)
    assert one.kind == kind
    assert one.marked.shape == one.clean.shape == (*one.mask.shape, 3)
    assert one.mask.any()
    if not kind.startswith("jpeg"):
        assert np.array_equal(one.mask, true_mask(one.marked, one.clean))
    if one.truth is not None:
        ringing = 0.02 if kind == "resized-75" else 0
        assert (one.truth.matte[one.mask] == 0).mean() <= ringing
        assert 0.2 < one.truth.matte.max() <= 1
    if one.truth is not None and not kind.startswith(("jpeg", "resized")):
        laid = compose(one.clean / 255, one.truth.colour, one.truth.matte[..., None])
        assert np.abs(laid * 255 - one.marked).max() < 0.501
    if one.opacity is not None:
        low, high = (0.7, 1) if kind == "date-stamp" else (0.3, 0.9)
        assert low <= one.opacity <= high


def test_cases_depend_on_names_alone(pictures: Path, logos: Path):
    files = list_pictures(pictures), list_pictures(logos)
    whole = {(c.kind, c.picture, c.logo): c for c in kind_cases(tuple(KINDS), *files)}
    assert len(whole) == len(KINDS) * 3 * 2
    for c in kind_cases(["several", "tiled", "scene-text"], files[0][2:], files[1][1:]):
        same = whole[c.kind, c.picture, c.logo]
        assert np.array_equal(same.marked, c.marked)
        assert same.opacity == c.opacity


def test_blends_are_those_of_the_definition(case):
    """W3C Compositing and Blending Level 1, section 10.1, of colours in [0, 1]."""
    normal = case("plain")
    matte, below = normal.truth.matte[..., None], normal.clean / 255
    white = normal.truth.colour
    blends = {
        "multiply": below * white / 2,
        "screen": 1 - (1 - below) * (1 - (1 + white) / 2),
        "overlay": np.where(below <= 0.5, 2 * below * white, 1 - 2 * (1 - below) * (1 - white)),
    }
    for kind, blended in blends.items():
        one = case(kind)
        expected = matte * blended + (1 - matte) * below
        assert np.abs(one.marked - 255 * expected).max() < 1.01  # colours of 8 bits, halved
        assert one.opacity == normal.opacity
        assert one.truth is None
    assert (case("multiply").marked <= normal.clean).all()
    assert (case("screen").marked >= normal.clean).all()


def test_jpeg_is_stored_and_read_again(case):
    plain = case("plain")
    for quality in (95, 85, 70):
        one = case(f"jpeg-{quality}")
        assert np.array_equal(one.marked, stored(plain.marked, quality))
        assert np.array_equal(one.clean, stored(plain.clean, quality))
        assert np.array_equal(one.mask, plain.mask)


def test_a_resize_takes_reference_mask_and_truth_along(case):
    plain, one = case("plain"), case("resized-75")
    height, width = plain.mask.shape
    assert one.mask.shape == (round(height * 0.75), round(width * 0.75))
    size_wh = one.mask.shape[::-1]
    clean = Image.fromarray(plain.clean).resize(size_wh, Image.Resampling.LANCZOS)
    assert np.array_equal(one.clean, np.array(clean))
    share = np.array(Image.fromarray(plain.mask).convert("L").resize(size_wh, Image.Resampling.BOX))
    assert one.mask[share > 250].mean() > 0.99
    assert one.mask[share == 0].mean() < 0.02
    laid = compose(one.clean / 255, one.truth.colour, one.truth.matte[..., None])
    assert np.abs(laid * 255 - one.marked).mean() < 0.3
    assert np.percentile(np.abs(laid * 255 - one.marked), 99.9) < 8


@pytest.mark.parametrize(("kind", "shortest", "longest"), [("small", 20, 60), ("plain", 60, 260)])
def test_marks_are_of_their_size(case, kind: str, shortest: int, longest: int):
    for logo in (0, 1):
        rows, columns = np.nonzero(case(kind, logo).truth.matte)
        side = max(np.ptp(rows), np.ptp(columns)) + 1
        assert shortest - 1 <= side <= min(longest, 0.9 * 256) + 1


def test_a_large_mark_fits_a_small_picture(case):
    rows, columns = np.nonzero(case("large").truth.matte)
    assert 0.85 * 224 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 0.91 * 256


def test_tiles_and_lines_cover_the_whole_picture(case):
    for kind in ("tiled", "thin-lines"):
        for quarter in np.array_split(case(kind).mask, 2):
            for part in np.array_split(quarter, 2, axis=1):
                assert part.any()


def test_a_mark_partly_off_touches_the_border(case):
    for logo in (0, 1):
        mask = case("partly-off", logo).mask
        assert mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any()


def test_the_opacity_varies_from_end_to_end(case):
    one = case("varying", 0)  # the bar: solid, of alpha 200
    inside = cv2.erode(one.mask.astype(np.uint8), np.ones((7, 7))) > 0
    low, high = np.percentile(one.truth.matte[inside], (2, 98)) * 255 / 200
    assert low == pytest.approx(0.3, abs=0.06)
    assert high == pytest.approx(0.9, abs=0.06)


def test_a_shadow_lies_beside_the_mark_and_is_dark(case):
    one, alone = case("shadowed"), case("plain")
    shadow = (one.truth.matte > 0.02) & (one.truth.colour.max(-1) < 0.1)
    assert shadow.sum() > 0.02 * (one.truth.matte > 0).sum()
    assert not ((alone.truth.matte > 0.02) & (alone.truth.colour.max(-1) < 0.1)).any()


def test_marks_hard_to_see_lie_where_the_picture_is_like_them():
    picture = np.full((120, 300, 3), 128, np.uint8)
    picture[20:80, 200:280] = round(0.8 * 255)
    picture[20:80, 20:100] = round(0.2 * 255)
    logo = Image.new("RGBA", (80, 60), (200, 30, 30, 255))
    for seed in range(3):
        for kind, column, ink in (("white-on-bright", 200, 1), ("dark-on-dark", 20, 0)):
            done = KINDS[kind](Task(np.random.default_rng(seed), picture, logo))
            rows, columns = np.nonzero(done.mask)
            assert np.all(done.truth.colour[done.mask] == ink)
            inside = (rows >= 20) & (rows < 80) & (column <= columns) & (columns < column + 80)
            assert inside.mean() > min(0.95, 80 * 60 / done.mask.sum() - 0.01)


def test_text_of_the_scene_is_no_mark(pictures: Path, logos: Path, fakes):
    files = list_pictures(pictures), list_pictures(logos)
    cases = list(kind_cases(["scene-text"], *files))
    for case, (_, path) in zip(cases[::2], files[0], strict=True):
        photo = np.array(Image.open(path))
        assert np.array_equal(case.marked, case.clean)
        assert not case.mask.any()
        drawn = true_mask(case.clean, photo)
        assert 0.002 < drawn.mean() < 0.5
    tally = evaluate.run(cases, evaluate.choose_methods(["unveil"], fakes.Identity))
    summary = tally.select("unveil", kind="scene-text").summary()
    assert summary["found"] == 0
    assert summary["mask_f1"]["mean"] == 1
    assert summary["matte_error"]["mean"] is None


def test_doing_nothing_gains_nothing_and_knows_no_matte(pictures: Path, logos: Path):
    kinds = ("plain", "multiply", "jpeg-70")
    cases = list(kind_cases(kinds, list_pictures(pictures), list_pictures(logos)))
    tally = evaluate.run(cases, {"nothing": evaluate.nothing})
    for kind in kinds:
        summary = tally.select("nothing", kind=kind).summary()
        squares = [np.mean((c.marked / 255 - c.clean / 255) ** 2) for c in cases if c.kind == kind]
        expected = np.mean([-10 * math.log10(square) for square in squares])
        assert summary["psnr"]["mean"] == pytest.approx(expected)
        assert summary["gain"]["mean"] == summary["mask_f1"]["mean"] == 0
    plain = [c.truth.matte[c.truth.matte > 0.01].mean() for c in cases if c.kind == "plain"]
    summary = tally.select("nothing", kind="plain").summary()
    assert summary["matte_error"]["mean"] == pytest.approx(np.mean(plain))
    assert tally.select("nothing", kind="multiply").summary()["matte_error"]["mean"] is None


def test_the_table_has_a_row_per_kind_in_the_order_of_the_kinds(pictures: Path, logos: Path):
    cases = kind_cases(("tiled", "plain"), list_pictures(pictures)[:1], list_pictures(logos))
    tally = evaluate.run(cases, {"nothing": evaluate.nothing})
    head, *lines = report.table(tally).splitlines()
    assert head.split()[:3] == ["nothing", "cases", "found"]
    assert [line.split()[:3] for line in lines] == [["plain", "2", "0"], ["tiled", "2", "0"]]


def test_kinds_are_chosen_by_name():
    assert choose_kinds(()) == tuple(KINDS)
    assert choose_kinds(["tiled", "plain", "tiled"]) == ("tiled", "plain")
    with pytest.raises(UsageError, match=r"expected kinds of plain, tiled.* got 'sepia'"):
        choose_kinds(["sepia"])


def test_a_logo_that_shows_nothing_is_named(pictures: Path, tmp_path: Path):
    Image.new("RGBA", (30, 30)).save(tmp_path / "blank.png")
    with pytest.raises(PictureError, match=r"blank\.png: expected a logo that shows"):
        next(kind_cases(["plain"], list_pictures(pictures), [("blank", tmp_path / "blank.png")]))
