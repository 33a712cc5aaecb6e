"""The test at the end of a run: its best network on each picture that was kept for it."""

import csv
from pathlib import Path

import torch
from torch import Tensor

from unveil.errors import PictureError
from unveil.lab.losses.restoration import psnr
from unveil.lab.losses.ssim import ssim
from unveil.lab.synthesis.pictures import load_pictures
from unveil.lab.synthesis.textures import Textures
from unveil.lab.training.data import draw
from unveil.lab.training.folder import write_json
from unveil.lab.training.recipe import Recipe
from unveil.lab.training.task import Means, Task


def write_test(
    folder: Path,
    recipe: Recipe,
    task: Task,
    pictures: list[Path],
    sprites: Textures,
    device: torch.device,
) -> dict[str, float]:
    """test.csv, a row per picture, and test.json, with the means; returns these.

    One crop of each picture is marked, always in the same way; input_psnr and input_ssim are what
    doing nothing scores. target_psnr and target_ssim compare with what training compares with,
    where that is another marked or noisy view; the others compare with the clean crop. Pictures
    that training could not use are left out.
    """
    task = task.to(device).eval()
    means, rows = Means(), []
    for number, path in enumerate(pictures):
        try:
            picture = load_pictures([path], round(recipe.crop_px / 2))
        except PictureError:
            continue
        source = recipe.validation_source(picture, sprites, 1, device)
        values = _values(task, draw(source, recipe.seed + 2, number))
        means.add(values, 1)
        scores = task.scores({name: float(value) for name, value in values.items()})
        rows.append({"picture": path.name, **scores})
    if not rows:
        return {}
    mean = task.scores(means.take())
    with (folder / "test.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    write_json(folder / "test.json", {"pictures": len(rows), "mean": mean, "each": rows})
    return mean


@torch.no_grad()
def _values(task: Task, batch) -> dict[str, Tensor]:
    measured = task.measure(batch)
    values = {"loss": measured.loss, **measured.values}
    if "psnr" in values:
        views = {"input": (batch.marked[:, :3], batch.clean)}
        target = getattr(batch, "target", batch.clean)
        if not torch.equal(target, batch.clean):
            views["target"] = (task(batch.marked).clamp(0, 1), target)
        for name, pair in views.items():
            values[f"{name}_psnr"], values[f"{name}_ssim"] = psnr(*pair).mean(), ssim(*pair).mean()
    return values
