"""Pairs on disk in CLWD's layout: what is written fits the forward model."""

import numpy as np
import pytest
import torch
from PIL import Image

from synthetic import photograph
from unveil.blending import compose
from unveil.errors import OutputError
from unveil.lab.synthesis.clwd import FOLDERS, write_pairs
from unveil.lab.synthesis.sheet import draw_sheet, noise_lines
from unveil.lab.synthesis.textures import Textures


def _pictures():
    return Textures([photograph(130, 150, seed) for seed in range(3)])


def _marks():
    sprite = np.zeros((30, 50, 4), np.uint8)
    sprite[5:25, 5:45] = (230, 40, 90, 255)
    return Textures([sprite], 2)


def _read(path):
    return np.asarray(Image.open(path)) / 255


def test_every_pair_fits_the_forward_model(tmp_path):
    write_pairs(_pictures(), _marks(), 5, tmp_path / "train", size_px=64)
    for name, suffix in zip(FOLDERS, ("jpg", "jpg", "png", "png", "png"), strict=True):
        files = {path.name for path in (tmp_path / "train" / name).iterdir()}
        assert files == {f"{number}.{suffix}" for number in range(1, 6)}
    for number in range(1, 6):
        marked, clean, mask, alpha, mark = (
            _read(next((tmp_path / "train" / name).glob(f"{number}.*"))) for name in FOLDERS
        )
        assert set(np.unique(mask)) == {0, 1}
        assert ((alpha > 0.6 / 255) <= (mask == 1)).all()
        assert 0.3 <= alpha.max() <= 0.7 + 1 / 255
        expected = compose(clean, mark, alpha[..., None])
        assert np.abs(marked - expected).mean() < 1.5 / 255
        assert np.abs(marked - clean)[mask == 1].mean() > 5 / 255
        assert np.abs(mark[mask == 1] - np.array([230, 40, 90]) / 255).mean() < 2 / 255


def test_a_full_folder_is_left_alone(tmp_path):
    (tmp_path / "Mask").mkdir()
    with pytest.raises(OutputError, match="expected a new or empty folder"):
        write_pairs(_pictures(), _marks(), 1, tmp_path)


def test_a_sheet_shows_the_same_crops_in_every_line():
    lines = noise_lines(_pictures(), ["gaussian,5,5", "impulse,70,70"], 64, 3, seed=0)
    assert [caption for caption, _ in lines] == ["clean", "gaussian,5,5", "impulse,70,70"]
    clean, gaussian, impulse = (crop for _, crop in lines)
    assert (gaussian - clean).abs().mean() < 10 / 255 < (impulse - clean).abs().mean()
    sheet = np.asarray(draw_sheet(lines))
    assert sheet.shape[1] == 3 * 64 + 2 * 4
    first = torch.from_numpy(sheet[26 : 26 + 64, :64].copy()).permute(2, 0, 1) / 255
    assert torch.allclose(first, clean[0], atol=1e-6)
