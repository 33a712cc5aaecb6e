"""Activations, gates, kernels and attributions against what is computed by hand."""

from functools import partial

import numpy as np
import pytest
import torch
from tiny import SIDE, TinyUNet, crops, subject
from torch import nn

from unveil.errors import ModelError, UsageError
from unveil.lab.figures.features import (
    attention_maps,
    decoder_focus,
    gate_maps,
    kernels,
    layer_activations,
)
from unveil.lab.figures.saliency import (
    Effect,
    attributions,
    blurred,
    coarsest_stage,
    grad_cam,
    gradient,
    integrated_gradients,
)
from unveil.lab.figures.stages import find_stages
from unveil.lab.networks.flagship import FlagshipNetwork
from unveil.lab.networks.heterogeneous_unet import HeterogeneousUNet
from unveil.lab.networks.noise2noise_unet import Noise2NoiseUNet
from unveil.lab.networks.segmentation import segmentation_network
from unveil.lab.networks.srresnet import SRResNet
from unveil.lab.networks.swcnn import SWCNN


@pytest.fixture
def network():
    torch.manual_seed(0)
    return TinyUNet().eval()


@pytest.fixture
def picture():
    return crops()["marked"][:1]


@pytest.fixture
def corner():
    """A target of 8 x 8 pixels."""
    target = torch.zeros(SIDE, SIDE, dtype=torch.bool)
    target[:8, :8] = True
    return target


def test_gates_are_shown_as_they_are(network, picture):
    with torch.no_grad():
        first = network.enc(picture)
        gate = network.gate(torch.cat([network.up(network.down(first)), first], dim=1))
    (name, values), *others = gate_maps(network, picture).items()
    assert (name, others) == ("gate", [])
    assert np.allclose(values, gate[0, 0])
    shown = attention_maps(network, picture).axes[1].get_images()[0]
    assert shown.get_clim() == (0, 1)


def test_a_network_without_gates_says_so(picture):
    with pytest.raises(ModelError, match="attention gates; it has none"):
        attention_maps(nn.Sequential(nn.Conv2d(3, 3, 1)), picture)


def test_activations_are_means_of_sizes_over_channels(network, picture):
    figure = layer_activations(network, picture)
    with torch.no_grad():
        expected = network.down(network.enc(picture)).abs().mean(1)[0]
    title = figure.axes[2].get_title()
    assert title.startswith(f"down\n6 x {SIDE // 2} x {SIDE // 2}, ")
    assert np.allclose(figure.axes[2].get_images()[0].get_array(), expected)


def test_the_decoder_focus_ends_before_the_output(network, picture):
    titles = [axes.get_title() for axes in decoder_focus(network, picture).axes if axes.images]
    assert titles == ["picture", "down", "up", "dec", "dec\nover the picture"]


def test_kernels_of_the_first_convolution_and_of_a_named_one(network):
    first = kernels(network)
    weights = network.enc[0].weight.detach().numpy()
    shown = np.asarray(first.axes[1].get_images()[0].get_array())
    expected = 0.5 + weights[1].transpose(1, 2, 0) / (2 * np.abs(weights[1]).max())
    assert np.allclose(shown, expected, atol=1e-6)
    assert "4 of 4 filters of 3 x 3 x 3" in first.get_suptitle()
    assert "dec: 4 of 4 filters of 8 x 3 x 3" in kernels(network, "dec").get_suptitle()
    with pytest.raises(ModelError, match=r"up: expected a convolution .*: enc.0, down.1"):
        kernels(network, "up")


def test_the_gradient_lies_where_the_network_reads(picture, corner):
    right = nn.Conv2d(3, 3, 5, padding=2, bias=False)  # each pixel becomes the one 2 to its right
    with torch.no_grad():
        right.weight.zero_()
        right.weight[range(3), range(3), 2, 4] = 1
    seen = gradient(right, picture, corner) > 0
    expected = np.zeros_like(seen)
    expected[:8, 2:10] = True
    assert np.array_equal(seen & ~expected, np.zeros_like(seen))
    assert seen[expected].mean() > 0.9  # but for pixels that equal their neighbour


def test_integrated_gradients_add_up_to_the_effect(picture, corner):
    torch.manual_seed(1)
    segmenter = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.Softplus(), nn.Conv2d(4, 1, 1))
    effect = Effect(segmenter, corner, picture)
    with torch.no_grad():
        gained = effect(picture) - effect(blurred(picture))
    total = integrated_gradients(segmenter, picture, corner).sum()
    assert total == pytest.approx(gained.item(), rel=1e-3)


def test_grad_cam_is_the_weighted_sum_of_the_layer(picture, corner):
    torch.manual_seed(0)
    network = TinyUNet(1).eval()
    assert coarsest_stage(network, picture) == "down"
    kept = {}

    def keep(_module, _inputs, output):
        output.retain_grad()
        kept["maps"] = output

    handle = network.down.register_forward_hook(keep)
    Effect(network, corner, picture)(picture).sum().backward()
    handle.remove()
    maps, slopes = kept["maps"].detach()[0], kept["maps"].grad[0]
    expected = (maps * slopes.mean((1, 2), keepdim=True)).sum(0).relu()
    got = grad_cam(network, picture, corner)
    assert got.shape == (SIDE, SIDE)
    assert expected.max() > 0
    enlarged = nn.functional.interpolate(expected[None, None], (SIDE, SIDE), mode="bilinear")
    assert np.allclose(got, enlarged[0, 0], atol=1e-7)


def test_attributions_have_a_row_per_target(network, picture, corner):
    figure = attributions(network, picture, {"a corner": corner, "the rest": ~corner})
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles[:4] == [
        "target: a corner",
        "gradient",
        "integrated gradients",
        "Grad-CAM, down",
    ]
    assert len(titles) == 8


def test_a_chosen_box_is_a_target_and_must_lie_inside():
    chosen = subject(chosen=(4, 6, 10, 20)).targets["chosen box"]
    rows, columns = chosen.nonzero().unbind(1)
    assert (columns.min(), rows.min(), columns.max(), rows.max()) == (4, 6, 13, 25)
    for outside in ((60, 0, 5, 5), (-4, 0, 8, 8), (0, 0, 0, 5), (0, 40, 5, 9)):
        with pytest.raises(UsageError, match="inside the crops of 48 x 48 pixels"):
            subject(chosen=outside)


@pytest.mark.heavy
@pytest.mark.parametrize(
    "make",
    [
        FlagshipNetwork,
        HeterogeneousUNet,
        SWCNN,
        SRResNet,
        Noise2NoiseUNet,
        partial(segmentation_network, pretrained=False),
    ],
)
def test_every_network_of_the_laboratory_can_be_looked_into(make):
    network = make().eval()
    picture = torch.rand(1, 3, 64, 64)
    stages = find_stages(network, picture)
    named = sum(stage.parameters for stage in stages)
    assert named == sum(p.numel() for p in network.parameters())
    assert 5 <= len(stages) <= 40
    assert all(stage.sources for stage in stages)
    with torch.no_grad():
        assert stages[-1].maps.shape[1] == network(picture).shape[1]
    target = torch.zeros(64, 64, dtype=torch.bool)
    target[20:30, 20:30] = True
    assert gradient(network, picture, target).max() > 0
    assert grad_cam(network, picture, target).shape == (64, 64)
