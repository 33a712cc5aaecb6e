"""``unveil prepare`` as it is typed."""

import numpy as np
from PIL import Image

from synthetic import photograph


def test_a_folder_is_checked_and_shared_out(unveil, folder):
    (folder / "all").mkdir()
    for seed in range(5):
        Image.fromarray(photograph(64, 70, seed)).save(folder / "all" / f"{seed}.png")
    (folder / "all" / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    answer = unveil("prepare", "all", "-o", "ready", "--least-px", 48)
    assert answer.code == 0
    assert "broken: all/bad.png: expected" in answer.err
    assert "6 pictures: 5 good, 1 broken" in answer.err
    assert len(list((folder / "ready").rglob("*.png"))) == 5


def test_without_output_nothing_is_written(unveil, folder):
    Image.fromarray(photograph(64, 70)).save(folder / "one.png")
    assert unveil("prepare", ".", "--least-px", 48).code == 0
    assert [path.name for path in folder.iterdir()] == ["one.png"]


def test_a_folder_without_a_good_picture_fails(unveil, folder):
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(folder / "tiny.png")
    answer = unveil("prepare", ".")
    assert answer.code == 1
    assert "9 x 9 pixels, less than 256" in answer.err
    assert "1 pictures: 0 good, 1 small" in answer.err


def test_a_folder_without_pictures_is_explained(unveil, folder):
    answer = unveil("prepare", ".")
    assert answer.code == 1
    assert "expected a folder with pictures" in answer.err
