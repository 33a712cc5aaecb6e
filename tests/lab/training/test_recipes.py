"""Every recipe: two steps of training, the run's folder, export, and removal with what came out."""

import json
from functools import partial

import numpy as np
import pytest
import torch
from PIL import Image

import unveil
from synthetic import lettering, photograph, stamped
from unveil.errors import ModelError
from unveil.lab.training import run as training
from unveil.lab.training.folder import load_run
from unveil.lab.training.publish import publish
from unveil.lab.training.recipe_files import load_recipe, override, recipes_folder
from unveil.lab.training.run import train
from unveil.models.catalogue import TASKS, get

pytestmark = pytest.mark.heavy

SMALL = ["batch_size=2", "max_steps=2", "validate_every=1", "validation_crops=2", "sprites=3"]
CHANGES = {
    "flagship": ["synthesis.size_px=32"],
    "flagship_finetune": ["synthesis.size_px=32", "export=False"],
    "heterogeneous_unet": ["data.synthesis.size_px=32", "loss.perceptual=0"],
    "swcnn": ["data.synthesis.size_px=32", "loss.perceptual=0"],
    "denoising": ["data.size_px=32"],
    "noise2noise_srresnet": ["data.size_px=32"],
    "noise2noise_unet": ["data.size_px=32"],
    "figures": ["data.size_px=32", "data.longest_px=(18.0, 26.0)"],
    "judge": ["data.cases=8"],
    "completion": [
        "data.synthesis.size_px=96",
        "data.synthesis.length_px=(50.0, 90.0)",
        "data.synthesis.opacity=(0.5, 0.9)",
        "data.size_px=32",
        "data.cases=3",
        "data.least_confidence=0.0",
    ],
    "refinement": [
        "data.synthesis.size_px=64",
        "data.size_px=32",
        "data.case_px=48",
        "data.cases=3",
        "data.given=1.0",
    ],
    "segmentation": ["data.size_px=32", "pretrained=False"],
}
"""What makes each recipe small enough for a test."""
PARAMETERS = {
    "heterogeneous_unet": 3_647_878,
    "denoising": 1_227_596,
    "swcnn": 700_611,
    "noise2noise_unet": 31_031_875,
}
NAMES = sorted(file.stem for file in recipes_folder().rglob("*.py"))


@pytest.fixture(scope="module")
def logo(tmp_path_factory):
    """A white disc, PNG with alpha."""
    y, x = np.mgrid[:64, :64] - 31.5
    alpha = (np.hypot(x, y) < 25).astype(np.uint8) * 255
    path = tmp_path_factory.mktemp("logo") / "logo.png"
    Image.fromarray(np.dstack([np.full((64, 64, 3), 255, np.uint8), alpha])).save(path)
    return path


@pytest.fixture(scope="module")
def train_two_steps(photographs, logo, tmp_path_factory):
    folders = {}

    def run(name):
        if name not in folders:
            folders[name] = tmp_path_factory.mktemp("runs") / name
            recipe = override(load_recipe(name), [*SMALL, *CHANGES[name]])
            marks = logo if name in ("flagship_finetune", "swcnn", "segmentation") else None
            train(recipe, photographs, folders[name], marks=marks)
        return folders[name]

    return run


def test_there_is_a_small_version_of_every_recipe():
    assert sorted(CHANGES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_trains_two_steps_and_leaves_its_folder(train_two_steps, name):
    folder = train_two_steps(name)
    run = load_run(folder)
    assert run.history["step"].tolist() == [1, 2]
    assert np.isfinite(run.history["train_loss"]).all()
    assert np.isfinite(run.history["val_loss"]).all()
    scored = "val_psnr" if run.recipe.model_task.task in ("restore", "refine") else "val_f1"
    assert np.isfinite(run.history[scored]).all()
    network = run.network()
    batch = run.validation_batch(2)
    with torch.no_grad():
        output = network(batch.marked)
    task = run.recipe.model_task.task
    side = 1 if task == "judge" else 32
    assert output.shape == (2, TASKS[task], side, side)
    summary = json.loads((folder / "training_summary.json").read_text())
    assert summary["parameters"] == PARAMETERS.get(name, summary["parameters"])
    assert summary["criterion"]
    test = json.loads((folder / "test.json").read_text())
    assert test["pictures"] == len(test["each"]) >= 1
    assert set(test["mean"]) == set(test["each"][0]) - {"picture"}


@pytest.mark.parametrize(
    ("name", "does"),
    [
        ("completion", "completes"),
        ("refinement", "refines"),
        ("figures", "sees figures on"),
        ("judge", "judges"),
    ],
)
def test_a_model_that_helps_others_does_not_find_marks(train_two_steps, name, does, tmp_path):
    folder = train_two_steps(name)
    card = publish(load_run(folder).best_checkpoint, tmp_path / "mine.onnx")
    with pytest.raises(ModelError, match=f"only {does}"):
        unveil.Remover(card.path)


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name not in ("completion", "refinement", "figures", "judge")]
)
def test_what_a_recipe_trained_takes_marks_off(train_two_steps, name, tmp_path):
    folder = train_two_steps(name)
    card = publish(load_run(folder).best_checkpoint, tmp_path / f"{name}.onnx")
    assert get(card.path) == card
    assert card.is_intact()
    marked = stamped(photograph(90, 120), 0.6 * lettering(90, 120), (1.0, 1.0, 1.0))
    mask = lettering(90, 120)[..., 0] > 0
    for given in (None, mask):
        result = unveil.remove(marked, model=card.path, mask=given)
        assert result.rgb.shape == marked.shape
        assert np.array_equal(result.rgb[~result.mask], marked[~result.mask])
        if given is not None:
            assert not (result.mask & ~given).any()


@pytest.mark.parametrize(("part", "batches_seen"), [(1.0, 2), (0.5, 1)])
def test_batch_normalisation_keeps_its_statistics_where_asked(
    photographs, tmp_path, part, batches_seen
):
    changes = [*SMALL, *CHANGES["heterogeneous_unet"], f"fixed_statistics={part}"]
    run = train(override(load_recipe("heterogeneous_unet"), changes), photographs, tmp_path / "run")
    state = torch.load(run, weights_only=True)["state_dict"]
    counts = [value for name, value in state.items() if name.endswith("num_batches_tracked")]
    assert counts
    assert {int(count) for count in counts} == {batches_seen}


def test_one_command_goes_from_a_logo_and_photos_to_a_model(logo, tmp_path, monkeypatch):
    for part in ("train", "validation"):
        (tmp_path / part).mkdir()
        Image.fromarray(photograph(140, 150)).save(tmp_path / part / "photo.png")
    monkeypatch.setattr(training, "publish", partial(publish, crops=16))
    changes = [*SMALL, "synthesis.size_px=32", "max_steps=1"]
    recipe = override(load_recipe("flagship_finetune"), changes)
    train(recipe, tmp_path, tmp_path / "mine", marks=logo)
    card = get(tmp_path / "mine" / "model.onnx")
    assert card.task == "locate"
    assert card.odds_slope != 1
    assert unveil.Remover(card.path)
