"""unveil template, and unveil remove --template, from the command line."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from synthetic import lettering, photograph, stamped


def flat(level, name, at=(20, 30)):
    """A flat with a half-white square and a soft rim on it."""
    picture = np.full((90, 120, 3), level, np.float64)
    picture[at[0] : at[0] + 24, at[1] : at[1] + 40] *= 0.5
    picture[at[0] : at[0] + 24, at[1] : at[1] + 40] += 127.5
    Image.fromarray(np.rint(picture).astype(np.uint8)).save(name)


def test_a_template_is_made_from_flats_and_said(folder, unveil):
    flat(0, "black.png")
    flat(200, "light.png")
    answer = unveil("template", "from-flats", "black.png", "light.png", "-o", "m.template.png")
    assert answer.code == 0
    assert answer.err.startswith("m.template.png: 40 x 24 pixels, opacity up to 0.50")
    place = json.loads(Path("m.template.json").read_text())["place"]
    assert place == {"x": 30, "y": 20, "width": 120, "height": 90}
    again = unveil("template", "from-flats", "black.png", "light.png", "-o", "m.template.png")
    assert again.code == 1
    assert "exists" in again.err


def test_a_template_is_passed_over_in_folders_and_handed_to_the_remover(
    folder, unveil, fake_remover
):
    flat(0, "black.png")
    flat(200, "light.png")
    assert unveil("template", "from-flats", ".", "-o", "m.template.png").code == 0
    unveil("remove", ".", "--template", "m.template.png", "-o", "out")
    assert [Path(call["name"]).name for call in fake_remover.calls] == ["black.png", "light.png"]
    assert fake_remover.calls[0]["template"].matte.shape == (24, 40)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["template", "from-flats", "grey.png", "-o", "m.jpg"], 1, "ends in .png"),
        (["template", "from-flats", "no.png", "-o", "m.png"], 1, "no.png: expected a picture"),
        (["template", "from-flats", "grey.png", "--colour", "1,2", "-o", "m.png"], 2, "3 whole"),
        (["template", "from-flats", "grey.png", "--colour", "1,2,999", "-o", "m.png"], 2, "0 to"),
        (["remove", "grey.png", "--template", "grey.png"], 1, "grey.png: expected a mark"),
        (["remove", "grey.png", "--template", "no.png"], 1, "no.png: expected"),
        (["remove", "grey.png", "--template", "a.png", "--mask", "grey.png"], 2, "leave one out"),
    ],
)
def test_wrong_use_is_one_line(folder, unveil, arguments, code, message):
    flat(120, "grey.png")
    answer = unveil(*arguments)
    assert answer.code == code
    assert message in answer.err
    assert len(answer.err.splitlines()) == 1
    assert sorted(path.name for path in Path().iterdir()) == ["grey.png"]


def test_flats_of_different_sizes_are_refused(folder, unveil):
    flat(0, "black.png")
    Image.new("RGB", (60, 60), "white").save("white.png")
    answer = unveil("template", "from-flats", "black.png", "white.png", "-o", "m.png")
    assert answer.code == 1
    assert "make all flats of one size" in answer.err


def test_one_picture_is_no_collection(folder, unveil):
    flat(120, "grey.png")
    answer = unveil("template", "from-pictures", ".", "-o", "m.png")
    assert answer.code == 1
    assert "expected at least 8 pictures that share a mark; got 1" in answer.err


def test_a_template_is_made_from_pictures_that_share_a_mark(folder, unveil):
    Path("in").mkdir()
    matte = np.zeros((120, 170, 1), np.float32)
    matte[42:86, 60:140] = 0.5 * lettering(44, 80)
    for number in range(12):
        picture = photograph(120, 170, seed=number)
        if number != 4:
            picture = stamped(picture, matte, (1.0, 1.0, 1.0))
        Image.fromarray(picture).save(f"in/{number:02}.png")
    Path("in/broken.png").write_bytes(b"no picture")
    answer = unveil("template", "from-pictures", "in", "-o", "m.template.png")
    assert answer.code == 0, answer.err
    assert "11 of 13 pictures" in answer.err
    assert "04.png" in answer.err
    assert "broken.png" in answer.err
    place = json.loads(Path("m.template.json").read_text())["place"]
    assert (place["width"], place["height"]) == (170, 120)
    found = np.zeros((120, 170))
    stored = np.asarray(Image.open("m.template.png").convert("RGBA"))[..., 3] / 255
    found[place["y"] :, place["x"] :][: stored.shape[0], : stored.shape[1]] = stored
    under = matte[..., 0] > 0
    assert np.abs(found - matte[..., 0])[under].mean() < 0.03
    assert found[~under].mean() < 0.02
