"""The flagship's network."""

import pytest
import torch

from unveil.lab.networks.flagship import FlagshipNetwork


def test_the_bundled_size_has_the_stated_number_of_parameters():
    count = sum(p.numel() for p in FlagshipNetwork().parameters())
    assert count == pytest.approx(4.1e6, rel=0.01)


def test_the_network_starts_by_calling_nothing_marked():
    with torch.no_grad():
        output = FlagshipNetwork()(torch.rand(1, 3, 64, 96))
    assert output.shape == (1, 5, 64, 96)
    assert output[:, 0].sigmoid().mean() < 0.3
