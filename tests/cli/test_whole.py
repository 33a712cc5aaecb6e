"""The whole program with a model of one convolution that takes magenta for the mark."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from unveil.blending import compose
from unveil.models.catalogue import Card, checksum
from unveil.restore.mark import REFINED_PX

SIZE_WH = (320, 240)
OPACITY = 0.7


def _save_model(path: Path) -> None:
    """sigmoid(W * rgb + b): marked where red and blue exceed green, of opacity .75 or so."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    weights = np.zeros((5, 3, 1, 1), np.float32)
    weights[0, :, 0, 0] = (20, -20, 20)
    weights[1, :, 0, 0] = (2, -2, 2)
    bias = np.array([-18, -1.9, 10, -10, 10], np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["rgb", "weights", "bias"], ["logits"]),
            helper.make_node("Sigmoid", ["logits"], ["maps"]),
        ],
        "magenta",
        [helper.make_tensor_value_info("rgb", TensorProto.FLOAT, [1, 3, "h", "w"])],
        [helper.make_tensor_value_info("maps", TensorProto.FLOAT, [1, 5, "h", "w"])],
        [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(bias, "bias")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    Card(
        name="magenta",
        description="takes magenta for the mark",
        path=path,
        sha256=checksum(path),
        licence="Apache-2.0",
        parameters=20,
        size_multiple=8,
        threshold=0.5,
        confidence=0.5,
        odds_slope=1.0,
        odds_offset=0.0,
        opacity_range=(0.5, 1.0),
        trained_on="nothing",
    ).save()


def _save_pictures(marked: Path, clean: Path) -> None:
    """A soft grey-green landscape, with magenta letters over it and without."""
    width, height = SIZE_WH
    y, x = np.mgrid[:height, :width] / 40
    soft = 0.45 + 0.1 * np.sin(x) * np.cos(y)
    background = np.stack([soft * 0.8, soft, soft * 0.8], axis=2).astype(np.float32)
    matte = np.zeros((height, width, 1), np.float32)
    for left in range(110, 210, 20):
        matte[100:140, left : left + 8] = OPACITY
    mixed = compose(background, np.array([1.0, 0.0, 1.0], np.float32), matte)
    for path, pixels in ((marked, mixed), (clean, background)):
        Image.fromarray(np.rint(255 * pixels).astype(np.uint8)).save(path)


def _run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", "from unveil.cli import main; main()", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


@pytest.fixture
def model(folder) -> str:
    _save_model(folder / "magenta.onnx")
    _save_pictures(folder / "photo.png", folder / "clean.png")
    return "magenta.onnx"


def _error(path: str) -> np.ndarray:
    restored = np.asarray(Image.open(path).convert("RGB")).astype(int)
    return np.abs(restored - np.asarray(Image.open("clean.png"))).max(axis=2)


def test_remove_brings_the_picture_back_and_changes_nothing_else(model):
    done = _run("remove", "photo.png", "--model", model, "--json")
    assert done.returncode == 0, done.stderr.decode()
    record = json.loads(done.stdout)
    assert record["output"] == "photo.unveiled.png"
    assert record["report"]["marks"][0]["opacity"] == pytest.approx(OPACITY, abs=0.05)
    reach = str(1 + REFINED_PX)  # the rim, and as far as refinement goes
    assert _run("locate", "photo.png", "--model", model, "--dilate", reach).returncode == 0
    inside = np.asarray(Image.open("photo.mask.png")) > 0
    error = _error("photo.unveiled.png")
    assert error[~inside].max() == 0
    assert error[inside].mean() < 8


def test_a_pipe_and_a_clean_picture(model):
    done = _run("remove", "-", "--model", model, stdin=Path("clean.png").read_bytes())
    assert done.returncode == 3
    assert done.stdout == Path("clean.png").read_bytes()
    done = _run("remove", "-", "--model", model, stdin=Path("photo.png").read_bytes())
    assert done.returncode == 0
    assert done.stdout.startswith(b"\x89PNG")


def test_an_unknown_model_is_one_line(model):
    done = _run("remove", "photo.png", "--model", "nonsense")
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("unveil: nonsense: expected a model's name")
