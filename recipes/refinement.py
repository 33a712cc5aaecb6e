"""The bundled model that refines what solving, unblending and filling leave.

unveil train refinement --pictures PHOTOS --marks ICONS --run runs/refinement

Hardware: one GPU with 4 GB, or two CPU cores, some two steps a second; the cases of the data take
an hour and a half there (two in a second on each core; data.kept_in=cases.npy keeps them).
Hours: two on two cores.
Expected: 1 dB over the result before, where pixels may change, on cases of unseen photographs.

Behind the bundled weights are five banks of 2,200 to 6,700 cases, 24,900 in all, and several runs
one from the other's weights, 11,500 steps in all, the last 7,300 by today's loss:
docs/experiments.md.
"""

from unveil.lab.training.refinement import RefinementRecipe

RECIPE = RefinementRecipe()
