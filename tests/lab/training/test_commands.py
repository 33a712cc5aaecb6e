"""unveil train, export and remove --model, from a folder of pictures to a picture."""

import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from synthetic import lettering, photograph, stamped
from unveil.cli import app

RECIPE = """
from tiny_recipe import TinyRecipe

RECIPE = TinyRecipe()
"""


def call(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


def test_what_is_wrong_with_a_command_is_said_in_one_line(photographs, tmp_path):
    run = ("--pictures", photographs, "--run", tmp_path / "run")
    for arguments, said in {
        ("nonsense", *run): "one of completion, denoising, figures, flagship",
        ("swcnn", *run, "speed=3"): "speed: unknown field; expected one of optimiser",
        ("noise2noise_unet", *run, "loss=huber"): "a loss of mse, mae, l0; got unet and huber",
        ("flagship_finetune", *run): "expected the mark to learn with --marks",
        ("noise2noise_unet", *run, "--marks", tmp_path): "expected marks as noise, data.source",
        ("flagship", *run, "--resume"): "expected a run to resume",
    }.items():
        result = call("train", *arguments)
        assert result.exit_code == 2, result.output
        assert said in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.heavy
def test_from_a_folder_of_pictures_to_a_picture_without_its_mark(photographs, tmp_path):
    (tmp_path / "mine.py").write_text(RECIPE)
    run = ("--pictures", photographs, "--run", tmp_path / "run")
    result = call("train", tmp_path / "mine.py", *run, "--max-steps", 2, "seed=5")
    assert result.exit_code == 0, result.output
    assert "TinyNetwork on" in result.stderr
    assert "223 parameters to train" in result.stderr
    assert "step 2 of 2, 0 min left: loss" in result.stderr
    assert "PSNR" in result.stderr
    assert json.loads((tmp_path / "run" / "recipe.json").read_text())["seed"] == 5
    again = call("train", tmp_path / "mine.py", *run, "--max-steps", 4, "--resume", "seed=5")
    assert again.exit_code == 0, again.output
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    exported = call("export", last, "-o", tmp_path / "model.onnx")
    assert exported.exit_code == 0, exported.output
    assert "223 parameters, to restore; a change counts from" in exported.stdout
    marked = stamped(photograph(60, 80), 0.6 * lettering(60, 80), (1.0, 1.0, 1.0))
    Image.fromarray(marked).save(tmp_path / "marked.png")
    mask = (lettering(60, 80)[..., 0] > 0).astype(np.uint8) * 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    model = ("--model", tmp_path / "model.onnx", "--mask", tmp_path / "mask.png")
    removed = call("remove", tmp_path / "marked.png", "-o", tmp_path / "clean.png", *model)
    assert removed.exit_code in (0, 3), removed.output
    after = np.asarray(Image.open(tmp_path / "clean.png"))
    assert np.array_equal(after[mask == 0], marked[mask == 0])
