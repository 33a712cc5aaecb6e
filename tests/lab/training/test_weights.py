"""Weights from checkpoints old and new, and from exported models."""

import pytest
import torch

from unveil.errors import ModelError
from unveil.lab.networks.flagship import FlagshipNetwork
from unveil.lab.training.flagship import FlagshipRecipe
from unveil.lab.training.weights import fill, load_network
from unveil.models.catalogue import MODELS


@pytest.fixture
def old_checkpoint(tmp_path):
    """As training wrote them before checkpoints named their recipe."""
    state = {f"network.{name}": t for name, t in FlagshipNetwork().state_dict().items()}
    path = tmp_path / "old.ckpt"
    torch.save({"state_dict": state, "global_step": 3}, path)
    return path, state


def test_a_checkpoint_without_its_recipe_is_the_flagships(old_checkpoint):
    path, state = old_checkpoint
    network, recipe = load_network(path)
    assert isinstance(recipe, FlagshipRecipe)
    assert all(
        torch.equal(tensor, state[f"network.{name}"])
        for name, tensor in network.state_dict().items()
    )


def test_training_may_start_from_the_bundled_model():
    network = FlagshipNetwork()
    before = network.head[0].weight.detach().clone()
    fill(network, MODELS["default"])
    assert not torch.equal(network.head[0].weight, before)


def test_weights_of_another_network_are_refused(old_checkpoint):
    with pytest.raises(ModelError, match="weights of Conv2d, got those of another network"):
        fill(torch.nn.Conv2d(3, 3, 1), old_checkpoint[0])


def test_a_checkpoint_of_an_unknown_recipe_is_refused(tmp_path):
    torch.save({"state_dict": {}, "recipe": '{"kind": "Later"}'}, tmp_path / "later.ckpt")
    with pytest.raises(ModelError, match="a checkpoint of a known recipe"):
        load_network(tmp_path / "later.ckpt")


def test_what_is_no_model_is_refused(tmp_path):
    (tmp_path / "broken.onnx").write_bytes(b"broken")
    with pytest.raises(ModelError, match="expected an exported model"):
        fill(torch.nn.Conv2d(3, 3, 1), tmp_path / "broken.onnx")
