"""From a network to an ONNX file and its card."""

import numpy as np
import pytest
import torch

from unveil.errors import ModelError, UsageError
from unveil.lab.networks.flagship import FlagshipNetwork
from unveil.lab.training import export as exporting
from unveil.lab.training.flagship import FlagshipRecipe
from unveil.lab.training.publish import publish
from unveil.models.session import Session


def _network(seed=0):
    torch.manual_seed(seed)
    network = FlagshipNetwork()
    with torch.no_grad():
        for parameter in network.decoder.parameters():  # they start as identities: make them differ
            parameter.add_(0.02 * torch.randn_like(parameter))
    return network


def _card(path):
    task = FlagshipRecipe().model_task
    return exporting.card_for(_network(), task, path, "a test", "nothing", "Apache-2.0")


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


class _Halver(torch.nn.Module):
    """Takes a white mark of opacity one half off, and puts an error of 3/255 everywhere."""

    def forward(self, rgb):
        return torch.where(rgb > 0.5, 2 * rgb - 1, rgb) + 3 / 255


def test_a_restorers_threshold_lies_above_its_errors_and_below_the_marks_change():
    clean = torch.full((2, 3, 40, 40), 0.3)
    marked = clean.clone()
    marked[:, :, 10:20, 10:30] = 0.65
    assert 3 / 255 < exporting.best_threshold(_Halver(), marked, clean) <= 48 / 255


def test_a_denoiser_changes_everything():
    clean = torch.full((2, 3, 40, 40), 0.3)
    noisy = clean + 0.02 * torch.randn(clean.shape, generator=torch.Generator().manual_seed(0))
    network = torch.nn.AvgPool2d(5, 1, 2, count_include_pad=False)
    assert exporting.best_threshold(network, noisy, clean) == 0


def test_a_model_is_an_onnx_file_and_a_checkpoint_must_be_one(tmp_path):
    with pytest.raises(UsageError, match=r"model.pt: expected a model's name to end in \.onnx"):
        publish(tmp_path / "last.ckpt", tmp_path / "model.pt")
    with pytest.raises(ModelError, match="expected a run's checkpoint"):
        publish(tmp_path / "last.ckpt", tmp_path / "model.onnx")
