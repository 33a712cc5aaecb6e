from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from unveil.errors import MaskError, PictureError, UsageError
from unveil.lab.evaluation.pairs import list_pictures, pair_cases, pairs
from unveil.lab.synthesis.clwd import write_pairs
from unveil.lab.synthesis.textures import SPRITE_LEVELS, Textures


def save(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


def test_pairs_match_by_relative_name_whatever_the_suffix(tmp_path: Path, fakes):
    clean = fakes.photo(0)
    marked = clean.copy()
    marked[10:20, 10:30] //= 2
    save(tmp_path / "marked" / "deep" / "a.jpg", marked)
    save(tmp_path / "clean" / "deep" / "a.png", clean)
    save(tmp_path / "marked" / "b.png", marked)
    save(tmp_path / "clean" / "b.png", clean)
    listed = pairs(tmp_path)
    assert [pair.name for pair in listed] == ["b.png", "deep/a.jpg"]
    case = next(pair_cases(listed))
    assert np.array_equal(case.marked, marked)
    assert np.array_equal(case.clean, clean)
    assert case.mask[10:20, 10:30].all()
    assert case.mask.sum() == 200
    assert (case.logo, case.opacity) == ("", None)


def test_names_that_differ_by_suffix_alone_find_their_own_partner(tmp_path: Path, fakes):
    for name in ("a.png", "a.bmp"):
        save(tmp_path / "marked" / name, fakes.photo(0))
        save(tmp_path / "clean" / name, fakes.photo(0))
    assert [(pair.marked.name, pair.clean.name) for pair in pairs(tmp_path)] == [
        ("a.bmp", "a.bmp"),
        ("a.png", "a.png"),
    ]


def test_a_given_mask_is_used(tmp_path: Path, fakes):
    mask = np.zeros((224, 256), np.uint8)
    mask[3:5] = 255
    save(tmp_path / "marked" / "a.png", fakes.photo(0))
    save(tmp_path / "clean" / "a.png", fakes.photo(0))
    save(tmp_path / "mask" / "a.png", mask)
    (case,) = pair_cases(pairs(tmp_path))
    assert np.array_equal(case.mask, mask > 0)


def test_pairs_that_synthesis_wrote_are_read(tmp_path: Path, fakes):
    pictures = Textures([fakes.photo(0)])
    marks = Textures([np.full((60, 80, 4), 255, np.uint8)], SPRITE_LEVELS)
    write_pairs(pictures, marks, 2, tmp_path / "clwd", size_px=96)
    listed = pairs(tmp_path / "clwd")
    assert [pair.name for pair in listed] == ["1.jpg", "2.jpg"]
    for case in pair_cases(listed):
        differs = np.abs(case.marked.astype(int) - case.clean).max(-1) > 40
        assert case.mask[differs].mean() > 0.95


def test_files_without_a_partner_are_named(tmp_path: Path, fakes):
    for side, name in (("marked", "a.png"), ("marked", "b.png"), ("clean", "b.png")):
        save(tmp_path / side / name, fakes.photo(0))
    with pytest.raises(UsageError, match=r"without a partner: marked/a\.png; add the missing"):
        pairs(tmp_path)
    save(tmp_path / "clean" / "a.png", fakes.photo(0))
    save(tmp_path / "clean" / "c.png", fakes.photo(0))
    with pytest.raises(UsageError, match=r"without a partner: clean/c\.png"):
        pairs(tmp_path)
    for name in "defg":
        save(tmp_path / "clean" / f"{name}.png", fakes.photo(0))
    with pytest.raises(UsageError, match="and 2 more"):
        pairs(tmp_path)


def test_two_partners_are_refused(tmp_path: Path, fakes):
    save(tmp_path / "marked" / "a.jpg", fakes.photo(0))
    save(tmp_path / "clean" / "a.png", fakes.photo(0))
    save(tmp_path / "clean" / "a.bmp", fakes.photo(0))
    with pytest.raises(UsageError, match=r"one partner of marked/a\.jpg .* keep one"):
        pairs(tmp_path)


def test_a_mask_that_is_missing_is_named(tmp_path: Path, fakes):
    for side, name in (("marked", "a"), ("marked", "b"), ("clean", "a"), ("clean", "b")):
        save(tmp_path / side / f"{name}.png", fakes.photo(0))
    save(tmp_path / "mask" / "a.png", np.zeros((224, 256), np.uint8))
    with pytest.raises(UsageError, match=r"marked/b\.png"):
        pairs(tmp_path)


def test_sizes_must_agree(tmp_path: Path, fakes):
    save(tmp_path / "marked" / "a.png", fakes.photo(0)[:100])
    save(tmp_path / "clean" / "a.png", fakes.photo(0))
    with pytest.raises(PictureError, match=r"a\.png: expected 256 x 224 .* got 256 x 100"):
        list(pair_cases(pairs(tmp_path)))
    save(tmp_path / "marked" / "a.png", fakes.photo(0))
    save(tmp_path / "mask" / "a.png", np.zeros((9, 9), np.uint8))
    with pytest.raises(MaskError, match=r"expected a mask of 256 x 224 .* got 9 x 9"):
        list(pair_cases(pairs(tmp_path)))
    (tmp_path / "mask" / "a.png").write_bytes(b"no picture")
    with pytest.raises(PictureError, match=r"mask.a\.png"):
        list(pair_cases(pairs(tmp_path)))


def test_folders_without_pictures_are_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="marked: expected a folder"):
        pairs(tmp_path)
    (tmp_path / "marked").mkdir()
    (tmp_path / "marked" / ".hidden.png").write_bytes(b"")
    (tmp_path / "marked" / "notes.txt").write_text("none")
    with pytest.raises(UsageError, match=r"marked: expected pictures \(.avif, .bmp"):
        pairs(tmp_path)


def test_listing_is_flat_unless_asked(tmp_path: Path, fakes):
    save(tmp_path / "a.png", fakes.photo(0))
    save(tmp_path / "deep" / "b.png", fakes.photo(0))
    assert [name for name, _ in list_pictures(tmp_path)] == ["a.png"]
    assert [name for name, _ in list_pictures(tmp_path, recursive=True)] == ["a.png", "deep/b.png"]
