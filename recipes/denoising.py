"""The bundled network that takes noise off whole pictures (`unveil remove --denoise`).

unveil train denoising --pictures PHOTOS --run runs/denoising

Hardware: two CPU cores.
Hours: two and a half of a CPU core.
Expected: 30.6 dB at sigma 25 on crops of unseen photographs.

The bundled weights are of 10,000 steps of this, and a cycle of 28,000 from there.
"""

from unveil.lab.synthesis.noisy import NoiseConfig
from unveil.lab.training.noise2noise import DenoisingRecipe

RECIPE = DenoisingRecipe(
    model="small_unet",
    data=NoiseConfig(size_px=64, source="gaussian,0,60", target="clean"),
    loss="mae",
    batch_size=16,
    max_steps=34_000,
    validate_every=1_000,
    average=0.999,
)
