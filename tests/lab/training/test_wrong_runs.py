"""What a run says of wrong folders and full disks before hours are lost."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from tiny_recipe import TinyNetwork, TinyRecipe

from unveil.errors import ModelError, OutputError, UsageError
from unveil.lab.training import folder
from unveil.lab.training.recipe import load_sprites
from unveil.lab.training.run import train

TINY = TinyRecipe(max_steps=2)


class WiderRecipe(TinyRecipe):
    def network(self) -> TinyNetwork:
        network = TinyNetwork()
        network.first = torch.nn.Conv2d(3, 8, 3, padding=1)
        return network


def test_a_folder_without_marks_is_no_folder_of_marks(tmp_path):
    for named in (tmp_path / "README.txt", tmp_path / "photo.jpg"):
        named.write_bytes(b"")
    with pytest.raises(UsageError, match=r"expected a folder of logos .*; found none; without"):
        load_sprites(tmp_path, 3, 0)
    Image.new("RGBA", (40, 40), (200, 0, 0, 128)).save(tmp_path / "mark.png")
    assert len(load_sprites(tmp_path, 3, 0)) == 3


def test_a_run_of_another_network_is_not_resumed(photographs, tmp_path):
    train(TINY, photographs, tmp_path / "run")
    with pytest.raises(ModelError, match=r"last\.ckpt: expected weights of TinyNetwork, got those"):
        train(WiderRecipe(max_steps=4), photographs, tmp_path / "run", resume=True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_disk_that_is_full_from_the_start_is_said(photographs, tmp_path, monkeypatch):
    monkeypatch.setattr(folder, "VALIDATION_BATCH", "/dev/full")
    with pytest.raises(OutputError, match="No space left on device; make room there"):
        train(replace(TINY, seed=4), photographs, tmp_path / "run")
