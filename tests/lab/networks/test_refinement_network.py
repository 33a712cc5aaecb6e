"""The refining network: it starts by doing nothing, and never touches what may not change."""

import torch

from unveil.blending import compose
from unveil.lab.networks.refinement import RefinementNetwork
from unveil.restore.refine import EVIDENCE


def _evidence():
    generator = torch.Generator().manual_seed(0)
    evidence = torch.rand(2, EVIDENCE, 40, 56, generator=generator)
    evidence[:, -1] = 0
    evidence[:, -1, 10:30, 10:40] = 1
    return evidence


def test_a_new_network_gives_back_what_was_restored():
    evidence = _evidence()
    refined = RefinementNetwork()(evidence)
    assert torch.equal(refined[:, :3], evidence[:, 3:6])
    assert torch.equal(refined[:, 3] > 0, evidence[:, -2] > 0.5)


def test_only_editable_pixels_change():
    network = RefinementNetwork()
    torch.nn.init.normal_(network.head.weight)
    evidence = _evidence()
    changed = (network(evidence)[:, :3] != evidence[:, 3:6]).any(1)
    assert torch.equal(changed, evidence[:, -1] > 0)


def test_one_step_along_background_less_colour_mends_a_wrong_matte():
    """d = (1 - a') / (1 - a) - 1 turns the inverse by a' into that by a."""
    background, colour = torch.rand(1, 3, 16, 16), torch.rand(1, 3, 1, 1).expand(1, 3, 16, 16)
    true, wrong = 0.5, 0.4
    marked = compose(background, colour, torch.tensor(true))
    inverse = (marked - wrong * colour) / (1 - wrong)
    evidence = torch.zeros(1, EVIDENCE, 16, 16)
    evidence[:, :3], evidence[:, 3:6], evidence[:, 6:9] = marked, inverse, colour
    evidence[:, -1] = 1
    network = RefinementNetwork()
    with torch.no_grad():
        network.head.bias[0] = (1 - wrong) / (1 - true) - 1
    assert (network(evidence)[:, :3] - background).abs().max() < 1e-5
