"""Networks of others as a way to fill holes."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from spandrel import MaskedImageModelDescriptor, ModelLoader
from torch import nn

import unveil
from synthetic import lettering, photograph, stamped
from unveil.errors import ModelError
from unveil.lab.inpainting import load_inpainter


class _Filler(nn.Module):
    """Fills every hole with one grey."""

    def __init__(self) -> None:
        super().__init__()
        self.level = nn.Parameter(torch.tensor(0.5))

    def forward(self, image: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return image * (1 - mask) + self.level * mask


@pytest.fixture
def filler(monkeypatch, tmp_path):
    """The file of a network that spandrel reads as a :class:`_Filler`."""
    network = _Filler()
    described = MaskedImageModelDescriptor(
        network, network.state_dict(), None, "Inpainting", [], False, False, 3, 3,  # type: ignore[arg-type]
    )  # fmt: skip
    monkeypatch.setattr(ModelLoader, "load_from_file", lambda *_: described)
    return tmp_path / "filler.safetensors"


def test_a_hole_is_filled_by_the_network_and_nothing_else_changes(filler):
    picture = np.random.default_rng(0).random((20, 33, 3)).astype(np.float32)
    hole = np.zeros((20, 33), np.bool_)
    hole[5:9, 7:20] = True
    filled = load_inpainter(filler)(picture, hole)
    assert (filled[hole] == 0.5).all()
    assert np.array_equal(filled[~hole], picture[~hole])
    assert load_inpainter(filler)(picture, np.zeros_like(hole)) is picture


def test_remove_fills_with_it(filler):
    matte = lettering(120, 160)
    marked = stamped(photograph(120, 160), matte, (1.0, 1.0, 0.0))
    mask = matte[..., 0] > 0
    remover = unveil.Remover(inpaint=load_inpainter(filler))
    result = remover.remove(marked, mask=mask, method="inpaint")
    assert np.array_equal(result.rgb[~mask], marked[~mask])
    assert np.abs(result.rgb[result.mask].astype(int) - 127.5).max() <= 0.5


def test_other_files_are_refused(tmp_path):
    with pytest.raises(ModelError, match="as a safetensors file"):
        load_inpainter(tmp_path / "lama.pt")
    with pytest.raises(ModelError, match="a network that spandrel knows"):
        load_inpainter(tmp_path / "missing.safetensors")
    save_file({"some.weight": torch.zeros(3)}, tmp_path / "unknown.safetensors")
    with pytest.raises(ModelError, match="a network that spandrel knows"):
        load_inpainter(tmp_path / "unknown.safetensors")
    (tmp_path / "damaged.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="a network that spandrel knows"):
        load_inpainter(tmp_path / "damaged.safetensors")


@pytest.mark.heavy
def test_lama_loads_from_a_safetensors_file(tmp_path):
    from spandrel.architectures.LaMa import LaMa

    torch.manual_seed(0)
    save_file(LaMa(in_nc=4).state_dict(), tmp_path / "lama.safetensors")
    picture = np.full((40, 50, 3), 0.25, np.float32)
    hole = np.zeros((40, 50), np.bool_)
    hole[10:20, 10:20] = True
    filled = load_inpainter(tmp_path / "lama.safetensors")(picture, hole)
    assert np.array_equal(filled[~hole], picture[~hole])
    assert not np.array_equal(filled[hole], picture[hole])
