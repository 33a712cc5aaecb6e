import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from typer.testing import CliRunner

import unveil
from unveil.cli import app
from unveil.models import catalogue


@pytest.fixture
def loaded(monkeypatch, fakes) -> list:
    """The remover replaced by one that does nothing; what it was asked for."""
    asked = []

    def remover(model):
        asked.append(model)
        return fakes.Identity()

    def card(model):
        return SimpleNamespace(
            name="fake", path=Path(__file__), parameters=0, threshold=0.5, confidence=0.9
        )

    monkeypatch.setitem(vars(unveil), "Remover", remover)
    monkeypatch.setattr(catalogue, "get", card)
    return asked


def call(*arguments):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def test_a_protocol_by_command(pictures: Path, logos: Path, tmp_path: Path, loaded):
    out = tmp_path / "scores.json"
    result = call(
        *("--protocol", "a", "--pictures", pictures, "--logos", logos, "--out", out),
        *("--opacity", 0.5, "--opacity", 1, "--limit", 2, "--given-mask", "--clean", pictures),
    )
    assert result.exit_code == 0, result.output
    for shown in ("nothing (4 cases)", "telea", "unveil-mask", "a = 0.5", "2 of 2"):
        assert shown in result.output
    scores = json.loads(out.read_text())
    assert len(scores["rows"]) == 4 * 2 * 4
    assert scores["clean"]["kept"] == 2
    assert scores["settings"]["pictures"] == "pictures"
    assert "--opacity 0.5 --opacity 1.0" in scores["command"]
    assert str(tmp_path) not in out.read_text()
    assert scores["model"]["sha256"] == catalogue.checksum(Path(__file__))
    assert len(loaded) == 1


def test_kinds_by_command(pictures: Path, logos: Path, tmp_path: Path, loaded):
    out = tmp_path / "scores.json"
    result = call(
        *("--protocol", "marks", "--pictures", pictures, "--logos", logos, "--out", out),
        *("--kind", "multiply", "--kind", "scene-text", "--limit", 1),
    )
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert [line.split()[0] for line in lines if line[:6] in ("multip", "scene-")] == [
        *("multiply", "scene-text", "multiply", "scene-text")
    ]
    scores = json.loads(out.read_text())
    assert {entry["kind"] for entry in scores["summary"]} == {"multiply", "scene-text"}
    assert len(scores["rows"]) == 2 * 2 * 2
    assert "--kind multiply --kind scene-text" in scores["command"]


def test_pairs_by_command(pictures: Path, tmp_path: Path, loaded):
    for side in ("marked", "clean"):
        (tmp_path / side).mkdir()
        for file in pictures.iterdir():
            with Image.open(file) as picture:
                picture.save(tmp_path / side / file.name)
    out = tmp_path / "scores.json"
    result = call("--pairs", tmp_path, "--model", "some/model.onnx", "--out", out)
    assert result.exit_code == 0, result.output
    assert "unveil (3 cases)" in result.output
    assert loaded == ["some/model.onnx"]
    assert json.loads(out.read_text())["settings"]["model"] == "model.onnx"


FOLDERS = ("--pictures", "x", "--logos", "x")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "got none"),
        (["--pairs", "x", "--protocol", "a"], "got both"),
        (["--protocol", "a", "--pictures", "x"], "got --pictures"),
        (["--pairs", "x", "--opacity", "0.5"], "expected --opacity with --protocol only"),
        (["--protocol", "a", *FOLDERS, "--kind", "tiled"], "--kind with --protocol marks only"),
        (["--protocol", "marks", *FOLDERS, "--sigma", 5], "--sigma with --protocol a or b only"),
        (["--pairs", "x", "--out", "none/scores.json"], "make it first"),
        (["--pairs", "none"], "expected a folder with pictures"),
    ],
)
def test_wrong_use_is_one_line_and_not_zero(arguments, message, loaded):
    result = call(*arguments)
    assert result.exit_code in (1, 2)
    assert message in result.output
    assert len(result.output.strip().splitlines()) == 1
