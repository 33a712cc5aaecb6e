import json
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class FakeCard:
    name: str = "default"
    description: str = "finds magenta"
    path: Path = Path("weights/default.onnx")
    licence: str = "Apache-2.0"
    parameters: int = 1_234_567
    opacity_range: tuple[float, float] = (0.15, 1.0)
    size_mb: float = 2.5


@pytest.fixture(autouse=True)
def catalogue(monkeypatch):
    monkeypatch.setattr("unveil.cli.models.MODELS", {"default": FakeCard().path})
    monkeypatch.setattr("unveil.cli.models.get", lambda _: FakeCard())


def test_the_table_says_what_a_model_is(unveil):
    answer = unveil("models")
    assert answer.code == 0
    for word in ("default", "1,234,567", "2.5 MB", "0.15-1", "Apache-2.0", "finds magenta"):
        assert word in answer.out.decode()


def test_json_lines(unveil):
    (line,) = unveil("models", "--json").out.decode().splitlines()
    record = json.loads(line)
    assert record["name"] == "default"
    assert record["path"] == str(FakeCard().path)
    assert record["opacity_range"] == [0.15, 1.0]
