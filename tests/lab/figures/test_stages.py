"""Stages, diagram and table of networks whose structure is known."""

import pytest
import torch
from tiny import TinyUNet
from torch import nn

from unveil.errors import ModelError
from unveil.lab.figures.stages import PICTURE, find_stages
from unveil.lab.figures.structure import network_diagram, parameter_rows, parameter_table

PICTURES = torch.rand(1, 3, 16, 24)


class Twice(nn.Module):
    """One block used twice, then read again together with its first output."""

    def __init__(self) -> None:
        super().__init__()
        self.block = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.ReLU())
        self.scale = nn.Parameter(torch.ones(5))

    def forward(self, rgb):
        first = self.block(rgb)
        return first + self.block(first) * self.scale.sum()


class Levels(nn.Module):
    """A list of modules inside an encoder that returns several maps, behind a wrapper."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Module()
        self.encoder.levels = nn.ModuleList(nn.Conv2d(3, 3, 1) for _ in range(4))
        self.encoder.forward = self._encode
        self.head = nn.Conv2d(3, 1, 1)

    def _encode(self, rgb):
        return [rgb := level(rgb) for level in self.encoder.levels]

    def forward(self, rgb):
        return self.head(sum(self.encoder(rgb)))


def test_the_stages_of_a_unet_and_who_reads_whom():
    stages = find_stages(TinyUNet(), PICTURES)
    assert [stage.name for stage in stages] == ["enc", "down", "up", "gate", "dec", "last"]
    assert [stage.sources for stage in stages] == [
        (PICTURE,),
        (0,),
        (1,),
        (0, 2),
        (0, 2, 3),
        (4,),
    ]
    assert stages[1].maps.shape == (1, 6, 8, 12)
    assert [stage.parameters for stage in stages] == [112, 222, 100, 9, 292, 15]


def test_a_module_used_twice_is_two_stages_and_counts_once():
    first, again = find_stages(Twice(), PICTURES)[:2]
    rows = parameter_rows(Twice(), PICTURES)
    assert (first.label, again.label) == ("block.0", "block.0 (again)")
    assert again.sources == (0,)
    assert [row[3] for row in rows] == ["84", "shared", "5", "89"]


def test_lists_and_wrappers_are_taken_apart():
    stages = find_stages(nn.Sequential(Levels()), PICTURES)
    names = [stage.name.removeprefix("0.") for stage in stages]
    assert names == [*(f"encoder.levels.{i}" for i in range(4)), "head"]
    assert stages[-1].sources == (0, 1, 2, 3)


def test_looking_leaves_the_network_as_it_was():
    network = TinyUNet().train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    find_stages(network, PICTURES)
    assert network.training
    assert not any(module._forward_hooks for module in network.modules())
    assert all(parameter.grad is None for parameter in network.parameters())
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_a_network_without_maps_is_an_error():
    flat = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 24, 2))
    with pytest.raises(ModelError, match="expected a convolutional network"):
        find_stages(flat, PICTURES)


def test_the_table_adds_up_to_the_network():
    network = TinyUNet()
    rows = parameter_rows(network, PICTURES)
    total = sum(p.numel() for p in network.parameters())
    assert sum(int(row[3].replace(",", "")) for row in rows[:-1]) == total
    assert rows[-1] == ("total", "", f"trainable: {total:,}", f"{total:,}", "100.0%")
    assert len(parameter_table(network, PICTURES).axes[0].tables[0].get_celld()) == 5 * 8


def test_the_diagram_has_a_box_per_stage_and_an_arrow_per_connection():
    axes = network_diagram(TinyUNet(), PICTURES).axes[0]
    kinds = [type(patch).__name__ for patch in axes.patches]
    assert kinds.count("FancyBboxPatch") == 7
    assert kinds.count("FancyArrowPatch") == 9
    assert {"picture", "enc", "gate", "16 px", "8 px"} <= {text.get_text() for text in axes.texts}
