"""The flagship's training task: learn to find marks in endless synthetic crops."""

from unveil.lab.losses.location import f1_counts, location_loss
from unveil.lab.networks.flagship import FlagshipNetwork
from unveil.lab.synthesis.marked import Batch
from unveil.lab.training.recipe import Length
from unveil.lab.training.schedule import OneCycleConfig
from unveil.lab.training.task import Measured, Task, mask_scores, named_counts

OPACITY_BANDS = ((0.15, 0.35), (0.35, 0.6), (0.6, 0.9), (0.9, 1.01))
"""Validation reports F1 for each of these ranges of opacity."""


class LocatorTask(Task):
    """Trains a :class:`FlagshipNetwork` on :class:`Batch` objects; F1 by opacity band."""

    network: FlagshipNetwork
    criterion = (
        "cross-entropy + soft Dice of the mask, half weight on matte and colour,"
        " a tenth on false alarms"
    )

    def __init__(
        self, network: FlagshipNetwork, optimiser: OneCycleConfig, encoder: float, length: Length
    ) -> None:
        """encoder: rate of the pretrained encoder, as a part of the others'."""
        super().__init__(network, optimiser, length)
        self._encoder_rate = encoder * optimiser.rate

    def measure(self, batch: Batch) -> Measured:
        output = self(batch.marked)
        total, parts = location_loss(
            output,
            visible=batch.visible,
            matte=batch.matte,
            colour=batch.colour,
            defined=batch.normal,
        )
        counts = f1_counts(output[:, :1], batch.visible).float()
        values = parts | named_counts(counts)
        for low, high in OPACITY_BANDS:
            inside = ((batch.opacity >= low) & (batch.opacity < high)).unsqueeze(1)
            values |= named_counts(counts * inside, f"_from_{low:.2f}")
        return Measured(total, values)

    def scores(self, means: dict[str, float]) -> dict[str, float]:
        return mask_scores(means)

    def parameter_groups(self):
        encoder = list(self.network.encoder.parameters())
        others = [p for name, p in self.network.named_parameters() if "encoder." not in name]
        return [{"params": others}, {"params": encoder, "lr": self._encoder_rate}]
