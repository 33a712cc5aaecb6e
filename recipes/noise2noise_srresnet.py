"""SRResNet trained between noisy pictures (Lehtinen et al., arXiv 1803.04189), under text as
github.com/shimmerjordan/n2n-dewatermark has it.

unveil train noise2noise_srresnet --pictures PHOTOS --run runs/text_noise
unveil train noise2noise_srresnet --pictures PHOTOS --run runs/text_clean data.target=clean
unveil train noise2noise_srresnet --pictures PHOTOS --run runs/mine data.source=mark,logo.png,20,90

Hardware: one GPU with 6 GB.
Hours: some three on a GPU; a tenth of the steps (max_steps=10000) shows most of it.
Expected: noisy targets come near clean ones and stay a little below; compare the two with
unveil compare runs/text_noise runs/text_clean.
"""

from unveil.lab.synthesis.noisy import NoiseConfig

from unveil.lab.training.noise2noise import Noise2NoiseRecipe

RECIPE = Noise2NoiseRecipe(
    data=NoiseConfig(source="text,0,50", target="text,0,50", validation="text,25,25"),
    loss="mae",
)
