"""The bundled model that looks at a found mark as a whole: what belongs to it, and what does not.

unveil train completion --pictures PHOTOS --marks ICONS --run runs/completion

Hardware: two CPU cores, some three steps a second; the cases of the data take half an hour there
(five in a second on each core; data.kept_in=cases.npy keeps them).
Hours: one and a half.
Expected: F1 of .85 on cases of new marks, where the masks that are found have .81.

The bundled weights come from two runs: 10,000 steps on 9,250 cases with the true opacity and
colours, and 12,000 steps at a rate of 8e-4 with 7,000 cases more, as they are drawn now.
"""

from unveil.lab.training.completion import CompletionRecipe

RECIPE = CompletionRecipe()
