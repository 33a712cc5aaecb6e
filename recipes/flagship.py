"""The bundled model.

unveil train recipes/flagship.py --pictures PHOTOS --marks ICONS --run runs/flagship

Hardware: one GPU with 8 GB, or two CPU cores at some 40 crops a second. This is the last run behind
the bundled weights, which went on from earlier ones (--weights); samples and scores:
docs/experiments.md, docs/model-card.md.
"""

from unveil.lab.training.locator import OptimiserConfig
from unveil.lab.training.recipe import FlagshipRecipe

RECIPE = FlagshipRecipe(
    optimiser=OptimiserConfig(rate=1.2e-3), batch_size=16, max_steps=14_000, seed=11
)
