"""The scripts of benchmarks/ as modules."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def load_script(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Imports a script by its name, anew for each test."""

    def load(name: str) -> ModuleType:
        monkeypatch.syspath_prepend(FOLDER)
        monkeypatch.delitem(sys.modules, name, raising=False)
        return importlib.import_module(name)

    return load
