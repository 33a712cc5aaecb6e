"""The task of networks that take a marked or noisy picture and give back a clean one."""

from abc import abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor

from unveil.lab.losses.restoration import psnr
from unveil.lab.losses.ssim import ssim
from unveil.lab.synthesis.pairs import Pair
from unveil.lab.training.task import Measured, Task


class Loss(NamedTuple):
    """The whole, and its named parts."""

    total: Tensor
    parts: dict[str, Tensor]


class RestorerTask(Task):
    """Trains a network [B, 3, H, W] -> [B, 3, H, W]; a subclass says by which loss.

    Training looks at the batch's target; validation and test, and PSNR and SSIM always, at the
    clean picture.
    """

    @abstractmethod
    def loss(self, output: Tensor, target: Tensor, mask: Tensor) -> Loss:
        """Of float32 pictures; mask: where the marks are."""

    def measure(self, batch: Pair) -> Measured:
        output = self(batch.marked)
        target = batch.target if self.training else batch.clean
        with torch.autocast(output.device.type, enabled=False):
            total, parts = self.loss(output, target, batch.mask)
            seen = output.detach().clamp(0, 1)
            scores = {
                "psnr": psnr(seen, batch.clean).mean(),
                "ssim": ssim(seen, batch.clean).mean(),
            }
        renamed = {f"{name}_loss" if name in scores else name: part for name, part in parts.items()}
        return Measured(total, renamed | scores)
