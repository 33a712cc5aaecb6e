"""Folders of pictures as textures."""

import numpy as np
import pytest
from PIL import Image

from unveil.errors import PictureError
from unveil.lab.synthesis import pictures
from unveil.lab.synthesis.pictures import find_pictures, load_pictures, read_marks


@pytest.fixture
def folder(tmp_path):
    for name, size_wh in {"a": (80, 40), "b": (60, 60), "c": (20, 90)}.items():
        Image.new("RGB", size_wh, (10, 20, 30)).save(tmp_path / f"{name}.png")
    return tmp_path


def test_small_and_broken_pictures_are_passed_over_and_counted(folder, caplog):
    (folder / "d.jpg").write_bytes(b"no picture")
    assert len(load_pictures(find_pictures(folder), 30)) == 2
    assert "passed over 1 of 4 files; the first: " in caplog.text
    assert "passed over 1 of 4 files: under 30 px" in caplog.text
    with pytest.raises(PictureError, match="of 4, 3 are smaller and 1 cannot be read"):
        load_pictures(find_pictures(folder), 200)


def test_pictures_that_would_not_fit_are_reduced_but_not_under_what_a_crop_needs(
    folder, caplog, monkeypatch
):
    whole = load_pictures(find_pictures(folder), 20).sizes_hw.tolist()
    assert whole == [[40, 80], [60, 60], [90, 20]]
    monkeypatch.setattr(pictures, "BUDGET_BYTES", (80 * 40 + 60 * 60 + 20 * 90) * 4 // 4)
    halved = load_pictures(find_pictures(folder), 20).sizes_hw.tolist()
    assert halved == [[20, 40], [30, 30], [90, 20]]
    assert "3 pictures are reduced to 50 % of their sides" in caplog.text


def test_marks_need_transparency(tmp_path):
    Image.new("RGB", (30, 30), (200, 0, 0)).save(tmp_path / "opaque.png")
    with pytest.raises(PictureError, match="expected a mark with transparency"):
        read_marks(tmp_path / "opaque.png")
    with pytest.raises(PictureError, match=r"expected marks with transparency.*found none"):
        read_marks(tmp_path)
    alpha = np.zeros((30, 30, 4), np.uint8)
    alpha[5:25, 5:25] = 255
    Image.fromarray(alpha).save(tmp_path / "mark.png")
    assert [mark.shape[2] for mark in read_marks(tmp_path)] == [4]
