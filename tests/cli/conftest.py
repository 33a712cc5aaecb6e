import io
import sys
from pathlib import Path
from typing import Any

import pytest
from cli_fakes import Answer, FakeRemover


@pytest.fixture(autouse=True)
def fake_remover(monkeypatch: pytest.MonkeyPatch) -> type[FakeRemover]:
    """The verbs with the stand-in in place of the model."""
    monkeypatch.setattr("unveil.cli.remove.Remover", FakeRemover)
    monkeypatch.setattr("unveil.cli.locate.Remover", FakeRemover)
    FakeRemover.calls = []
    return FakeRemover


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, made the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def unveil(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command line in this process."""
    from unveil.cli import app

    def call(*arguments: object, stdin: bytes | None = None) -> Answer:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfdbinary.readouterr()
        with pytest.raises(SystemExit) as left:
            app([str(each) for each in arguments], prog_name="unveil")
        code = left.value.code
        out, err = capfdbinary.readouterr()
        return Answer(0 if code is None else int(code), out, err.decode())

    return call
