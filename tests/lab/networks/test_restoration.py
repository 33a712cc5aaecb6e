"""The published restoration networks against their published sizes and their authors' names."""

import re

import pytest
import torch
from torch import nn

from unveil.lab.networks import heterogeneous_unet, noise2noise_unet, srresnet, swcnn
from unveil.lab.networks.heterogeneous_unet import HeterogeneousUNet
from unveil.lab.networks.noise2noise_unet import Noise2NoiseUNet
from unveil.lab.networks.srresnet import SRResNet
from unveil.lab.networks.swcnn import SWCNN

NETWORKS = {
    HeterogeneousUNet: (3_647_878, heterogeneous_unet),
    SWCNN: (700_611, swcnn),
    SRResNet: (1_227_459, srresnet),
    Noise2NoiseUNet: (31_031_875, noise2noise_unet),
}
"""Trainable parameters: the first two published, the others summed up by hand from Keras' layers
(SRResNet: 1,792 + 64 + 16 * 74,176 + 37,056 + 1,731; moving statistics are not trained)."""


@pytest.mark.parametrize("network", NETWORKS)
def test_the_number_of_parameters_is_the_published_one(network):
    count = sum(p.numel() for p in network().parameters() if p.requires_grad)
    assert count == NETWORKS[network][0]
    assert f"{count:,}" in NETWORKS[network][1].__doc__


@pytest.mark.parametrize("network", NETWORKS)
def test_every_multiple_of_the_size_comes_back_in_shape(network):
    multiple = NETWORKS[network][1].SIZE_MULTIPLE
    made = network().eval()
    for height, width in ((1, 1), (2, 3)):
        picture = torch.rand(2, 3, max(height * multiple, 2), max(width * multiple, 2))
        with torch.no_grad():
            assert made(picture).shape == picture.shape


@pytest.mark.parametrize("network", NETWORKS)
def test_every_parameter_is_used(network):
    torch.manual_seed(0)
    made = network().train()
    made(torch.rand(2, 3, 32, 32)).square().sum().backward()
    assert [name for name, p in made.named_parameters() if p.grad is None] == []


def test_a_checkpoint_of_the_heterogeneous_unets_author_loads(tmp_path):
    torch.manual_seed(0)
    block = re.compile(r"(enc1|enc2\.1|enc3\.1|bottleneck\.1|dec[123])\.conv\.[0134]")
    others = re.compile(r"bottleneck\.2|up[123]\.up\.0|attn_gate[123]\.[02]|final_conv")
    made = HeterogeneousUNet()
    names = made.state_dict().keys()
    modules = {name.rpartition(".")[0] for name in names}
    assert all(block.fullmatch(name) or others.fullmatch(name) for name in modules)
    assert len(modules) == 7 * 4 + 1 + 3 + 3 * 2 + 1
    assert made.state_dict()["attn_gate1.0.weight"].shape == (144, 288, 3, 3)
    assert made.state_dict()["up1.up.0.weight"].shape == (256, 144, 2, 2)
    torch.save(made.state_dict(), tmp_path / "wm_best_model.pth")
    again = HeterogeneousUNet()
    again.load_state_dict(torch.load(tmp_path / "wm_best_model.pth", weights_only=True))
    picture = torch.rand(1, 3, 16, 24)
    assert torch.equal(made.eval()(picture), again.eval()(picture))


def test_the_heterogeneous_unet_answers_between_black_and_white():
    answer = HeterogeneousUNet().eval()(torch.rand(1, 3, 16, 16))
    assert 0 < answer.min() < answer.max() < 1


def test_swcnn_uses_one_encoder_block_four_times_and_one_decoder_block_three_times():
    made, calls = SWCNN(), {}
    for name, module in made.named_children():
        module.register_forward_hook(
            lambda *_, name=name: calls.__setitem__(name, calls.get(name, 0) + 1)
        )
    made(torch.rand(1, 3, 32, 32))
    assert [calls[f"_block{number}"] for number in range(1, 7)] == [1, 4, 1, 1, 3, 1]


def test_upsampling_of_the_noise2noise_unet_pads_below_and_right():
    up = Noise2NoiseUNet().up[0]
    convolution = up[2]
    assert isinstance(convolution, nn.Conv2d)
    nn.init.zeros_(convolution.weight)
    with torch.no_grad():
        convolution.weight[0, 0] = 1.0
    got = up(torch.ones(1, 128, 2, 2))[0, 0]
    expected = torch.full((4, 4), 4.0)
    expected[-1], expected[:, -1], expected[-1, -1] = 2.0, 2.0, 1.0
    assert torch.equal(got, expected)
