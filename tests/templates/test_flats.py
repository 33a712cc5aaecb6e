"""The file of a template, and templates solved from flats."""

import json

import cv2
import numpy as np
import pytest
from PIL import Image

from unveil.blending import BLEND_MODES, compose, to_linear, to_srgb
from unveil.errors import OutputError, TemplateError, UsageError
from unveil.templates.template import Place, Template


def mark(opacity=0.6, size=(40, 60), colours=((1.0, 1.0, 1.0), (0.8, 0.1, 0.0))):
    """A disc of the first colour beside a bar of the second, with soft rims; matte and colour."""
    height, width = size
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    disc = np.clip(14.5 - np.hypot(rows - height / 2, columns - 17), 0, 1)
    bar = np.clip(np.minimum(columns - 36.5, width - 4.3 - columns), 0, 1)
    bar *= np.clip(np.minimum(rows - 8.5, height - 8.2 - rows), 0, 1)
    colour = np.where((columns < 34)[..., None], colours[0], colours[1]).astype(np.float32)
    matte = opacity * np.maximum(disc, bar)
    return matte, colour * (matte > 0)[..., None]


def flat(level, matte, colour, mode="normal", light="srgb", at=(9, 13), size=(80, 100)):
    ground = np.broadcast_to(np.float32(level) / 255, (*size, 3)).copy()
    area = np.s_[at[0] : at[0] + matte.shape[0], at[1] : at[1] + matte.shape[1]]
    if light == "linear":
        ground[area] = to_srgb(compose(to_linear(ground[area]), colour, matte[..., None], mode))
    else:
        ground[area] = compose(ground[area], colour, matte[..., None], mode)
    return np.rint(ground * 255).astype(np.uint8)


def inside(template, matte, at=(9, 13)):
    """The template's matte on the grid of the mark it was made from."""
    canvas = np.zeros((80, 100), np.float32)
    height, width = template.matte.shape
    canvas[template.place.y :, template.place.x :][:height, :width] = template.matte
    return canvas[at[0] : at[0] + matte.shape[0], at[1] : at[1] + matte.shape[1]]


def test_two_flats_give_the_matte_exactly():
    matte, colour = mark()
    template = Template.from_flats([flat(0, matte, colour), flat(255, matte, colour)])
    assert (template.blend, template.light) == ("normal", "srgb")
    assert np.abs(inside(template, matte) - matte).max() < 2 / 255
    assert np.abs(inside(template, matte) - matte).mean() < 0.5 / 255
    assert (template.place.width, template.place.height) == (100, 80)


@pytest.mark.parametrize("mode", BLEND_MODES)
@pytest.mark.parametrize("light", ["srgb", "linear"])
def test_three_flats_tell_the_blend_mode_and_the_light(mode, light):
    matte, colour = mark(colours=((0.9, 0.6, 0.2), (0.1, 0.3, 0.7)))
    flats = [flat(level, matte, colour, mode, light) for level in (30, 110, 210)]
    template = Template.from_flats(flats)
    assert (template.blend, template.light) == (mode, light)


def test_a_light_that_two_flats_leave_open_is_said():
    matte, colour = mark(colours=((1.0, 1.0, 1.0),) * 2)
    flats = [flat(level, matte, colour, light="linear") for level in (0, 128, 255)]
    assert "add a flat of middle grey" in Template.from_flats([flats[0], flats[2]]).source
    template = Template.from_flats(flats)
    assert template.light == "linear"
    assert "middle grey" not in template.source
    plain = [flat(level, matte, colour) for level in (0, 128, 255)]
    assert "middle grey" not in Template.from_flats(plain).source


def test_one_grey_flat_gives_the_opacity_of_a_white_mark():
    matte, colour = mark(opacity=0.4, colours=((1.0, 1.0, 1.0),) * 2)
    template = Template.from_flats([flat(128, matte, colour)])
    assert template.matte.max() == pytest.approx(0.4, abs=0.02)
    assert "one flat" in template.source


def test_one_flat_with_two_colours_takes_one_opacity_for_both():
    matte, colour = mark(opacity=0.5, colours=((1.0, 1.0, 1.0), (0.3, 0.5, 0.6)))
    template = Template.from_flats([flat(128, matte, colour)])
    found = inside(template, matte)
    assert found[20, 17] == pytest.approx(0.5, abs=0.02)
    assert found[20, 45] == pytest.approx(0.5, abs=0.02)


