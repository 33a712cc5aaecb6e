import json
import os
from pathlib import Path

import numpy as np
import pytest
from cli_fakes import draw
from PIL import Image


def _mask(path: str) -> np.ndarray:
    with Image.open(path) as image:
        assert (image.format, image.mode) == ("PNG", "L")
        return np.asarray(image)


def test_the_mask_is_black_and_white_and_lies_beside_the_input(folder, unveil):
    draw("photo.jpg")
    answer = unveil("locate", "photo.jpg")
    assert answer.code == 0
    assert answer.out == b""
    mask = _mask("photo.mask.png")
    assert mask.shape == (30, 40)
    assert set(np.unique(mask)) == {0, 255}
    assert (mask == 255).sum() == pytest.approx(256, abs=80)


def test_nothing_found_gives_a_black_mask_and_code_3(folder, unveil):
    draw("photo.jpg", marked=False)
    answer = unveil("locate", "photo.jpg")
    assert answer.code == 3
    assert "nothing found" in answer.err
    assert not _mask("photo.mask.png").any()


def test_one_stem_in_two_formats_gives_two_masks(folder, unveil):
    draw("a.jpg")
    draw("a.png")
    assert unveil("locate", "a.jpg", "a.png").code == 0
    assert sorted(os.listdir()) == ["a.jpg", "a.jpg.mask.png", "a.png", "a.png.mask.png"]


def test_a_folder_is_mirrored(folder, unveil):
    draw("in/x/a.jpg")
    assert unveil("locate", "in", "-o", "out").code == 0
    assert Path("out/x/a.mask.png").is_file()


def test_pipe_json_and_options(folder, unveil, fake_remover):
    data = draw("a.png")
    answer = unveil("locate", "-", "--threshold", "0.3", "--dilate", "2", stdin=data)
    assert answer.code == 0
    assert answer.out.startswith(b"\x89PNG")
    assert fake_remover.calls[-1] == {"threshold": 0.3, "dilate_px": 2}
    answer = unveil("locate", "a.png", "--json", "-o", "m.png")
    record = json.loads(answer.out)
    assert record["output"] == "m.png"
    assert record["report"]["found"] is True


def test_an_input_is_never_replaced_by_its_mask(folder, unveil):
    before = draw("a.png")
    answer = unveil("locate", "a.png", "-o", "a.png", "--overwrite")
    assert answer.code == 1
    assert Path("a.png").read_bytes() == before


def test_a_mask_is_a_png(folder, unveil):
    draw("a.png")
    answer = unveil("locate", "a.png", "-o", "mask.jpg")
    assert answer.code == 2
    assert "expected a name in .png" in answer.err
