from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from unveil.lab.marks.atlas import KINDS, Atlas, Painter, build_atlas, read_logo
from unveil.lab.marks.palette import Palette
from unveil.lab.marks.raster import MAX_AREA, MAX_SIDE, MIN_SIDE, render
from unveil.lab.marks.sheet import contact_sheet
from unveil.lab.marks.text import draw_text


@pytest.fixture(scope="module")
def atlas(icons: Path) -> Atlas:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("unveil.lab.marks.atlas.FOLDERS", ())
        return build_atlas(60, 7, icons)


def same(one: Atlas, other: Atlas) -> bool:
    pairs = zip(one.sprites, other.sprites, strict=True)
    return (
        all(np.array_equal(a, b) for a, b in pairs)
        and one.kinds == other.kinds
        and one.sources == other.sources
    )


def test_the_same_seed_gives_the_same_atlas(atlas: Atlas, icons: Path) -> None:
    assert same(atlas, build_atlas(60, 7, icons))


def test_another_seed_gives_another_atlas(atlas: Atlas, icons: Path) -> None:
    assert atlas.sources != build_atlas(60, 8, icons).sources


def test_a_shorter_atlas_is_the_beginning_of_a_longer_one(atlas: Atlas, icons: Path) -> None:
    short = build_atlas(20, 7, icons)
    assert same(short, Atlas(atlas.sprites[:20], atlas.kinds[:20], atlas.sources[:20]))


@pytest.mark.heavy
def test_the_number_of_workers_changes_nothing(icons: Path, monkeypatch) -> None:
    assert same(build_atlas(40, 7, icons), build_atlas(40, 7, icons, workers=2))


def test_sprites_keep_to_their_limits(atlas: Atlas) -> None:
    for sprite in atlas.sprites:
        height, width, channels = sprite.shape
        assert channels == 4
        assert sprite.dtype == np.uint8
        assert MIN_SIDE <= max(height, width) <= MAX_SIDE
        assert height * width <= MAX_AREA


def test_sprites_show_something_and_are_cropped_to_it(atlas: Atlas) -> None:
    for sprite in atlas.sprites:
        alpha = sprite[..., 3]
        assert alpha.max() > 80
        assert all(edge.any() for edge in (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]))


def test_most_sprites_are_opaque_inside(atlas: Atlas) -> None:
    assert np.mean([sprite[..., 3].max() == 255 for sprite in atlas.sprites]) > 0.9


def test_most_texts_of_one_colour_are_flat() -> None:
    painter, palette = Painter.prepare(), Palette(((240, 240, 240),))
    flat = 0
    for seed in range(80):
        rng, maker = np.random.default_rng(seed), painter.logos
        sprite = render(draw_text(rng, maker.fonts, maker.phrases, palette))
        flat += bool(np.all(sprite[..., :3] == 240))
    assert flat > 64  # the others have a shadow, or are orange dates


def test_all_kinds_occur(atlas: Atlas) -> None:
    assert set(atlas.kinds) == set(KINDS)


def test_an_atlas_needs_no_icons() -> None:
    atlas = build_atlas(30, 0)
    assert "logo" in atlas.kinds


def test_a_saved_atlas_loads_bit_identical(atlas: Atlas, tmp_path: Path) -> None:
    path = tmp_path / "atlas.bin"
    atlas.save(path)
    assert same(atlas, Atlas.load(path))
    assert path.stat().st_size / len(atlas) < 10_000


def test_a_file_that_is_no_atlas_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.npz"
    np.savez(path, something=np.zeros(3))
    with pytest.raises(ValueError, match="expected an atlas of format 1"):
        Atlas.load(path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="expected a folder"):
        build_atlas(1, 0, tmp_path / "nowhere")


def test_an_empty_atlas_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one sprite"):
        build_atlas(0, 0)


def test_ready_logos_are_used_as_they_are(tmp_path: Path) -> None:
    logo = np.zeros((70, 140, 4), np.uint8)
    logo[10:60, 20:130] = (10, 200, 30, 180)
    Image.fromarray(logo).save(tmp_path / "mine.png")
    sprite = read_logo(tmp_path / "mine.png")
    assert np.array_equal(sprite, logo[10:60, 20:130])


def test_a_large_ready_logo_is_reduced(tmp_path: Path) -> None:
    Image.new("RGBA", (900, 600), (10, 200, 30, 255)).save(tmp_path / "mine.png")
    sprite = read_logo(tmp_path / "mine.png")
    assert sprite.shape[0] * sprite.shape[1] <= MAX_AREA
    assert np.all(sprite == (10, 200, 30, 255))


def test_the_contact_sheet_has_a_cell_for_each(atlas: Atlas) -> None:
    sheet = contact_sheet(atlas, columns=8, cell_px=40, limit=20)
    assert sheet.size == (320, 120)
    assert np.asarray(sheet).std() > 10
