from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from unveil.lab.marks import benchmark
from unveil.lab.marks.brands import is_brand
from unveil.lab.marks.fonts import FontBook
from unveil.lab.marks.icons import IconShelf, icon_mask
from unveil.lab.marks.logos import LAYOUTS, LogoMaker, split_parts
from unveil.lab.marks.palette import Palette, draw_palette
from unveil.lab.marks.phrases import Phrasebook
from unveil.lab.marks.raster import render
from unveil.lab.marks.shapes import SHAPES

COLOURS = Palette(((255, 255, 255), (200, 0, 0), (0, 0, 200)))


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("palette", [COLOURS, Palette(((255, 255, 255),))], ids=["three", "one"])
def test_every_layout_draws(name: str, palette: Palette, icons: Path, book: FontBook) -> None:
    maker = LogoMaker(book, Phrasebook(), IconShelf.open(icons))
    for seed in range(4):
        sprite = render(LAYOUTS[name][0](maker, np.random.default_rng(seed), palette))
        inside = sprite[sprite[..., 3] == 255]
        assert len(inside)
        if palette.single:
            assert np.all(inside[:, :3] == 255)
            assert (sprite[..., 3] == 0).any()  # nothing merges into a plain plate


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_draws(name: str) -> None:
    for seed in range(6):
        masks = SHAPES[name](np.random.default_rng(seed))
        assert all(mask.any() for mask in masks)


@pytest.mark.parametrize(
    "name",
    ["mdi-google-drive", "tabler-outline-brand-github", "brand-x", "bootstrap-bootstrap-fill",
     "bi-twitter", "twitter", "mdi-apple", "mdi-language-rust", "file-excel-box", "git", "Steam"],
)  # fmt: skip
def test_brands_are_left_out(name: str) -> None:
    assert is_brand(name)


@pytest.mark.parametrize(
    "name",
    ["mdi-camera", "bootstrap-alarm", "tabler-filled-heart", "git-branch", "pineapple", "windows-x",
     "line-dashed", "box-seam", "steam-x"],
)  # fmt: skip
def test_generic_icons_stay(name: str) -> None:
    assert not is_brand(name)


def test_shelves_pass_over_brands(tmp_path: Path) -> None:
    for name in ("google-drive", "camera"):
        (tmp_path / f"{name}.svg").write_text("<svg/>", encoding="utf-8")
    shelves = [IconShelf.open(tmp_path, held_out=side) for side in (True, False)]
    assert [path.stem for shelf in shelves for path in shelf.icons] == ["camera"]


def test_strokes_can_be_thinned(icons: Path) -> None:
    path = icons / "thing-5.svg"
    thin, thick = icon_mask(path, 0.5), icon_mask(path, 1.5)
    assert thin is not None
    assert thick is not None
    assert 2 * np.count_nonzero(thin) < np.count_nonzero(thick)


def test_a_damaged_icon_is_no_icon(tmp_path: Path) -> None:
    (tmp_path / "bad.svg").write_text("<svg", encoding="utf-8")
    assert icon_mask(tmp_path / "bad.svg") is None


def test_parts_divide_the_mask() -> None:
    mask = np.zeros((20, 60), np.uint8)
    for i in range(3):
        mask[5:15, 20 * i + 2 : 20 * i + 12 - i] = 200
    parts = split_parts(mask, 5)
    assert len(parts) == 3
    assert np.array_equal(np.maximum.reduce(parts), mask)
    assert np.sum([part > 0 for part in parts], axis=0).max() == 1


def test_nearly_half_of_the_palettes_are_one_white_black_or_grey() -> None:
    palettes = [draw_palette(np.random.default_rng(i)) for i in range(2000)]
    neutral = [p.single and max(p[0]) - min(p[0]) <= 12 for p in palettes]
    assert 0.40 < np.mean(neutral) < 0.50
    assert {len(p.colours) for p in palettes} == {1, 2, 3, 4, 5}


def test_benchmark_logos_are_made_the_same_each_time(
    icons: Path, tmp_path: Path, monkeypatch
) -> None:
    out = tmp_path / "out"
    monkeypatch.setattr("sys.argv", ["benchmark", "--marks", str(icons), "--out", str(out)])
    benchmark.main()
    first = [(out / f"{i:02d}.png").read_bytes() for i in range(1, 13)]
    benchmark.main()
    assert first == [(out / f"{i:02d}.png").read_bytes() for i in range(1, 13)]
    for path in out.iterdir():
        picture = Image.open(path)
        assert picture.mode == "RGBA"
        assert picture.width == benchmark.WIDTH_PX
        assert picture.height <= benchmark.MAX_HEIGHT_PX


def test_the_benchmarks_own_logos_are_at_hand() -> None:
    folder = Path(__file__).parents[3] / "benchmarks" / "logos"
    pictures = sorted(folder.glob("*.png"))
    assert [path.stem for path in pictures] == [f"{i:02d}" for i in range(1, 13)]
    for path in pictures:
        pixels = np.asarray(Image.open(path))
        assert pixels.shape[1:] == (benchmark.WIDTH_PX, 4)
        assert pixels[..., 3].max() == 255
