"""Losses, network, recipe, run and export."""

import numpy as np
import pytest
import torch
from PIL import Image

from unveil.errors import ModelError, UsageError
from unveil.lab.losses.location import f1_counts, location_loss, soft_dice_loss
from unveil.lab.networks.flagship import FlagshipNetwork
from unveil.lab.synthesis.config import SynthesisConfig
from unveil.lab.training import export as exporting
from unveil.lab.training.locator import one_cycle
from unveil.lab.training.recipe import FlagshipRecipe, load_recipe, override
from unveil.lab.training.run import load_network, train
from unveil.models.session import Session


def _network(seed=0):
    torch.manual_seed(seed)
    network = FlagshipNetwork()
    with torch.no_grad():
        for parameter in network.decoder.parameters():  # they start as identities: make them differ
            parameter.add_(0.02 * torch.randn_like(parameter))
    return network


def _card(path):
    return exporting.card_for(_network(), path, "a test", "nothing", "Apache-2.0")


def test_dice_of_a_perfect_and_of_a_disjoint_mask():
    target = torch.zeros(1, 1, 100, 100)
    target[..., :50] = 1
    assert soft_dice_loss(target, target).item() == pytest.approx(0, abs=1e-3)
    assert soft_dice_loss(1 - target, target).item() == pytest.approx(1, abs=1e-3)


def test_the_loss_is_least_at_the_truth_and_ignores_undefined_mattes():
    torch.manual_seed(0)
    matte = torch.rand(2, 1, 8, 8) * 0.8 + 0.1
    colour = torch.rand(2, 3, 8, 8) * 0.8 + 0.1
    visible = torch.ones(2, 1, 8, 8, dtype=torch.bool)
    truth = torch.cat([torch.full_like(matte, 9.0), matte.logit(), colour.logit()], dim=1)
    values = {"visible": visible, "matte": matte, "colour": colour}
    defined = torch.ones(2, 1, 1, 1, dtype=torch.bool)
    best, parts = location_loss(truth, defined=defined, **values)
    assert best.item() < 0.01
    assert set(parts) == {"mask", "matte", "colour"}
    wrong = truth.clone()
    wrong[:, 1:] += 1
    assert location_loss(wrong, defined=defined, **values)[0] > best + 0.05
    assert location_loss(wrong, defined=~defined, **values)[0].item() < 0.01


def test_f1_counts_add_up_to_sklearn_like_definitions():
    logit = torch.tensor([[1.0, 1.0, -1.0, -1.0]])
    visible = torch.tensor([[True, False, True, False]])
    assert f1_counts(logit, visible).tolist() == [1, 1, 1]


def test_the_bundled_size_has_the_stated_number_of_parameters():
    count = sum(p.numel() for p in FlagshipNetwork().parameters())
    assert count == pytest.approx(4.1e6, rel=0.01)


def test_the_network_starts_by_calling_nothing_marked():
    with torch.no_grad():
        output = FlagshipNetwork()(torch.rand(1, 3, 64, 96))
    assert output.shape == (1, 5, 64, 96)
    assert output[:, 0].sigmoid().mean() < 0.3


def test_overrides_are_typed_and_name_what_exists():
    recipe = override(FlagshipRecipe(), ["max_steps=5", "synthesis.clean=1", "optimiser.rate=1e-4"])
    assert (recipe.max_steps, recipe.synthesis.clean, recipe.optimiser.rate) == (5, 1.0, 1e-4)
    for wrong, message in {
        "max_stepz=5": "max_stepz: unknown field; expected one of synthesis",
        "max_steps=many": "expected int, as in 30000; got many",
        "synthesis=3": "expected synthesis.FIELD=value",
        "max_steps": "no equals sign",
        "synthesis.size_px=100": "multiples of 32; got 100",
    }.items():
        with pytest.raises(UsageError, match=message):
            override(FlagshipRecipe(), [wrong])


def test_the_rate_rises_once_and_falls_to_a_hundredth():
    rates = [one_cycle(step / 100, 0.1) for step in range(101)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[10] == 1.0
    assert rates[:11] == sorted(rates[:11])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(0.01)


def test_a_recipe_file_must_hold_a_recipe(tmp_path):
    (tmp_path / "empty.py").write_text("")
    with pytest.raises(UsageError, match="variable RECIPE"):
        load_recipe(tmp_path / "empty.py")
    with pytest.raises(UsageError, match="there is none by this name"):
        load_recipe(tmp_path / "missing.py")


def test_every_recipe_loads(pytestconfig):
    files = sorted((pytestconfig.rootpath / "recipes").rglob("*.py"))
    assert files
    for file in files:
        assert isinstance(load_recipe(file), FlagshipRecipe)


@pytest.mark.heavy
def test_two_steps_of_training_leave_a_run_that_can_be_resumed_and_exported(tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    random = np.random.default_rng(0)
    for number in range(3):
        array = random.integers(0, 256, (80, 90, 3), dtype=np.uint8)
        Image.fromarray(array).save(pictures / f"{number}.png")
    recipe = FlagshipRecipe(
        synthesis=SynthesisConfig(size_px=32), batch_size=2, max_steps=2, sprites=4,
        validation_crops=4,
    )  # fmt: skip
    last = train(recipe, pictures, tmp_path / "run")
    assert last.is_file()
    assert "val_loss" in (tmp_path / "run" / "log" / "version_0" / "metrics.csv").read_text()
    longer = override(recipe, ["max_steps=4"])
    train(longer, pictures, tmp_path / "run", resume=True)
    assert torch.load(last, weights_only=True)["global_step"] == 4
    network = load_network(last)
    card = exporting.export_network(network, _card(tmp_path / "model.onnx"))
    train(recipe, pictures, tmp_path / "more", weights=card.path)


def test_an_exported_model_computes_what_torch_does(tmp_path):
    network = _network()
    card = exporting.export_network(network, _card(tmp_path / "tiny.onnx"))
    assert card.is_intact()
    assert b".py" not in card.path.read_bytes()  # no traces of the machine that made it
    picture = np.random.default_rng(0).random((45, 70, 3)).astype(np.float32)
    seen = Session(card.path).run(picture)
    padded = np.pad(picture, ((0, 19), (0, 26), (0, 0)), mode="edge")
    with torch.no_grad():
        expected = network(torch.from_numpy(padded).permute(2, 0, 1)[None]).sigmoid()[
            0, :, :45, :70
        ]
    got = np.concatenate([seen.probability[None], seen.matte[None], seen.colour.transpose(2, 0, 1)])
    assert np.abs(got - expected.numpy()).max() < 1e-3


def test_exported_weights_load_again(tmp_path):
    network = _network()
    card = exporting.export_network(network, _card(tmp_path / "tiny.onnx"))
    weights = exporting.load_exported(card.path)
    state = network.state_dict()
    assert weights.keys() == state.keys()
    assert all(torch.allclose(weights[name], state[name], atol=1e-3) for name in state)


def test_nothing_is_written_where_torch_and_onnxruntime_disagree(tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "TOLERANCE", -1.0)
    with pytest.raises(ModelError, match="nothing was written"):
        exporting.export_network(_network(), _card(tmp_path / "tiny.onnx"))
    assert not list(tmp_path.iterdir())
