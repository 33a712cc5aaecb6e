"""A template from pictures that share a mark."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from synthetic import lettering, photograph, stamped
from unveil.blending import unblend
from unveil.errors import TemplateError, UsageError
from unveil.templates.collection import MOST_PICTURES, from_pictures
from unveil.templates.template import Template

COLOUR = (1.0, 0.9, 0.6)
OPACITY = 0.5
MARK = OPACITY * lettering(44, 80)[..., 0]
SIZE_HW = (120, 170)
PLACE_XY = (60, 42)

Place = Callable[[tuple[int, int]], tuple[int, int]]


def matte_at(size_hw: tuple[int, int], x: int, y: int) -> np.ndarray:
    matte = np.zeros((*size_hw, 1), np.float32)
    matte[y : y + MARK.shape[0], x : x + MARK.shape[1], 0] = MARK
    return matte


def collection(sizes_hw: list[tuple[int, int]], place: Place) -> list[np.ndarray]:
    return [
        stamped(photograph(*size_hw, seed=seed), matte_at(size_hw, *place(size_hw)), COLOUR)
        for seed, size_hw in enumerate(sizes_hw)
    ]


def same_size(count: int) -> list[np.ndarray]:
    return collection([SIZE_HW] * count, lambda _: PLACE_XY)


def drawn(template: Template) -> tuple[np.ndarray, np.ndarray]:
    """Matte, H x W x 1, and colour in a picture of the size that its place is for."""
    place = template.place
    assert place is not None
    matte = np.zeros((place.height, place.width, 1), np.float32)
    colour = np.zeros((place.height, place.width, 3), np.float32)
    height, width = template.matte.shape
    area = np.s_[place.y : place.y + height, place.x : place.x + width]
    matte[area], colour[area] = template.matte[..., None], template.colour
    return matte, colour


def matte_error(template: Template, truth: np.ndarray) -> float:
    """Mean over the mark."""
    return float(np.abs(drawn(template)[0] - truth)[truth > 0.02].mean())


@pytest.fixture(scope="module")
def from_twelve() -> Template:
    return from_pictures(same_size(12))


def test_the_matte_is_found(from_twelve: Template):
    assert matte_error(from_twelve, matte_at(SIZE_HW, *PLACE_XY)) <= 0.03
    assert "12 of 12 pictures" in from_twelve.source
    assert from_twelve.error is not None
    assert from_twelve.error <= 0.03


def test_there_is_no_haze_around_it(from_twelve: Template):
    around = drawn(from_twelve)[0][matte_at(SIZE_HW, *PLACE_XY) == 0]
    assert around.mean() <= 0.0055


def with_rims(picture: np.ndarray) -> np.ndarray:
    """As scanned: a dark line along the bottom, another along part of the right."""
    picture = picture.copy()
    picture[-1:] = 4
    picture[: SIZE_HW[0] // 3, -1:] = 30
    return picture


@pytest.mark.parametrize("place_xy", [PLACE_XY, (82, 70)])
def test_rims_that_scans_share_are_not_the_mark(place_xy: tuple[int, int]):
    pictures = collection([SIZE_HW] * 12, lambda _: place_xy)
    template = from_pictures([with_rims(picture) for picture in pictures])
    assert matte_error(template, matte_at(SIZE_HW, *place_xy)) <= 0.03
    rims = with_rims(np.full((*SIZE_HW, 3), 255, np.uint8)) < 255
    assert drawn(template)[0][rims.any(-1)].max() <= 0.03


def test_it_removes_the_mark_from_another_picture(from_twelve: Template):
    clean = photograph(*SIZE_HW, seed=77)
    marked = stamped(clean, matte_at(SIZE_HW, *PLACE_XY), COLOUR)
    matte, colour = drawn(from_twelve)
    left = unblend(marked / 255, colour, matte) - clean / 255
    assert -10 * np.log10(np.mean(left**2)) >= 36
    unmarked = (matte == 0)[..., 0]
    assert unmarked.mean() > 0.6  # the rest of the picture is not touched


def test_pictures_that_disagree_are_named_and_left_out():
    pictures = same_size(10)
    pictures[3] = photograph(*SIZE_HW, seed=103)
    pictures[7] = collection([SIZE_HW], lambda _: (20, 20))[0]
    template = from_pictures(pictures)
    assert "left out: picture 4, picture 8" in template.source
    assert "8 of 10 pictures" in template.source
    assert matte_error(template, matte_at(SIZE_HW, *PLACE_XY)) <= 0.04


def test_a_place_from_the_bottom_right_in_pictures_of_different_sizes():
    random = np.random.default_rng(1)
    sizes = [(int(h), int(w)) for h, w in random.integers((110, 150), (150, 200), (12, 2))]
    template = from_pictures(collection(sizes, lambda hw: (hw[1] - 92, hw[0] - 55)))
    place = template.place
    assert place is not None
    assert "from the bottom right" in template.source
    size_hw = (place.height, place.width)
    assert size_hw in sizes
    truth = matte_at(size_hw, size_hw[1] - 92, size_hw[0] - 55)
    assert matte_error(template, truth) <= 0.04


def test_a_place_from_the_centre_in_pictures_of_different_sizes():
    random = np.random.default_rng(2)
    sizes = [(int(h), int(w)) for h, w in 2 * random.integers((55, 75), (75, 100), (12, 2))]
    template = from_pictures(collection(sizes, lambda hw: (hw[1] // 2 - 36, hw[0] // 2 - 20)))
    place = template.place
    assert place is not None
    assert "from the middle centre" in template.source
    truth = matte_at((place.height, place.width), place.width // 2 - 36, place.height // 2 - 20)
    assert matte_error(template, truth) <= 0.04


def test_a_mark_that_grows_with_the_width():
    """At 30 % of the width and 25 % of it from the top, 45 % of it wide."""
    pictures = []
    for seed in range(12):
        width = 150 + 10 * seed
        size_hw = (120 + 4 * seed, width)
        scale = 0.45 * width / MARK.shape[1]
        move = np.float32([[scale, 0, 0.3 * width], [0, scale, 0.25 * width]])
        move[:, 2] += (scale - 1) / 2  # pixels' centres
        matte = cv2.warpAffine(MARK, move, size_hw[::-1], flags=cv2.INTER_LINEAR)[..., None]
        pictures.append(stamped(photograph(*size_hw, seed=seed), matte, COLOUR))
    template = from_pictures(pictures)
    place = template.place
    assert place is not None
    assert "scaled with the width, from the top" in template.source
    scale = 0.45 * place.width / MARK.shape[1]
    move = np.float32([[scale, 0, 0.3 * place.width], [0, scale, 0.25 * place.width]])
    move[:, 2] += (scale - 1) / 2
    size_wh = place.width, place.height
    truth = cv2.warpAffine(MARK, move, size_wh, flags=cv2.INTER_LINEAR)[..., None]
    assert matte_error(template, truth) <= 0.05


def test_a_mark_that_is_tiled():
    size_hw = (200, 290)
    matte = np.zeros((*size_hw, 1), np.float32)
    for y in (6, 72, 138):
        for x in (75, 205) if y == 72 else (10, 140):
            matte = np.maximum(matte, matte_at(size_hw, x, y))
    pictures = [stamped(photograph(*size_hw, seed=seed), matte, COLOUR) for seed in range(12)]
    template = from_pictures(pictures)
    assert "tiled" in template.source
    one = drawn(template)[0]
    covered = one > 0.02
    assert np.abs(one - matte)[covered].mean() <= 0.04
    assert template.matte.shape[0] < 70
    assert template.matte.shape[1] < 130


def test_equal_parts_in_a_row_are_one_mark():
    matte = np.zeros((*SIZE_HW, 1), np.float32)
    for bar in range(5):
        matte[40:80, 30 + 24 * bar : 38 + 24 * bar] = OPACITY
    pictures = [stamped(photograph(*SIZE_HW, seed=seed), matte, COLOUR) for seed in range(10)]
    assert matte_error(from_pictures(pictures), matte) <= 0.04


def test_a_region_that_is_given():
    x, y = PLACE_XY
    template = from_pictures(same_size(8), region_xywh=(x - 4, y - 4, 88, 52))
    assert matte_error(template, matte_at(SIZE_HW, *PLACE_XY)) <= 0.05


def test_encoded_pictures_and_progress():
    files = [cv2.imencode(".png", pixels[..., ::-1])[1].tobytes() for pixels in same_size(8)]
    seen: list[tuple[int, int]] = []
    from_pictures(files, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 16) for done in range(1, 17)]


def test_more_pictures_than_are_needed_are_not_all_used():
    pictures = [photograph(40, 60, seed=seed) for seed in range(MOST_PICTURES + 9)]
    seen: list[int] = []
    with pytest.raises(TemplateError):
        from_pictures(pictures, progress=lambda done, _: seen.append(done))
    assert len(seen) == MOST_PICTURES


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_pictures(count: int):
    with pytest.raises(TemplateError, match=f"at least 8 pictures .* got {count}; give more"):
        from_pictures(same_size(count))


def test_pictures_without_a_mark():
    with pytest.raises(TemplateError, match="found none in 10; leave out pictures without it"):
        from_pictures([photograph(*SIZE_HW, seed=seed) for seed in range(10)])


def test_an_empty_region():
    with pytest.raises(UsageError, match="expected a region"):
        from_pictures(same_size(2), region_xywh=(4, 4, 0, 10))
