"""Every script for measurements fits the package of today."""

import runpy
from pathlib import Path

import pytest

SCRIPTS = sorted((Path(__file__).parents[2] / "benchmarks").glob("*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_can_be_loaded(script, monkeypatch):
    monkeypatch.syspath_prepend(str(script.parent))
    assert callable(runpy.run_path(str(script))["main"])
