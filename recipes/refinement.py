"""The bundled model that refines what solving, unblending and filling leave.

unveil train refinement --pictures PHOTOS --marks ICONS --run runs/refinement

Hardware: one GPU with 4 GB, or two CPU cores.
"""

from unveil.lab.training.refinement import RefinementRecipe

RECIPE = RefinementRecipe()
