"""The bundled model that tells marks from things that belong to the picture.

unveil train judge --pictures PHOTOS --marks ICONS --run runs/judge

Hardware: two CPU cores; the cases of the data take a quarter to half an hour there (ten to twenty
in a second on each core; data.kept_in=cases.npy keeps them), the training two minutes.
Expected: validation loss of .47 to .57 on groups of unseen photographs, other ones with each seed.

Behind the bundled weights are 22,674 groups (data.kept_in=docs/data/judge-cases.npy seed=85), 58 %
of their pictures among 2,214 that the locator was trained on, the others among 618 that it never
saw (docs/data/judged-on.txt); 15 % of the groups are of clean pictures, and count four times. The
last 3,505 were drawn with every mark plain and opaque (data.opaque=1 data.harder=0
data.reductions=() data.crops=0 data.printed=0), half of them under sprites that fill more than .55
of their box, and stand there twice. A script that was not kept drew all of them nearly as the
recipe does: a third of the pictures were 220 to 450 px long and the others 420 to 1,300, unseen
ones had five crops and one harder mark, and the first 3,754 groups less print (data.printed=.25).
"""

from unveil.lab.training.judge import JudgeRecipe

RECIPE = JudgeRecipe()
"""Twenty thousand groups."""
