"""A model for a mark of one's own, from the bundled one.

unveil train flagship_finetune --pictures my-photos/ --marks my-logo.png --run runs/mine
unveil remove marked.jpg --model runs/mine/model.onnx

Hardware: one GPU with 4 GB, or two CPU cores.
Hours: a minute or two on a GPU, ten to fifteen minutes on two cores.
Expected: the mark is found more surely than by the bundled model, other marks about as before; the
last line of history.csv says how well on the photos kept for validation.
"""

from unveil.lab.training.finetune import FlagshipFinetuneRecipe

RECIPE = FlagshipFinetuneRecipe()
