"""unveil template, and unveil remove --template, from the command line."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def stamped(level, name, at=(20, 30)):
    """A flat with a half-white square and a soft rim on it."""
    picture = np.full((90, 120, 3), level, np.float64)
    picture[at[0] : at[0] + 24, at[1] : at[1] + 40] *= 0.5
    picture[at[0] : at[0] + 24, at[1] : at[1] + 40] += 127.5
    Image.fromarray(np.rint(picture).astype(np.uint8)).save(name)


def test_a_template_is_made_from_flats_and_said(folder, unveil):
    stamped(0, "black.png")
    stamped(200, "light.png")
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
    stamped(0, "black.png")
    stamped(200, "light.png")
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
    stamped(120, "grey.png")
    answer = unveil(*arguments)
    assert answer.code == code
    assert message in answer.err
    assert len(answer.err.splitlines()) == 1
    assert sorted(path.name for path in Path().iterdir()) == ["grey.png"]
