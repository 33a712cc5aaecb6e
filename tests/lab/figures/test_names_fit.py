"""Titles of panels beside each other do not run into each other."""

import itertools

import pytest
import torch
from torch import nn

from unveil.lab.figures.features import decoder_focus, layer_activations
from unveil.lab.figures.style import shortened


class _Named(nn.Module):
    """Four convolutions deep within modules, as other people's libraries nest them."""

    def __init__(self) -> None:
        super().__init__()
        inner = nn.Module()
        inner.block = nn.ModuleList(nn.Conv2d(c, 4, 3, padding=1) for c in (3, 4, 4))
        inner.head = nn.Conv2d(4, 3, 1)
        self.network = nn.Module()
        self.network.encoder_of_the_library = inner

    def forward(self, rgb):
        inner = self.network.encoder_of_the_library
        for block in inner.block:
            rgb = block(rgb)
        return inner.head(rgb)


@pytest.mark.parametrize("draw", [layer_activations, decoder_focus])
def test_titles_keep_apart(draw):
    figure = draw(_Named().eval(), torch.rand(1, 3, 32, 32))
    figure.canvas.draw()
    boxes = [
        each.title.get_window_extent() for each in figure.axes if each.images and each.get_title()
    ]
    assert len(boxes) >= 4
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))


def test_a_name_loses_its_first_parts_until_it_fits():
    assert shortened("network.encoder.model.blocks.6") == "model.blocks.6"
    assert shortened("network.decoder.blocks.4") == "decoder.blocks.4"
    assert shortened("dec3") == "dec3"
    assert shortened("a_name_that_has_no_dot_at_all", 5) == "a_name_that_has_no_dot_at_all"
