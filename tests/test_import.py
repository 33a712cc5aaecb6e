"""`import unveil` stays light; each guard is shown to be able to fail."""

import json
import os
import subprocess
import sys

import pytest

HEAVY = ("torch", "lightning", "onnx", "skimage", "onnxruntime", "cv2", "numpy", "PIL", "typer")
LIMIT_S = 0.3


def loaded_after(statement: str) -> set[str]:
    """Which of the heavy packages a fresh interpreter has loaded after the statement."""
    tell = f"import json, sys\nprint(json.dumps([m for m in {HEAVY} if m in sys.modules]))"
    code = f"{statement}\n{tell}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def seconds_of(statement: str) -> float:
    """Processor seconds that a fresh interpreter spends on the statement; the best of three."""
    code = f"import time; t = time.process_time(); {statement}; print(time.process_time() - t)"
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(3)
    ]
    return min(float(done.stdout) for done in runs)


def test_import_loads_nothing_heavy():
    assert loaded_after("import unveil") == set()


def test_the_command_line_loads_no_runtime_for_its_help():
    statement = "import contextlib, unveil.cli\nwith contextlib.suppress(SystemExit): "
    assert loaded_after(statement + "unveil.cli.app(['--help'])") == {"typer"}


def test_the_runtime_loads_no_laboratory():
    heavy = loaded_after("import unveil; unveil.remove, unveil.locate, unveil.Remover")
    assert not heavy & {"torch", "lightning", "onnx", "skimage"}


@pytest.mark.parametrize("package", ["torch", "cv2"])
def test_the_guard_can_fail(tmp_path, monkeypatch, package):
    (tmp_path / f"{package}.py").write_text("")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    monkeypatch.setenv("PYTHONPATH", path)
    assert loaded_after(f"import unveil, {package}") == {package}


def test_import_is_quick():
    assert seconds_of("import unveil") < LIMIT_S


def test_the_clock_of_the_guard_can_fail():
    busy = "x = [0]\nwhile time.process_time() - t < 0.35: pass\nprint"
    assert seconds_of(f"exec({busy!r})") > LIMIT_S


def test_the_public_surface_is_there_and_no_more():
    import unveil

    for name in unveil.__all__:
        assert getattr(unveil, name).__name__ == name
    assert set(unveil.__all__) <= set(dir(unveil))
    with pytest.raises(AttributeError, match="no attribute 'remov'"):
        _ = unveil.remov  # type: ignore[attr-defined]
