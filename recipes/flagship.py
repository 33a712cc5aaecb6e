"""The bundled model.

unveil train recipes/flagship.py --pictures PHOTOS --marks ICONS --run runs/flagship

Hardware: one GPU with 8 GB, or two CPU cores at some 100 crops a second.
Samples and scores of the bundled weights: docs/model-card.md.
"""

from unveil.lab.training.recipe import FlagshipRecipe

RECIPE = FlagshipRecipe()