def test_one_flat_and_the_colour_give_the_opacity_of_any_mark():
    matte, colour = mark(opacity=0.7, colours=((0.5, 0.8, 0.4),) * 2)
    template = Template.from_flats([flat(60, matte, colour)], colour=(0.5, 0.8, 0.4))
    assert np.abs(inside(template, matte) - matte).max() < 0.02


def test_compressed_flats_are_averaged_and_leave_no_specks(tmp_path):
    matte, colour = mark()
    for number, level in enumerate((60, 60, 60, 200, 200)):
        picture = Image.fromarray(flat(level, matte, colour))
        picture.save(tmp_path / f"{number}.jpg", quality=85 + number, subsampling=0)
    template = Template.from_flats(sorted(tmp_path.glob("*.jpg")))
    assert np.abs(inside(template, matte) - matte).mean() < 0.02
    height, width = template.matte.shape
    assert height < 60
    assert width < 80


def test_one_compressed_flat_keeps_the_opacity(tmp_path):
    matte, colour = mark(opacity=0.5, colours=((1.0, 1.0, 1.0), (0.9, 0.1, 0.0)))
    Image.fromarray(flat(128, matte, colour)).save(tmp_path / "grey.jpg", quality=85)
    template = Template.from_flats([tmp_path / "grey.jpg"])
    assert template.matte.max() == pytest.approx(0.5, abs=0.03)  # soft chroma overshoots
    assert np.abs(inside(template, matte) - matte).mean() < 0.02


def test_flats_that_do_not_fit_are_refused():
    matte, colour = mark()
    black = flat(0, matte, colour)
    with pytest.raises(TemplateError, match="make all flats of one size"):
        Template.from_flats([black, black[:-1]])
    with pytest.raises(TemplateError, match="nothing differs"):
        Template.from_flats([np.full((20, 20, 3), 90, np.uint8)])
    with pytest.raises(UsageError, match="leave it out"):
        Template.from_flats([black, flat(255, matte, colour)], colour=(1, 1, 1))
    with pytest.raises(UsageError, match="at least one flat"):
        Template.from_flats([])


def test_a_template_survives_its_file(tmp_path):
    matte, colour = mark()
    saved = Template(matte, colour, "screen", "linear", Place(3, 4, 100, 80), "a test", 0.001)
    path = tmp_path / "mark.template.png"
    saved.save(path)
    read = Template.from_file(path)
    assert np.abs(read.matte - matte).max() < 1e-4
    assert np.abs(read.colour - colour).max() < 1e-4
    assert (read.blend, read.light, read.place) == ("screen", "linear", Place(3, 4, 100, 80))
    assert (read.source, read.error) == ("a test", 0.001)
    assert Image.open(path).mode == "RGBA"  # any editor reads it
    with pytest.raises(OutputError):
        saved.save(path)


def test_any_logo_with_transparency_is_a_template(tmp_path):
    matte, colour = mark()
    rgba = np.rint(np.dstack([colour, matte]) * 255).astype(np.uint8)
    Image.fromarray(rgba).save(tmp_path / "logo.png")
    read = Template.from_file(tmp_path / "logo.png")
    assert np.abs(read.matte - matte).max() <= 0.51 / 255
    assert read.place is None


@pytest.mark.parametrize(
    ("rgba", "message"),
    [
        (np.full((9, 9, 4), 255, np.uint8), "every pixel is opaque"),
        (np.zeros((9, 9, 4), np.uint8), "every pixel is transparent"),
        (np.full((9, 9, 3), 255, np.uint8), "no transparency"),
    ],
)
def test_what_is_no_mark_is_refused(tmp_path, rgba, message):
    cv2.imwrite(str(tmp_path / "logo.png"), rgba)
    with pytest.raises(TemplateError, match=message):
        Template.from_file(tmp_path / "logo.png")


@pytest.mark.parametrize("text", ["[]", "{", '{"blend": "dodge"}', '{"colour": 3}'])
def test_a_json_that_is_none_of_a_template_is_refused(tmp_path, text):
    matte, colour = mark()
    Template(matte, colour).save(tmp_path / "mark.png")
    json_path = tmp_path / "mark.json"
    assert json.loads(json_path.read_text())["blend"] == "normal"
    json_path.write_text(text)
    with pytest.raises(TemplateError, match="expected"):
        Template.from_file(tmp_path / "mark.png")
