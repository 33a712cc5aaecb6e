"""The network that takes noise off: it starts by doing nothing."""

import torch

from unveil.lab.networks.denoising import SIZE_MULTIPLE, DenoisingNetwork


def test_a_new_network_gives_back_what_it_gets():
    noisy = torch.rand(2, 3, 3 * SIZE_MULTIPLE, 5 * SIZE_MULTIPLE)
    assert torch.equal(DenoisingNetwork()(noisy), noisy)


def test_every_parameter_is_used():
    network = DenoisingNetwork()
    torch.nn.init.normal_(network.head.weight)
    network(torch.rand(1, 3, 32, 32)).square().sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
