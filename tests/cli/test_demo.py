import io
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from unveil.cli._examples import examples_folder, load_examples
from unveil.cli._sheet import CELL_WIDTH_PX, COLUMNS, GAP_PX, HEADER_PX, Row, draw_sheet
from unveil.cli.demo import psnr

MAX_TOTAL_BYTES = 1_500_000


class KnowsTheAnswer:
    """Gives back the clean original, or the picture as it is."""

    gives_up = False

    def __init__(self, _model: str = "default") -> None:
        pass

    def remove(self, path: Path) -> SimpleNamespace:
        clean = Image.open(path.with_suffix(f".clean{path.suffix}")).convert("RGB")
        marked = Image.open(path).convert("RGB")
        mask = (np.asarray(clean) != np.asarray(marked)).any(axis=2)
        report = SimpleNamespace(marks=[{"opacity": 0.5}], reason="")
        if self.gives_up:
            report = SimpleNamespace(marks=[], reason="no mark was found")
            return SimpleNamespace(found=False, picture=marked, mask=mask & False, report=report)
        return SimpleNamespace(found=True, picture=clean, mask=mask, report=report)


@pytest.fixture(autouse=True)
def remover(monkeypatch):
    monkeypatch.setattr("unveil.cli.demo.Remover", KnowsTheAnswer)


def test_the_demo_writes_one_sheet_and_a_line_per_picture(folder, unveil):
    answer = unveil("demo", "-o", "out")
    lines = answer.out.decode().splitlines()
    assert answer.code == 0
    assert len(lines) == 4
    assert "1 mark found, opacity 0.50 (drawn with 0.55); PSNR" in lines[0]
    assert os.listdir("out") == ["unveil-demo.png"]
    with Image.open("out/unveil-demo.png") as sheet:
        assert sheet.width == GAP_PX + 3 * (CELL_WIDTH_PX + GAP_PX)
    assert unveil("demo", "-o", "out").code == 0


def test_the_demo_fails_if_nothing_gets_better(folder, unveil, monkeypatch):
    monkeypatch.setattr(KnowsTheAnswer, "gives_up", True)
    answer = unveil("demo")
    assert answer.code == 1
    assert "no mark was found" in answer.out.decode()


def test_the_demo_refuses_a_file_as_folder(folder, unveil):
    Path("out").write_text("mine")
    answer = unveil("demo", "-o", "out")
    assert answer.code == 1
    assert "out: expected a folder as -o, got a file" in answer.err


def test_the_examples_are_small_marked_photographs():
    where = examples_folder()
    examples = load_examples(where)
    assert len(examples) == 3
    for example in examples:
        assert max(example.marked.shape) <= 800
        assert example.marked.shape == example.clean.shape
        assert 15 < psnr(example.marked, example.clean) < 40
    total = sum(path.stat().st_size for path in where.iterdir() if path.is_file())
    assert total <= MAX_TOTAL_BYTES


def test_psnr_is_as_defined():
    black = np.zeros((4, 4, 3), np.uint8)
    assert psnr(black, black) == float("inf")
    assert psnr(black + 255, black) == pytest.approx(0)
    assert psnr(black + 1, black) == pytest.approx(20 * np.log10(255))


def test_the_sheet_shows_each_picture_where_it_belongs():
    shape = (48, 96)
    red, blue = (np.full((*shape, 3), c, np.uint8) for c in ((255, 0, 0), (0, 0, 255)))
    data = draw_sheet([Row("one", red, blue, np.ones(shape, bool)) for _ in range(2)])
    sheet = np.asarray(Image.open(io.BytesIO(data)))
    tops = (HEADER_PX + 20, HEADER_PX + 240 + 34 + 20)
    for top in tops:
        for column, colour in enumerate(((255, 0, 0), (0, 0, 255), (255, 255, 255))):
            left = GAP_PX + column * (CELL_WIDTH_PX + GAP_PX) + 20
            assert tuple(sheet[top, left]) == colour
    assert len(COLUMNS) == 3


def test_an_empty_mask_is_shown_black():
    grey = np.full((48, 96, 3), 90, np.uint8)
    data = draw_sheet([Row("one", grey, grey, np.zeros((48, 96), bool))])
    sheet = np.asarray(Image.open(io.BytesIO(data)))
    left = GAP_PX + 2 * (CELL_WIDTH_PX + GAP_PX)
    assert not sheet[HEADER_PX : HEADER_PX + 240, left : left + CELL_WIDTH_PX].any()
