"""The mask of logos alone, for any inpainter: a network of segmentation_models_pytorch, as
github.com/Diffusion-Dynamics/watermark-segmentation trains it.

unveil train segmentation --pictures PHOTOS --marks LOGOS --run runs/segmentation
unveil train segmentation --pictures PHOTOS --run runs/other architecture=fpn encoder=resnet34

Hardware: one GPU with 6 GB, or a laptop's.
Hours: one on a GPU for 1,000 pictures.
Expected: its authors give no score; the flagship's locator, trained for longer on harder crops, is
the one to compare with.
"""

from unveil.lab.training.segmenter import SegmentationRecipe

RECIPE = SegmentationRecipe()
