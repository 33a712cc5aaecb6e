"""The bundled model.

unveil train flagship --pictures PHOTOS --marks ICONS --run runs/flagship

Hardware: one GPU with 8 GB, or two CPU cores.
Hours: one and a half on two cores, at some 27 crops a second.
Expected: F1 .52 / .73 / .77 / .85 on validation crops, by opacity .15-.35 / .35-.6 / .6-.9 / .9-1.

Behind the bundled weights are eleven such runs, each from the best weights of an earlier one or
from the mean of two (optimiser.rate=6e-4, other seeds, mostly half as long or shorter), 723,000
crops in all, the first from an encoder trained on ImageNet: docs/experiments.md,
docs/model-card.md.
"""

from unveil.lab.training.flagship import FlagshipOptimiser, FlagshipRecipe

RECIPE = FlagshipRecipe(
    optimiser=FlagshipOptimiser(rate=8e-4),
    batch_size=16,
    max_steps=9_500,
    validate_every=500,
    validation_crops=256,
    seed=11,
)
