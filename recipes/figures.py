"""The bundled model that finds figures on marks: letters and drawings on a plate of another colour.

unveil train figures --pictures PHOTOS --marks ICONS --run runs/figures

Hardware: two CPU cores, some three steps a second.
Hours: one.
Expected: F1 of the figures' pixels of .75 under opacities of .15 to .85.

The bundled weights were trained by this recipe's draft, which drew the same marks in slightly other
proportions, 1,000 steps and from there a cycle of 8,000; and by this recipe from there, 9,500 steps
of a cycle of 10,000: F1 .815.
"""

from unveil.lab.training.figures import FigureRecipe

RECIPE = FigureRecipe()
