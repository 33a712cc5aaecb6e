"""A run from start to end: its folder, stopping, resuming, other weights, what can go wrong."""

import csv
import json
import shutil
import time
from dataclasses import replace
from importlib.metadata import version

import numpy as np
import pytest
import torch
from PIL import Image
from tiny_recipe import TinyNetwork, TinyRecipe

from unveil.errors import ModelError, OutputError, PictureError, UsageError
from unveil.lab.synthesis.config import SynthesisConfig
from unveil.lab.synthesis.marked import MarkedPictures
from unveil.lab.training import data
from unveil.lab.training.data import Batches
from unveil.lab.training.folder import last_checkpoint, load_run
from unveil.lab.training.history import COLUMNS
from unveil.lab.training.recipe_files import override
from unveil.lab.training.run import precision_on, train
from unveil.lab.training.schedule import WarmedOneCycleConfig
from unveil.lab.training.weights import load_network

TINY = TinyRecipe()


@pytest.fixture(scope="module")
def finished(photographs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "whole"
    train(TINY, photographs, folder)
    return folder


def _rows(folder):
    with (folder / "history.csv").open() as file:
        return list(csv.DictReader(file))


def test_a_run_leaves_its_folder(finished):
    rows = _rows(finished)
    assert tuple(rows[0])[: len(COLUMNS)] == COLUMNS
    assert [int(row["step"]) for row in rows] == [2, 4, 6]
    assert [int(row["samples"]) for row in rows] == [4, 8, 12]
    pictures = json.loads((finished / "test.json").read_text())
    assert pictures["pictures"] == 1
    assert {"psnr", "ssim", "input_psnr", "input_ssim", "loss"} <= pictures["mean"].keys()
    with (finished / "test.csv").open() as file:
        assert len(list(csv.DictReader(file))) == pictures["pictures"]
    assert all(float(row["train_loss"]) > 0 and float(row["val_loss"]) > 0 for row in rows)
    assert all(5 < float(row["val_psnr"]) < 60 for row in rows)
    assert rows[0]["val_ssim_loss"] == rows[0]["val_loss"]  # a part of the loss, not the score
    summary = json.loads((finished / "training_summary.json").read_text())
    assert summary["steps"] == summary["planned_steps"] == 6
    assert summary["parameters"] == sum(
        p.numel() for p in load_run(finished).network().parameters()
    )
    best = min(float(row["val_loss"]) for row in rows)
    assert summary["best"]["validation"]["loss"] == pytest.approx(best, rel=1e-6)
    environment = json.loads((finished / "environment.json").read_text())
    assert environment["seed"] == 3
    assert environment["packages"]["torch"] == version("torch")
    assert "The first run" in (finished / "changes.md").read_text()


def test_a_run_opens_again(finished):
    run = load_run(finished)
    assert run.recipe == TINY
    assert run.name == "whole"
    assert run.history["step"].tolist() == [2, 4, 6]
    assert f"loss{run.history['val_loss'].min():.4f}" in run.best_checkpoint.name
    batch = run.validation_batch(2)
    assert batch.marked.shape == (2, 3, 32, 32)
    network = run.network()
    with torch.no_grad():
        assert network(batch.marked).shape == batch.clean.shape
    assert not network.training
    assert isinstance(network, TinyNetwork)


def test_the_best_checkpoint_holds_the_average_that_was_validated(photographs, tmp_path):
    fast = ["validation_crops=2", "precision=32-true", "optimiser.rate=0.1"]
    train(override(TINY, fast), photographs, tmp_path / "run")
    run = load_run(tmp_path / "run")
    batch = run.validation_batch(2)
    with torch.no_grad():
        loss = (run.network()(batch.marked) - batch.clean).square().mean()
    assert float(loss) == pytest.approx(run.history["val_loss"].min(), rel=1e-4)


def test_the_same_seed_gives_the_same_losses_and_another_one_others(
    photographs, finished, tmp_path
):
    train(TINY, photographs, tmp_path / "again")
    train(override(TINY, ["seed=4"]), photographs, tmp_path / "other")
    first, again, other = (
        load_run(folder).history["train_loss"]
        for folder in (finished, tmp_path / "again", tmp_path / "other")
    )
    np.testing.assert_allclose(again, first, rtol=1e-6)
    assert (np.abs(other - first) > 1e-4).all()


class _Killed(BaseException):
    pass


def test_a_killed_run_resumes_to_the_same_curve(photographs, finished, tmp_path, monkeypatch):
    drawn = []

    def draw(source, seed, number):
        drawn.append(number)
        if len(drawn) > 2 + 5:  # two batches of validation, then training into step 5
            raise _Killed
        return data_draw(source, seed, number)

    data_draw = data.draw
    monkeypatch.setattr(data, "draw", draw)
    with pytest.raises(_Killed):
        train(TINY, photographs, tmp_path / "run")
    monkeypatch.undo()
    assert torch.load(last_checkpoint(tmp_path / "run"), weights_only=True)["global_step"] == 4
    train(TINY, photographs, tmp_path / "run", resume=True)
    whole, resumed = load_run(finished).history, load_run(tmp_path / "run").history
    assert whole.keys() == resumed.keys()
    for name in set(whole) - {"minutes"}:
        np.testing.assert_allclose(resumed[name], whole[name], rtol=1e-5, err_msg=name)
    assert (np.diff(resumed["minutes"]) > 0).all()


def test_a_run_that_does_not_improve_stops_early(photographs, tmp_path):
    recipe = override(TINY, ["patience=1", "optimiser.rate=1e-12", "average=0.0"])
    train(recipe, photographs, tmp_path / "run")
    assert load_run(tmp_path / "run").history["step"].tolist() == [2, 4]
    summary = json.loads((tmp_path / "run" / "training_summary.json").read_text())
    assert (summary["steps"], summary["planned_steps"]) == (4, 6)


def test_the_optimiser_starts_anew_after_a_warm_up_of_its_own(photographs, tmp_path):
    recipe = replace(TINY, optimiser=WarmedOneCycleConfig(first_epochs=1.0))
    last = train(recipe, photographs, tmp_path / "run")
    assert recipe.length(7).steps_per_epoch == 4
    (optimiser,) = torch.load(last, weights_only=True)["optimizer_states"]
    assert {int(state["step"]) for state in optimiser["state"].values()} == {6 - 4}


def test_weights_of_another_run_start_a_new_one(photographs, finished, tmp_path):
    last = train(override(TINY, ["max_steps=1"]), photographs, tmp_path / "more",
                 weights=load_run(finished).best_checkpoint)  # fmt: skip
    changes = (tmp_path / "more" / "changes.md").read_text()
    assert "The first run" in changes
    before, after = load_run(finished).network(), load_network(last)[0]
    moved = [
        (a - b).abs().max().item()
        for a, b in zip(before.parameters(), after.parameters(), strict=True)
    ]
    assert 0 < max(moved) < 0.01


def test_changes_name_what_differs_from_the_run_before(photographs, finished):
    other = finished.parent / "other"
    train(override(TINY, ["max_steps=1", "synthesis.clean=0.5"]), photographs, other)
    changes = (other / "changes.md").read_text()
    assert "Against `whole`" in changes
    assert f"| recipe.synthesis.clean | {TINY.synthesis.clean} | 0.5 |" in changes
    assert "| result.best.validation.loss |" in changes
    assert "seed" not in changes
    shutil.rmtree(other)


def test_on_a_terminal_a_bar_shows_steps_and_loss(photographs, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    train(TINY, photographs, tmp_path / "run")
    shown = capsys.readouterr().err
    assert "6/6" in shown
    assert "loss 0." in shown


def test_what_can_go_wrong_is_said(photographs, finished, tmp_path):
    with pytest.raises(PictureError, match="expected a folder with pictures"):
        train(TINY, tmp_path, tmp_path / "run")
    with pytest.raises(UsageError, match="expected a run to resume"):
        train(TINY, photographs, tmp_path / "run", resume=True)
    with pytest.raises(UsageError, match="it holds checkpoints already"):
        train(TINY, photographs, finished)
    with pytest.raises(UsageError, match="expected the folder of a run"):
        load_run(tmp_path)
    with pytest.raises(
        PictureError, match=r"at least 640 px .* 7 are smaller and 0 cannot be read"
    ):
        train(override(TINY, ["synthesis.size_px=1280"]), photographs, tmp_path / "run")
    damaged = tmp_path / "damaged.ckpt"
    damaged.write_bytes(last_checkpoint(finished).read_bytes()[:5000])
    with pytest.raises(ModelError, match="missing, damaged or something else"):
        load_network(damaged)
    torch.save({"state_dict": {"network.conv.weight": torch.zeros(1)}}, tmp_path / "other.ckpt")
    with pytest.raises(ModelError, match="weights of TinyNetwork, got those of another network"):
        train(TINY, photographs, tmp_path / "run", weights=tmp_path / "other.ckpt")


def test_a_full_disk_is_said_and_the_last_checkpoint_stays(photographs, tmp_path, monkeypatch):
    written = []

    def save(self, path, *args, **kwargs):
        if len(written) == 2:
            raise OSError(28, "No space left on device", str(path))
        written.append(path)
        trainer_save(self, path, *args, **kwargs)

    from lightning import Trainer

    trainer_save = Trainer.save_checkpoint
    monkeypatch.setattr(Trainer, "save_checkpoint", save)
    with pytest.raises(OutputError, match=r"No space left on device; make room there, then go on"):
        train(TINY, photographs, tmp_path / "run")
    monkeypatch.undo()
    train(TINY, photographs, tmp_path / "run", resume=True)
    assert load_run(tmp_path / "run").history["step"].tolist() == [2, 4, 6]


def test_broken_and_small_pictures_are_passed_over_and_counted(photographs, tmp_path, caplog):
    folder = tmp_path / "photographs"
    shutil.copytree(photographs, folder)
    broken = folder / "train" / "3.png"
    broken.write_bytes(broken.read_bytes()[:100])
    Image.fromarray(np.zeros((9, 90, 3), np.uint8)).save(folder / "train" / "4.png")
    train(override(TINY, ["max_steps=1"]), folder, tmp_path / "run", validation=photographs)
    assert "passed over 1 of 10 files; the first:" in caplog.text
    assert "passed over 1 of 10 files: under 16 px" in caplog.text


def test_no_precision_is_chosen_that_the_processor_emulates():
    network = torch.nn.Conv2d(64, 64, 3, padding=1).to(memory_format=torch.channels_last)
    picture = torch.rand(4, 64, 64, 64).contiguous(memory_format=torch.channels_last)

    def seconds(mixed: bool) -> float:
        begun = time.process_time()
        with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
            network(picture).float().mean().backward()
        return time.process_time() - begun

    chosen = precision_on(torch.device("cpu"), "bf16-mixed") == "bf16-mixed"
    assert min(seconds(chosen) for _ in range(3)) < 2.5 * min(seconds(False) for _ in range(3))
    assert precision_on(torch.device("cuda"), "bf16-mixed") == "bf16-mixed"
    assert precision_on(torch.device("cpu"), "32-true") == "32-true"


def test_ranks_share_the_batches(monkeypatch):
    class Source:
        chance = type("Chance", (), {"reseed": lambda self, *seed: setattr(self, "seed", seed)})()

        def draw(self):
            return self.chance.seed

    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.distributed, "get_world_size", lambda: 2)
    seen = []
    for rank in (0, 1):
        monkeypatch.setattr(torch.distributed, "get_rank", lambda rank=rank: rank)
        batches = iter(Batches(Source(), seed=5, first=1))
        seen += [next(batches) for _ in range(3)]
    assert sorted(seen) == [(5, number) for number in range(2, 8)]


def test_a_source_depends_on_seed_and_number_alone():
    from unveil.lab.synthesis.textures import Textures

    pictures = Textures([np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)])
    sprites = Textures([np.full((30, 40, 4), 255, np.uint8)], 4)
    source = MarkedPictures(pictures, sprites, SynthesisConfig(size_px=32), 2, 0)
    one = data.draw(source, 7, 3)
    other = data.draw(source, 7, 4)
    again = data.draw(source, 7, 3)
    assert torch.equal(one.marked, again.marked)
    assert not torch.equal(one.marked, other.marked)
