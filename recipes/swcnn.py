"""SWCNN (Tian et al., arXiv 2403.05807): learns between two pictures under the same logo.

unveil train swcnn --pictures PHOTOS --marks LOGOS --run runs/swcnn

Hardware: one GPU with 6 GB. VGG16's weights are downloaded once; loss.perceptual=0 goes without.
Hours: one or two on a GPU for 1,000 pictures. A CPU core goes through 1.7 crops a second
(benchmarks/results/synthesis.json), so two take some 8 hours for these.
Expected: 36.90 / 33.65 / 30.89 / 28.14 dB under the paper's protocol A at opacity .3 / .5 / .7 / 1,
with one network for each opacity, trained on that protocol's own logos.
"""

from unveil.lab.training.swcnn import SWCNNRecipe

RECIPE = SWCNNRecipe()
