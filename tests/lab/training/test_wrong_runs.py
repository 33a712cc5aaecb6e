"""What a run says of wrong folders and full disks before hours are lost."""

from pathlib import Path

import pytest
import torch
from PIL import Image
from tiny_recipe import TinyNetwork, TinyRecipe

from unveil.errors import ModelError, OutputError, UsageError
from unveil.lab.training.recipe import load_sprites
from unveil.lab.training.run import train
from unveil.lab.training.weights import load_checkpoint

TINY = TinyRecipe(max_steps=2)


class WiderRecipe(TinyRecipe):
    def network(self) -> TinyNetwork:
        network = TinyNetwork()
        network.first = torch.nn.Conv2d(3, 8, 3, padding=1)
        return network


def test_a_folder_without_marks_is_no_folder_of_marks(tmp_path, caplog):
    for named in (tmp_path / "README.txt", tmp_path / "photo.jpg", tmp_path / "broken.png"):
        named.write_bytes(b"")
    Image.new("RGB", (40, 40), (200, 0, 0)).save(tmp_path / "opaque.png")
    with pytest.raises(UsageError, match=r"expected a folder of logos .*; found none; without"):
        load_sprites(tmp_path, 3, 0)
    assert "passed over 2 of 2 logos" in caplog.text
    Image.new("RGBA", (40, 40), (200, 0, 0, 128)).save(tmp_path / "mark.png")
    assert len(load_sprites(tmp_path, 3, 0)) == 3


def test_a_run_of_another_network_is_not_resumed(photographs, tmp_path):
    train(TINY, photographs, tmp_path / "run")
    with pytest.raises(ModelError, match=r"last\.ckpt: expected weights of TinyNetwork, got those"):
        train(WiderRecipe(max_steps=4), photographs, tmp_path / "run", resume=True)


def test_a_disk_that_is_full_from_the_start_is_said(photographs, tmp_path, monkeypatch):
    """As a file system does it: the first bytes still fit."""

    def write_bytes(self, content):
        with self.open("wb") as file:
            file.write(content[:500])
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    with pytest.raises(
        OutputError, match=r"validation\.pt: .*No space left on device; make room .* start again"
    ):
        train(TINY, photographs, tmp_path / "run")


def test_a_run_cannot_lie_in_a_file(photographs, tmp_path):
    (tmp_path / "file").write_text("notes")
    with pytest.raises(OutputError, match="name another folder with --run"):
        train(TINY, photographs, tmp_path / "file")


def test_a_file_of_a_few_bytes_is_no_checkpoint(tmp_path):
    (tmp_path / "junk.ckpt").write_bytes(b"junk")
    with pytest.raises(ModelError, match="missing, damaged or something else"):
        load_checkpoint(tmp_path / "junk.ckpt")
