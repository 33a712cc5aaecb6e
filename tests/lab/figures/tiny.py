"""Networks small enough to know by heart, and what a run of them leaves."""

import numpy as np
import torch
from torch import Tensor, nn

from synthetic import lettering, photograph, stamped
from unveil.lab.figures.subject import Subject

SIDE = 48


class TinyUNet(nn.Module):
    """One level down, one attention gate, one skip connection; out: channels of the output."""

    def __init__(self, out: int = 3) -> None:
        super().__init__()
        self.enc = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(inplace=True))
        self.down = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(4, 6, 3, padding=1), nn.ReLU())
        self.up = nn.ConvTranspose2d(6, 4, 2, 2)
        self.gate = nn.Sequential(nn.Conv2d(8, 1, 1), nn.Sigmoid())
        self.dec = nn.Conv2d(8, 4, 3, padding=1)
        self.last = nn.Conv2d(4, out, 1)

    def forward(self, rgb: Tensor) -> Tensor:
        first = self.enc(rgb)
        both = torch.cat([self.up(self.down(first)), first], dim=1)
        return self.last(self.dec(both * self.gate(both)))


def history(rows: int = 5) -> dict[str, np.ndarray]:
    """Falling loss, rising PSNR that peaks at the fourth validation; SSIM never measured."""
    epoch = np.arange(1.0, rows + 1)
    return {
        "epoch": epoch,
        "step": 10 * epoch,
        "samples": 80 * epoch,
        "minutes": epoch / 2,
        "rate": 1e-3 / epoch,
        "train_loss": 1 / epoch,
        "val_loss": 1.1 / epoch,
        "train_psnr": 20 + epoch,
        "val_psnr": 24 - (epoch - 4) ** 2,
        "train_ssim": np.full(rows, np.nan),
        "val_ssim": np.full(rows, np.nan),
    }


def crops(count: int = 2) -> dict[str, Tensor]:
    """Marked and clean crops and their masks, as a batch."""
    clean = np.stack([photograph(SIDE, SIDE, seed) for seed in range(count)])
    matte = 0.6 * lettering(SIDE, SIDE)
    marked = np.stack([stamped(picture, matte, (1.0, 1.0, 1.0)) for picture in clean])
    mask = np.repeat((matte > 0.02)[None], count, axis=0)
    marked, clean = (torch.from_numpy(p).permute(0, 3, 1, 2) / 255 for p in (marked, clean))
    return {"marked": marked, "clean": clean, "mask": torch.from_numpy(mask).permute(0, 3, 1, 2)}


def subject(out: int = 3, **kwargs) -> Subject:
    """A subject whose network is a TinyUNet with weights by chance."""
    torch.manual_seed(0)
    return Subject(history(), TinyUNet(out).eval(), crops(), **kwargs)
