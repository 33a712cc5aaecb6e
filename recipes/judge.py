"""The bundled model that tells marks from things that belong to the picture.

unveil train judge --pictures PHOTOS --marks ICONS --run runs/judge

Hardware: two CPU cores; the cases of the data take an hour and a half there (four in a second on
each core; data.kept_in=cases.npy keeps them), the training a minute.
Expected: validation loss of .51 on groups of unseen photographs.

Behind the bundled weights are 26,217 groups: half of them of the locator's own training pictures,
half of 618 that it never saw (docs/data/judged-on.txt); 2,361 of clean pictures only; plain marks
were opaque on 15 % of the marked pictures of the first 16,000, on all of the rest, and those of
them that are seen surely count twice.
"""

from unveil.lab.training.judge import JudgeRecipe

RECIPE = JudgeRecipe()
"""Twenty thousand groups."""
