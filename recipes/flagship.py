"""The bundled model.

unveil train flagship --pictures PHOTOS --marks ICONS --run runs/flagship

Hardware: one GPU with 8 GB, or two CPU cores.
Hours: one and a half on two cores, at some 27 crops a second.
Expected: F1 .52 / .73 / .77 / .85 on validation crops, by opacity .15-.35 / .35-.6 / .6-.9 / .9-1.

Behind the bundled weights is one such run, from an encoder trained on ImageNet, whose length was
set to 12,000 steps at first, to 10,000 at step 4,500 and to 9,500 at step 8,000, and a second from
its weights (optimiser.rate=6e-4 max_steps=6800 seed=12, stopped at step 6,000). Samples and scores:
docs/experiments.md, docs/model-card.md.
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
