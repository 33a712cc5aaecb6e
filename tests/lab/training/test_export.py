"""From a network to an ONNX file and its card."""

import numpy as np
import pytest
import torch

from unveil.errors import ModelError
from unveil.lab.networks.flagship import FlagshipNetwork
from unveil.lab.training import export as exporting
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
