"""What the figures of a run are drawn from: its history, its best network, and what that makes of
the validation crops."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from unveil.blending import unblend
from unveil.errors import UsageError
from unveil.lab.figures.curves import History
from unveil.lab.figures.features import to_pictures
from unveil.lab.synthesis.marked import VISIBLE

if TYPE_CHECKING:
    from unveil.lab.training.folder import Run

NO_PICTURES = "expected a recipe that learns from crops of pictures; this one learns from numbers"
THRESHOLD = 0.5
"""Probability above which a pixel counts as found."""


@dataclass(frozen=True)
class Subject:
    """History, network and a batch of validation crops [B, ..., H, W] by field, as it was fed.

    A property that this network or batch cannot have raises UsageError. What the network is for
    follows from its output: three channels are a picture, four a picture and the logit of a mask,
    one is that alone, five are mask, matte and colour, from which the picture follows.
    """

    history: History
    network: nn.Module
    batch: Mapping[str, Tensor]
    chosen: tuple[int, int, int, int] | None = None
    """Left, top, width and height in pixels of a box whose explanation is asked for; a box that
    does not lie in the crops raises UsageError."""

    def __post_init__(self) -> None:
        if self.chosen is None:
            return
        left, top, width, height = self.chosen
        rows, columns = self.batch["marked"].shape[2:]
        across = 0 <= left < left + width <= columns
        if not (across and 0 <= top < top + height <= rows):
            raise UsageError(
                f"{left},{top},{width},{height}: expected left, top, width and height of a box"
                f" inside the crops of {columns} x {rows} pixels"
            )

    @classmethod
    def of(cls, run: "Run", chosen: tuple[int, int, int, int] | None = None) -> "Subject":
        """A run's, on the GPU where there is one."""
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        batch = {name: field.to(device) for name, field in vars(run.validation_batch()).items()}
        return cls(run.history, run.network().to(device).eval(), batch, chosen)

    @property
    def pictures(self) -> dict[str, NDArray]:
        """The fields of the batch that are pictures or masks, by name."""
        fields = {name: field for name, field in self.batch.items() if field.ndim == 4}
        shown = {n: to_pictures(f[:, :3]) for n, f in fields.items() if min(f.shape[2:]) > 1}
        if not shown:
            raise UsageError(NO_PICTURES)
        return shown

    @property
    def marked(self) -> NDArray[np.float32]:
        """B x H x W x 3, clipped to [0, 1]."""
        return to_pictures(self._fed[:, :3].clamp(0, 1))

    @property
    def clean(self) -> NDArray[np.float32]:
        """B x H x W x 3, clipped to [0, 1]."""
        for name in ("clean", "background"):
            if name in self.batch:
                return to_pictures(self.batch[name].clamp(0, 1))
        raise UsageError("expected crops with their clean pictures; this recipe has none")

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """Bool B x H x W: where the mark is, or else where marked and clean differ visibly."""
        for name in ("mask", "visible"):
            if name in self.batch:
                return to_pictures(self.batch[name]) > 0.5
        return np.abs(self.marked - self.clean).max(axis=-1) > VISIBLE

    @cached_property
    def output(self) -> Tensor:
        """What the network makes of the marked crops, [B, C, H, W] on the CPU."""
        with torch.no_grad():
            return self.network(self.batch["marked"]).float().cpu()

    @property
    def _fed(self) -> Tensor:
        """What the network gets, [B, C, H, W]; its first three channels are marked crops."""
        marked = self.batch["marked"]
        if min(marked.shape[2:]) == 1:
            raise UsageError(NO_PICTURES)
        return marked

    @property
    def restored(self) -> NDArray[np.float32]:
        """B x H x W x 3, clipped to [0, 1]."""
        channels = self.output.shape[1]
        if channels in (3, 4):
            return to_pictures(self.output[:, :3].clamp(0, 1))
        if channels == 1:
            raise UsageError("expected a network that restores pictures; this one finds masks")
        matte = to_pictures(self.output[:, 1:2].sigmoid()) * (self.probability > THRESHOLD)
        colour = to_pictures(self.output[:, 2:5].sigmoid())
        return unblend(self.marked, colour, matte[..., None]).astype(np.float32)

    @property
    def probability(self) -> NDArray[np.float32]:
        """B x H x W in [0, 1]."""
        if self.output.shape[1] == 3:
            raise UsageError("expected a network that finds masks; this one restores pictures")
        logit = self.output[:, 3:] if self.output.shape[1] == 4 else self.output[:, :1]
        return to_pictures(logit.sigmoid())

    @cached_property
    def sample(self) -> int:
        """The crop that figures of a single one show: the first that carries a mark."""
        return int(self.mask.any(axis=(1, 2)).argmax())

    @property
    def picture(self) -> Tensor:
        """What the network gets of :attr:`sample`, [1, C, H, W]."""
        return self._fed[self.sample : self.sample + 1]

    @property
    def example(self) -> Tensor:
        """One input of the network, [1, C, H, W], a picture or not."""
        return self.batch["marked"][:1]

    @property
    def targets(self) -> dict[str, Tensor]:
        """What attributions explain, bool [H, W] by name: the mark, what is not, the chosen box."""
        mark = torch.from_numpy(self.mask[self.sample])
        targets = {"the mark": mark, "the rest": ~mark}
        if self.chosen is not None:
            left, top, width, height = self.chosen
            box = torch.zeros_like(mark)
            box[top : top + height, left : left + width] = True
            targets["chosen box"] = box
        return {name: target for name, target in targets.items() if target.any()}
