"""The bundled network that takes noise off whole pictures (`unveil remove --denoise`).

unveil train denoising --pictures PHOTOS --run runs/denoising

Hardware: two CPU cores.
Hours: one of a CPU core for 12,000 steps, which the bundled weights saw.
Expected: 29.3 dB at sigma 25 on crops of unseen photographs.
"""

from unveil.lab.synthesis.noisy import NoiseConfig
from unveil.lab.training.noise2noise import Noise2NoiseRecipe

RECIPE = Noise2NoiseRecipe(
    model="small_unet",
    data=NoiseConfig(
        size_px=64, source="gaussian,0,60", target="clean", validation="gaussian,25,25"
    ),
    loss="mae",
    batch_size=16,
    max_steps=12_000,
    validate_every=500,
    average=0.999,
)
