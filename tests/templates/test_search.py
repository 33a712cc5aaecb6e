"""Finding a known mark: where it was put, how large, how strong; and nothing where it is not."""

import io
import math
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from synthetic import lettering, photograph
from unveil.blending import BLEND_MODES, compose, to_linear, to_srgb
from unveil.errors import TemplateError, UsageError
from unveil.pipeline import Remover
from unveil.templates.registration import Brush, Pose, fit
from unveil.templates.template import Template


def logo(size=96):
    """A ring with three spokes, white and red, soft edges."""
    rows, columns = np.mgrid[:size, :size].astype(np.float32) - (size - 1) / 2
    radius, angle = np.hypot(rows, columns), np.arctan2(rows, columns)
    ring = np.clip(5.5 - np.abs(radius - 0.38 * size), 0, 1)
    spoke = np.clip(4.5 - np.abs(radius * np.sin(1.5 * angle)), 0, 1) * (radius < 0.38 * size)
    matte = np.maximum(ring, spoke).astype(np.float32)
    colour = np.where((spoke > ring)[..., None], np.float32([0.8, 0.1, 0.1]), np.float32(1))
    return Template(matte, colour * (matte > 0)[..., None])


def put_on(picture, template, pose, strength):
    """The picture with the mark in the pose, rounded to 8 bits."""
    drawing = Brush(template, pose.scale).draw(pose, picture.shape[:2])
    below = picture[drawing.area] / 255
    matte = strength * drawing.matte[..., None]
    if template.light == "linear":
        mixed = to_srgb(compose(to_linear(below), drawing.colour(), matte, template.blend))
    else:
        mixed = compose(below, drawing.colour(), matte, template.blend)
    marked = picture.copy()
    marked[drawing.area] = np.rint(mixed * 255)
    return marked


def psnr(a, b):
    return 10 * math.log10(255**2 / max(np.mean((a.astype(float) - b) ** 2), 1e-9))


@pytest.fixture(scope="module")
def remover():
    return Remover()


POSES = [
    (Pose(100.5, 90.5), 0.5),
    (Pose(140.3, 77.8, 0.8), 0.3),
    (Pose(130.6, 120.2, 1.45, 0.03), 0.7),
    (Pose(150.2, 120.7, 1.1, -0.05), 0.35),
]


@pytest.mark.parametrize(("pose", "strength"), POSES)
def test_a_mark_is_found_where_it_was_put_and_comes_off(pose, strength, remover):
    clean = photograph(240, 280, 1)
    marked = put_on(clean, logo(), pose, strength)
    result = remover.remove(marked, template=logo())
    (mark,) = result.report.marks
    assert mark["scale"] == pytest.approx(pose.scale, rel=0.01)
    assert mark["angle_degrees"] == pytest.approx(math.degrees(pose.angle), abs=0.3)
    assert mark["strength"] == pytest.approx(strength, abs=0.03)
    assert psnr(result.rgb, clean) > 45
    assert np.array_equal(result.rgb[~result.mask], marked[~result.mask])


def test_where_the_mark_is_not_nothing_changes(remover):
    for seed in range(3):
        clean = photograph(240, 280, seed)
        result = remover.remove(clean, template=logo())
        assert not result.found
        assert np.array_equal(result.rgb, clean)


def test_a_mirrored_mark_is_another_mark(remover):
    matte = lettering(90, 140)[..., 0]
    template = Template(matte, np.ones((90, 140, 3), np.float32) * (matte > 0)[..., None])
    mirrored = replace(template, matte=matte[:, ::-1], colour=template.colour[:, ::-1])
    marked = put_on(photograph(200, 260, 1), mirrored, Pose(120.5, 100.5), 0.5)
    assert not remover.remove(marked, template=template).found
    assert remover.remove(marked, template=mirrored).found


@pytest.mark.parametrize("mode", BLEND_MODES[1:])
def test_other_blend_modes_are_inverted(mode, remover):
    template = Template(logo().matte, 0.5 * logo().colour + 0.1, mode)
    clean = photograph(240, 280, 2)
    marked = put_on(clean, template, Pose(110.5, 100.5), 0.8)
    result = remover.remove(marked, template=template)
    assert psnr(result.rgb, clean) > max(45, psnr(marked, clean) + 10)


def test_linear_light_is_inverted(remover):
    template = Template(logo().matte, logo().colour, light="linear")
    clean = photograph(240, 280, 2)
    marked = put_on(clean, template, Pose(110.5, 100.5), 0.5)
    assert psnr(remover.remove(marked, template=template).rgb, clean) > 45


def test_every_instance_is_found(remover):
    clean = photograph(300, 420, 3)
    marked = clean
    for x in (70.5, 200.5, 340.5):
        marked = put_on(marked, logo(), Pose(x, 150.5), 0.5)
    result = remover.remove(marked, template=logo())
    assert len(result.report.marks) == 3
    assert psnr(result.rgb, clean) > 45


@pytest.mark.heavy
def test_every_tile_is_found(remover):
    clean = photograph(240, 330, 6)
    marked = clean
    for y in (40.0, 120.0, 200.0):
        for x in (15.0, 125.0, 235.0):
            marked = put_on(marked, logo(64), Pose(x + 0.4 * y, y), 0.4)
    result = remover.remove(marked, template=logo(64))
    assert len(result.report.marks) == 9
    assert psnr(result.rgb, clean) > 42


def test_in_a_jpeg_little_more_is_lost_than_to_compression(remover):
    def stored(pixels):
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
        return buffer.getvalue()

    clean = photograph(240, 280, 7)
    marked = stored(put_on(clean, logo(), Pose(130.5, 110.5), 0.5))
    limit = psnr(np.asarray(Image.open(io.BytesIO(stored(clean)))), clean)
    result = remover.remove(marked, template=logo())
    assert result.report.marks[0]["strength"] == pytest.approx(0.5, abs=0.01)
    assert psnr(result.rgb, clean) > limit - 1.5


def test_a_mark_partly_off_the_picture_comes_off(remover):
    clean = photograph(240, 280, 4)
    marked = put_on(clean, logo(), Pose(262.5, 120.5), 0.5)
    assert psnr(remover.remove(marked, template=logo()).rgb, clean) > 45


def test_the_strength_alone_is_exact_where_the_pose_is_known():
    marked = put_on(photograph(240, 280, 5), logo(), Pose(110.5, 100.5), 0.42)
    found = fit(np.float32(marked / 255), logo(), Pose(110.5, 100.5), 0.8, "strength")
    assert found.strength == pytest.approx(0.42, abs=0.01)


def test_a_template_that_never_fits_in_the_picture_is_refused(remover):
    with pytest.raises(TemplateError, match=r"<array>: expected a picture of at least 100 x 100"):
        remover.remove(photograph(60, 80, 0), template=logo(400))


def test_mask_and_template_together_are_refused(remover):
    picture = photograph(60, 60, 0)
    with pytest.raises(UsageError, match="leave one out"):
        remover.remove(picture, mask=np.zeros((60, 60), bool), template=logo())
