"""The bundled network computed in eight bits, against itself in single precision."""

import numpy as np
import onnx
import pytest
import torch

from synthetic import lettering, photograph, stamped
from unveil.lab.networks.flagship import FlagshipNetwork
from unveil.lab.training.eight_bits import in_eight_bits
from unveil.lab.training.export import card_for, export_network, load_exported
from unveil.lab.training.flagship import FlagshipRecipe
from unveil.location.looks import log_odds
from unveil.models.catalogue import MODELS
from unveil.models.session import Session

SIZE_HW = (160, 192)
COVER = lettering(*SIZE_HW)


def _pictures(seeds):
    """Every other one of them is marked."""
    clean = [photograph(*SIZE_HW, seed=seed) for seed in seeds]
    return [
        stamped(rgb, 0.5 * COVER, (1.0, 1.0, 1.0)) if n % 2 else rgb for n, rgb in enumerate(clean)
    ]


@pytest.mark.heavy
def test_eight_bits_see_nearly_the_same_and_keep_the_weights(tmp_path):
    bundled = load_exported(MODELS["default"])
    network = FlagshipNetwork()
    network.load_state_dict(bundled)
    task = FlagshipRecipe().model_task
    card = export_network(network, card_for(network, task, tmp_path / "plain.onnx", "", "", ""))
    plain = Session(card.path)
    card = in_eight_bits(card, _pictures(range(8)))
    assert card.is_intact()
    assert "QuantizeLinear" in {node.op_type for node in onnx.load(card.path).graph.node}
    kept = load_exported(card.path)
    assert all(torch.equal(kept[name], weights) for name, weights in bundled.items())
    rounded = Session(card.path)
    errors = []
    for rgb in _pictures(range(20, 24)):
        before, after = (session.run(rgb.astype(np.float32) / 255) for session in (plain, rounded))
        odds, again = log_odds(before.probability), log_odds(after.probability)
        told = np.maximum(odds, again) > -2
        errors += [(odds - again)[told], (before.matte - after.matte)[told]]
    assert np.abs(np.concatenate(errors[::2])).mean() < 0.5
    assert np.abs(np.concatenate(errors[1::2])).mean() < 0.05
