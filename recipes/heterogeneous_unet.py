"""watermarkcnn's heterogeneous U-Net (github.com/ianhenryryan/watermarkcnn): two marked views of
each picture, a loss of five parts, two epochs of warm-up and 25 of one cycle.

unveil train heterogeneous_unet --pictures PHOTOS --run runs/heterogeneous_unet

Hardware: one GPU with 6 GB. VGG16's weights are downloaded once; loss.perceptual=0 goes without.
Hours: its author took 3.8 on an RTX 3060 Mobile for 27 epochs of 700 pictures. A CPU core goes
through 1.1 crops a second (benchmarks/results/synthesis.json): two take some 2.3 hours for these.
Expected: 28.67 dB, SSIM .7202 on test pictures of its author's own, after 27 epochs of 700.

Its author meant the rate to fall to a tenth after epoch 15, but his log shows that the next step of
the cycle undid it: optimiser.drop_after=15 does what was meant. With crops and batches much smaller
than his, fixed_statistics=0.5 is worth 2 to 3 dB.
"""

from unveil.lab.training.heterogeneous_unet import HeterogeneousUNetRecipe

RECIPE = HeterogeneousUNetRecipe()
