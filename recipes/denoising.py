"""The bundled network that takes noise off whole pictures (`unveil remove --denoise`).

unveil train denoising --pictures PHOTOS --run runs/denoising

Hardware: two CPU cores.
Hours: one of a CPU core for 12,000 steps, which the bundled weights saw.
Expected: 29.3 dB at sigma 25 on crops of unseen photographs.
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
