"""`unveil compare` and `unveil visualize` on the folders that training leaves."""

import re

import pytest
import torch
from tiny import crops, history
from typer.testing import CliRunner

from unveil.cli import app
from unveil.lab.figures import visualize as visualizing
from unveil.lab.figures.plans import FIGURES
from unveil.lab.networks.swcnn import SWCNN
from unveil.lab.synthesis.pairs import Pair
from unveil.lab.training.folder import save_validation_batch
from unveil.lab.training.history import write_history
from unveil.lab.training.recipe_files import to_json
from unveil.lab.training.swcnn import SWCNNRecipe


def call(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.fixture
def make_run(tmp_path):
    """Leaves the folder of a run of SWCNN, as training does."""

    def make(name, rows=5):
        folder = tmp_path / name
        (folder / "checkpoints").mkdir(parents=True)
        text = to_json(SWCNNRecipe())
        (folder / "recipe.json").write_text(text)
        columns = history(rows)
        write_history(folder, [{n: v[i] for n, v in columns.items()} for i in range(rows)])
        torch.manual_seed(0)
        weights = {f"network.{n}": value for n, value in SWCNN().state_dict().items()}
        torch.save(
            {"state_dict": weights, "recipe": text},
            folder / "checkpoints" / "best-epoch5-loss0.22.ckpt",
        )
        batch = {name: crop[..., :32, :32] for name, crop in crops().items()}
        save_validation_batch(folder, Pair(target=batch["clean"], **batch))
        return folder

    return make


def test_visualize_draws_a_run(make_run, monkeypatch):
    wanted = [plan for plan in FIGURES if plan.name in ("side-by-side", "masks")]
    monkeypatch.setattr(visualizing, "FIGURES", wanted)
    folder = make_run("mine")
    answer = call("visualize", folder, "--target", "2,2,8,8")
    assert answer.exit_code == 0, answer.stderr
    assert answer.stdout == f"1 figures: {folder / 'figures' / 'index.html'}\n"
    assert "left out: Masks: expected a network that finds masks" in answer.stderr
    page = (folder / "figures" / "index.html").read_text()
    assert "<dd>SWCNN, 700,611 parameters</dd>" in page
    assert "best-epoch5-loss0.22.ckpt" in page


def test_compare_prints_a_table_and_draws_the_curves(make_run, tmp_path):
    runs = make_run("one/same"), make_run("two/same", rows=3)
    figure = tmp_path / "curves.png"
    answer = call("compare", *runs, "-o", figure)
    assert answer.exit_code == 0, answer.stderr
    head, first, second = (re.split(r"\s{2,}", line) for line in answer.stdout.splitlines())
    assert head == ["run", "recipe", "epochs", "samples", "minutes", "loss", "PSNR"]
    assert first == [
        "one/same",
        "SWCNN",
        "5",
        "400",
        "2.5",
        "0.2200 (epoch 5)",
        "24.00 dB (epoch 4)",
    ]
    assert second[-2:] == ["0.3667 (epoch 3)", "23.00 dB (epoch 3)"]
    assert figure.read_bytes().startswith(b"\x89PNG")
    assert str(figure) in answer.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compare", "{run}", "--against", "hours"], "--against hours: expected one of epoch"),
        (["compare", "{run}", "-o", "curves.jpeg"], "expected a figure ending in .png or .pdf"),
        (["compare", "{run}", "{run}"], "one was named twice"),
        (["compare", "nowhere"], "nowhere: expected the folder of a run"),
        (["visualize", "nowhere"], "nowhere: expected the folder of a run"),
        (["visualize", "{run}", "--target", "30,0,9,9"], "inside the crops of 32 x 32 pixels"),
        (["visualize", "{run}", "--target", "1,2"], "--target 1,2: expected LEFT,TOP,WIDTH,HEIGHT"),
    ],
)
def test_wrong_use_is_one_line(make_run, arguments, message):
    run = make_run("mine")
    answer = call(*(str(run) if word == "{run}" else word for word in arguments))
    assert answer.exit_code == 2
    assert message in answer.stderr
    assert answer.stderr.count("\n") == 1
