"""The bundled networks computed in eight bits, against themselves in single precision."""

import numpy as np
import onnx
import pytest
import torch

from synthetic import lettering, photograph, stamped
from unveil.completion import Completer, known_of
from unveil.lab.synthesis.restored import known_marks
from unveil.lab.training.completion import CompletionRecipe
from unveil.lab.training.eight_bits import in_eight_bits
from unveil.lab.training.export import card_for, export_network, load_exported
from unveil.lab.training.flagship import FlagshipRecipe
from unveil.lab.training.refinement import RefinementRecipe
from unveil.location.network import find_marks
from unveil.models.catalogue import MODELS
from unveil.models.session import Session
from unveil.odds import log_odds
from unveil.restore.refine import EVIDENCE

SIZE_HW = (160, 192)
COVER = lettering(*SIZE_HW)


def _pictures(seeds):
    """Every other one of them is marked."""
    clean = [photograph(*SIZE_HW, seed=seed) for seed in seeds]
    return [
        stamped(rgb, 0.5 * COVER, (1.0, 1.0, 1.0)) if n % 2 else rgb for n, rgb in enumerate(clean)
    ]


def _planes(rgb):
    return rgb.transpose(2, 0, 1).astype(np.float32) / 255


def _in_single_precision(weights, recipe, folder):
    """The recipe's network with these weights, exported; its card."""
    network = recipe.network()
    network.load_state_dict(weights)
    card = card_for(network, recipe.model_task, folder / "plain.onnx", "", "", "")
    return export_network(network, card)


def _check_kept(path, weights):
    """The model rounds, but its file has these weights."""
    assert "QuantizeLinear" in {node.op_type for node in onnx.load(path).graph.node}
    kept = load_exported(path)
    assert all(torch.equal(kept[name], tensor) for name, tensor in weights.items())


@pytest.mark.heavy
def test_eight_bits_see_nearly_the_same_and_keep_the_weights(tmp_path):
    bundled = load_exported(MODELS["default"])
    card = _in_single_precision(bundled, FlagshipRecipe(), tmp_path)
    plain = Session(card.path)
    card = in_eight_bits(card, [_planes(rgb) for rgb in _pictures(range(8))])
    assert card.is_intact()
    _check_kept(card.path, bundled)
    rounded = Session(card.path)
    errors = []
    for rgb in _pictures(range(20, 24)):
        before, after = (session.run(rgb.astype(np.float32) / 255) for session in (plain, rounded))
        odds, again = log_odds(before.probability), log_odds(after.probability)
        told = np.maximum(odds, again) > -2
        errors += [(odds - again)[told], (before.matte - after.matte)[told]]
    assert np.abs(np.concatenate(errors[::2])).mean() < 0.5
    assert np.abs(np.concatenate(errors[1::2])).mean() < 0.05


@pytest.mark.heavy
def test_refinement_in_eight_bits_corrects_nearly_as_before(tmp_path):
    bundled = load_exported(MODELS["refine"])
    card = _in_single_precision(bundled, RefinementRecipe(), tmp_path)
    plain = Session(card.path)
    cases = [case for seed in range(6) for case in _cases(seed)]
    assert len(cases) >= 6
    known = [case[..., :EVIDENCE].astype(np.float32) / 255 for case in cases]
    card = in_eight_bits(card, [each.transpose(2, 0, 1) for each in known[::2]])
    _check_kept(card.path, bundled)
    rounded = Session(card.path)
    for case, seen in zip(cases[1::2], known[1::2], strict=True):
        before, after = (session.restore(seen) for session in (plain, rounded))
        editable, truth = seen[..., -1] > 0, case[..., EVIDENCE : EVIDENCE + 3] / 255
        errors = [np.abs(each[..., :3] - truth)[editable].mean() for each in (before, after)]
        assert errors[1] < 1.05 * errors[0] + 0.2 / 255
        assert np.abs(before[..., 3] - after[..., 3])[editable].mean() < 0.03


@pytest.mark.heavy
def test_completion_in_eight_bits_sees_nearly_the_same(tmp_path):
    bundled = load_exported(MODELS["complete"])
    card = _in_single_precision(bundled, CompletionRecipe(), tmp_path)
    plain, session = Session(card.path), Session()
    nothing = np.zeros(SIZE_HW, np.bool_)
    known = [
        known_of(mark, (rgb[mark.area] / 255).astype(np.float32), nothing[mark.area], (96, 128))
        for rgb in _pictures(range(16))
        for mark in find_marks(rgb, session)
    ]
    assert len(known) >= 6
    card = in_eight_bits(card, [each.transpose(2, 0, 1) for each in known[::2]])
    _check_kept(card.path, bundled)
    rounded = Session(card.path)
    for seen in known[1::2]:
        before, after = (session.restore(seen) for session in (plain, rounded))
        assert np.abs(before - after).mean() < 0.02


def _cases(seed):
    """What is known of the lettering over a photograph, its mask given."""
    clean = photograph(*SIZE_HW, seed=seed)
    marked = stamped(clean, 0.5 * COVER, (1.0, 1.0, 1.0))
    return known_marks(
        marked, clean, COVER[..., 0] > 0.02, True, Session(), Completer(Session("complete"))
    )
