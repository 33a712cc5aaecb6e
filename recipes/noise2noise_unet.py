"""The U-Net of Noise2Noise (Lehtinen et al., arXiv 1803.04189), trained between pictures under
Gaussian noise, as github.com/yu4u/noise2noise has it.

unveil train noise2noise_unet --pictures PHOTOS --run runs/gaussian
unveil train noise2noise_unet --pictures PHOTOS --run runs/clean data.target=clean
unveil train noise2noise_unet --pictures PHOTOS --run runs/impulse loss=l0 \\
    data.source=impulse,0,95 data.target=impulse,0,95 data.validation=impulse,70,70

Hardware: one GPU with 6 GB.
Hours: some three on a GPU; a tenth of the steps (max_steps=10000) shows most of it.
Expected: 29.67 dB with noisy targets, 30.14 dB with clean ones (n2n-dewatermark, sigma 25, Set14).
"""

from unveil.lab.synthesis.noisy import NoiseConfig

from unveil.lab.training.noise2noise import Noise2NoiseRecipe

RECIPE = Noise2NoiseRecipe(
    model="unet",
    data=NoiseConfig(source="gaussian,0,50", target="gaussian,0,50", validation="gaussian,25,25"),
)
