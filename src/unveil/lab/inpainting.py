"""Other people's networks that fill holes (LaMa and the rest), read by spandrel.

remover = unveil.Remover(inpaint=load_inpainter(Path("lama.safetensors")))
"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from spandrel import MaskedImageModelDescriptor, ModelLoader, UnsupportedModelError

from unveil.errors import ModelError
from unveil.restore.inpaint import Inpaint


def load_inpainter(path: Path) -> Inpaint:
    """What fills a hole in a picture with a network of a safetensors file; on a GPU where there is
    one.

    Raises ModelError where the file is none, holds a network that spandrel does not know, or one
    that is not for inpainting.
    """
    if path.suffix != ".safetensors":
        raise ModelError(
            f"{path}: expected a network as a safetensors file; convert it, or get it as one"
        )
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        network = ModelLoader(device).load_from_file(path)
    except (OSError, SafetensorError, UnsupportedModelError, RuntimeError) as error:
        raise ModelError(
            f"{path}: expected a network that spandrel knows, such as LaMa; {error or 'unknown'}"
        ) from error
    if not isinstance(network, MaskedImageModelDescriptor):
        raise ModelError(
            f"{path}: expected a network that fills holes, such as LaMa; {network.architecture.id}"
            f" is for {network.purpose}"
        )
    network.eval()

    @torch.inference_mode()
    def inpaint(picture: NDArray[np.floating], hole: NDArray[np.bool_]) -> NDArray[np.floating]:
        if not hole.any():
            return picture
        rgb = torch.from_numpy(picture).float().permute(2, 0, 1).unsqueeze(0).to(device)
        mask = torch.from_numpy(hole).float().unsqueeze(0).unsqueeze(0).to(device)
        filled = network(rgb, mask)[0].permute(1, 2, 0).cpu().numpy()
        return np.where(hole[..., None], filled, picture)

    return inpaint
