import hashlib
import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from unveil.cli import _checkup
from unveil.cli._checkup import Check, State
from unveil.errors import ModelError


class HealthySession:
    providers = ("CPUExecutionProvider",)
    threads = 2

    def __init__(self, *_: object) -> None:
        pass


class HealthyRemover:
    """Finds the self-test's mark by its brightness."""

    def remove(self, picture: np.ndarray) -> SimpleNamespace:
        mask = np.zeros(picture.shape[:2], bool)
        mask[90:150, 100:206] = True
        cleaned = np.where(mask[..., None], np.uint8(100), picture)
        return SimpleNamespace(picture=cleaned, mask=mask, found=True)


@pytest.fixture(autouse=True)
def healthy(monkeypatch, tmp_path):
    """An installation with nothing wrong, and a model of seven bytes."""
    path = tmp_path / "tiny.onnx"
    path.write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    card = SimpleNamespace(name="default", path=path, sha256=digest, size_mb=0.0)
    monkeypatch.setattr("unveil.models.catalogue.MODELS", {"default": path})
    monkeypatch.setattr("unveil.models.catalogue.get", lambda *_: card)
    monkeypatch.setattr("unveil.models.session.Session", HealthySession)
    monkeypatch.setattr("unveil.pipeline.Remover", HealthyRemover)
    monkeypatch.setattr(_checkup, "_nvidia_gpu", lambda: "")
    return card


def _named(name: str) -> Check:
    (check,) = (check for check in _checkup.examine() if check.name == name)
    return check


def test_a_healthy_installation(unveil):
    answer = unveil("doctor")
    text = answer.out.decode()
    assert answer.code == 0, text
    for word in ("python", "onnxruntime", "CPUExecutionProvider", "threads", "model", "self-test"):
        assert word in text
    assert "remedy" not in text


def test_json_for_machines(unveil):
    answer = unveil("doctor", "--json")
    record = json.loads(answer.out)
    assert answer.code == 0
    assert record["healthy"] is True
    by_name = {check["name"]: check for check in record["checks"]}
    assert by_name["provider"]["data"]["loaded"] == ["CPUExecutionProvider"]
    assert by_name["self-test"]["data"]["found"] is True


def test_a_damaged_model_is_broken(unveil, healthy):
    healthy.path.write_bytes(b"weightz")
    answer = unveil("doctor")
    assert answer.code == 1
    assert "damaged" in answer.out.decode()
    assert _named("model default").state is State.BROKEN
    assert "pip install --force-reinstall" in _named("model default").remedy


def test_a_missing_model_is_broken(healthy):
    healthy.path.unlink()
    assert _named("model default").state is State.BROKEN
    assert "no such file" in _named("model default").value


def test_a_model_without_its_card_is_said_once(unveil, monkeypatch):
    def fail(*_):
        raise ModelError("default.json: expected the card of default.onnx")

    monkeypatch.setattr("unveil.models.catalogue.get", fail)
    answer = unveil("doctor")
    assert answer.code == 1
    assert answer.out.decode().count("expected the card") == 1
    assert "ModelError" not in answer.out.decode()


def test_a_session_that_does_not_load_is_broken_and_the_rest_is_still_examined(unveil, monkeypatch):
    def fail(*_):
        raise RuntimeError("no\nkernel")

    monkeypatch.setattr("unveil.models.session.Session", fail)
    answer = unveil("doctor", "--json")
    record = json.loads(answer.out)
    assert answer.code == 1
    by_name = {check["name"]: check for check in record["checks"]}
    assert by_name["runtime"]["value"] == "RuntimeError: no kernel"
    assert by_name["runtime"]["remedy"]
    assert by_name["self-test"]["state"] == "ok"


def test_changed_pixels_outside_the_mask_are_broken(monkeypatch):
    class Careless(HealthyRemover):
        def remove(self, picture):
            result = super().remove(picture)
            result.picture[0, 0] ^= 1
            return result

    monkeypatch.setattr("unveil.pipeline.Remover", Careless)
    assert _named("self-test").state is State.BROKEN


@pytest.mark.parametrize(
    ("available", "remedy"),
    [
        (["CPUExecutionProvider"], "pip uninstall -y onnxruntime"),
        (["CUDAExecutionProvider", "CPUExecutionProvider"], "CUDA and cuDNN libraries"),
    ],
)
def test_an_idle_gpu_is_advice_with_its_remedy(monkeypatch, available, remedy):
    monkeypatch.setattr(_checkup, "_nvidia_gpu", lambda: "NVIDIA Test")
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: available)
    check = _named("provider")
    assert check.state is State.ADVICE
    assert "NVIDIA Test" in check.remedy
    assert remedy in check.remedy


def test_a_gpu_in_use_needs_no_advice(monkeypatch):
    monkeypatch.setattr(_checkup, "_nvidia_gpu", lambda: "NVIDIA Test")
    monkeypatch.setattr(HealthySession, "providers", ("CUDAExecutionProvider",))
    assert _named("provider").state is State.OK


def test_two_runtimes_over_each_other_are_advice(monkeypatch):
    monkeypatch.setattr(_checkup.metadata, "version", lambda _: "1.0")
    check = _named("onnxruntime")
    assert check.state is State.ADVICE
    assert "pip uninstall -y onnxruntime onnxruntime-gpu" in check.remedy


def test_a_library_that_cannot_be_imported_is_broken(monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    check = _named("opencv")
    assert check.state is State.BROKEN
    assert "opencv-python-headless" in check.remedy


def test_a_format_that_pillow_lacks_is_advice(monkeypatch):
    monkeypatch.setattr("PIL.features.check", lambda name: name != "avif")
    check = _named("formats")
    assert check.state is State.ADVICE
    assert "not AVIF" in check.value


def test_the_driver_is_asked_and_may_fail(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(_checkup.shutil, "which", lambda _: "/usr/bin/nvidia-smi")
    done = SimpleNamespace(stdout="NVIDIA Test\nNVIDIA Other\n")
    monkeypatch.setattr(_checkup.subprocess, "run", lambda *_, **__: done)
    assert _checkup._nvidia_gpu() == "NVIDIA Test"

    def fail(*_, **__):
        raise subprocess.CalledProcessError(9, "nvidia-smi")

    monkeypatch.setattr(_checkup.subprocess, "run", fail)
    assert _checkup._nvidia_gpu() == ""
