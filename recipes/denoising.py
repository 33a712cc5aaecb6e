"""The bundled network that takes noise off whole pictures (`unveil remove --denoise`).

unveil train denoising --pictures PHOTOS --run runs/denoising

Hardware: two CPU cores.
Hours: two of a CPU core.
Expected: 32.7 dB at sigma 25 on crops of unseen photographs, magnified 1 to 2 times.

Behind the bundled weights are 10,000 steps of such a run without magnification, and a whole cycle
of 22,000 steps with it.
"""

from unveil.lab.synthesis.noisy import NoiseConfig
from unveil.lab.training.noise2noise import DenoisingRecipe

RECIPE = DenoisingRecipe(
    model="small_unet",
    data=NoiseConfig(size_px=64, source="gaussian,0,60", target="clean", scale=(1.0, 2.0)),
    loss="mae",
    batch_size=16,
    max_steps=32_000,
    validate_every=1_000,
    average=0.999,
)
