"""``unveil synthesize`` as it is typed."""

import numpy as np
import pytest
from PIL import Image

from synthetic import photograph


@pytest.fixture
def photographs(folder):
    (folder / "photos").mkdir()
    for seed in range(3):
        Image.fromarray(photograph(100, 120, seed)).save(folder / "photos" / f"{seed}.png")
    logo = np.zeros((30, 40, 4), np.uint8)
    logo[4:26, 4:36] = (200, 30, 30, 255)
    Image.fromarray(logo).save(folder / "logo.png")
    return folder


def _run(unveil, *more):
    return unveil("synthesize", "--pictures", "photos", "--size-px", 64, *more)


def test_marks_and_noise_give_sheets(unveil, photographs):
    answer = _run(unveil, "--marks", "logo.png", "--columns", 2, "-o", "marks.png")
    assert (answer.code, answer.err) == (0, "marks.png: 9 lines of 2 crops\n")
    assert Image.open("marks.png").width == 2 * 64 + 4
    noise = ("--noise", "gaussian,25,25", "--noise", "mark,logo.png,50,50")
    assert _run(unveil, *noise, "-o", "noise.png").code == 0


def test_pairs_go_to_a_folder(unveil, photographs):
    answer = _run(unveil, "--marks", "logo.png", "--pairs", 2, "-o", "clwd")
    assert answer.code == 0
    assert len(list((photographs / "clwd" / "Alpha").iterdir())) == 2
    assert _run(unveil, "--marks", "logo.png", "--pairs", 2, "-o", "clwd").code == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--noise", "gausian,0,5"), "expected a noise model: gaussian,MIN,MAX"),
        (("--noise", "clean", "--pairs", 3), "got both"),
        (("--size-px", 100), "multiples of 32; got 100"),
    ],
)
def test_wrong_use_is_explained(unveil, photographs, arguments, message):
    answer = _run(unveil, *arguments)
    assert answer.code == 2
    assert message in answer.err
