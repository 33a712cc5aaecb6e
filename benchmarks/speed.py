"""Seconds and memory of `remove`, against its own network and the published ones alone.

    python benchmarks/speed.py [--model NAME_OR_FILE] [--repeats 5] [--out FILE.json]

Two pictures that the script makes itself: 1024 x 768 with one mark whose box is a tenth of it, and
12 megapixels with one small mark. Each measurement has a process of its own, so that its peak
memory is its own: load, one run to warm up, then the median of the repeats. All of them are made
three times in turns, and of each the middle one counts: machines are busier at one time than at
another. Seconds depend on the machine; the ratios carry over:

- remove / network: what the whole flow costs, in runs of its network over the whole picture;
- srresnet / remove and so on: what a published network alone costs, in whole flows; with random
  weights, in torch (the lab extra), on the smaller picture;
- 12 megapixels / 1024 x 768: how the cost grows with the picture while the mark stays small.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from unveil.blending import compose

RESULTS = Path(__file__).parent / "results" / "speed.json"


@dataclass(frozen=True)
class Scene:
    """A picture to time, with its mark."""

    size_hw: tuple[int, int]
    text_height: int
    """Of the mark in pixels."""


SCENES = {
    "1024x768": Scene((768, 1024), 200),
    "12-megapixel": Scene((3000, 4000), 140),
}

MAKE = "make"
"""Task that makes the scene, apart as well: Linux counts a parent's peak memory as its child's."""

TASKS = ("load", "locate", "remove", "remove-fast", "remove-mask", "network")
"""Loading alone; `locate`; `remove` blind, without refinement too, and with the mask given; the
network that locates on the whole picture."""
PUBLISHED = ("srresnet", "heterogeneous_unet", "swcnn")
"""Published networks that restore whole pictures, by recipe."""

ROUNDS = 3


def photo(size_hw: tuple[int, int], seed: int = 0) -> NDArray[np.float32]:
    """A picture with the spectrum of photographs: H x W x 3 float32 in [0, 1].

    Noise of amplitude 1/f^1.5 (photographs have 1 to 1.5: Tolhurst et al. 1992) with slow changes
    of hue, and without edges that could pass for a mark: the work to be timed is that of one mark.
    """
    height, width = size_hw
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width))
    frequency[0, 0] = np.inf

    def noise(exponent: float) -> NDArray[np.float32]:
        spectrum = np.fft.rfft2(rng.standard_normal((height, width))) / frequency**exponent
        plane = np.fft.irfft2(spectrum, s=size_hw).astype(np.float32)
        return (plane / plane.std())[..., None]

    light = np.array([0.08, 0.076, 0.068], np.float32) * noise(1.5)
    hue = np.array([0.04, 0, -0.04], np.float32) * noise(2)
    picture = np.array([0.36, 0.38, 0.36], np.float32) + light + hue
    return np.clip(picture, 0, 1).astype(np.float32)


def mark(scene: Scene, opacity: float = 0.6) -> NDArray[np.float32]:
    """The matte of a white word in the lower right of the scene: H x W x 1 in [0, opacity]."""
    height, width = scene.size_hw
    layer = Image.new("L", (width, height), 0)
    font = ImageFont.load_default(scene.text_height)
    corner = (width - scene.text_height, height - scene.text_height)
    ImageDraw.Draw(layer).text(corner, "Unveil", fill=255, font=font, anchor="rs")
    return np.asarray(layer, np.float32)[..., None] * (opacity / 255)


def write_scene(name: str, folder: Path) -> None:
    """marked.npy (uint8) and mask.npy (bool) of the scene."""
    scene = SCENES[name]
    matte = mark(scene)
    marked = compose(photo(scene.size_hw), np.float32(1), matte)
    np.save(folder / "marked.npy", np.rint(marked * 255).astype(np.uint8))
    np.save(folder / "mask.npy", matte[..., 0] > 0)


def measure(task: str, folder: Path, model: str, repeats: int) -> dict[str, object]:
    """One measurement, to be made in a process of its own."""
    marked = np.load(folder / "marked.npy")
    mask = np.load(folder / "mask.npy")
    begun = time.perf_counter()
    call, facts = _prepare(task, marked, mask, model)
    loading = time.perf_counter() - begun
    times = []
    for _ in range(repeats + 1 if task != "load" else 0):
        begun = time.perf_counter()
        result = call()
        times.append(time.perf_counter() - begun)
        facts |= _facts(task, result, mask)
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    measured = {"load_s": round(loading, 4), "peak_mb": round(peak / 1e6, 1), **facts}
    if times:
        measured |= {
            "first_s": round(times[0], 4),
            "median_s": round(statistics.median(times[1:]), 4),
            "best_s": round(min(times[1:]), 4),
        }
    return measured


def _prepare(
    task: str, marked: NDArray[np.uint8], mask: NDArray[np.bool_], model: str
) -> tuple[Callable[[], object], dict[str, object]]:
    if task == "network":
        from unveil.models.session import Session

        session = Session(model)
        picture = marked.astype(np.float32) / np.float32(255)
        return lambda: session.run(picture), {}
    if task in PUBLISHED:
        return _published(task, marked), {}
    import unveil

    remover = unveil.Remover("fast" if task == "remove-fast" else model)
    if task == "remove-mask":
        return lambda: remover.remove(marked, mask=mask), {}
    if task == "locate":
        return lambda: remover.locate(marked), {}
    return lambda: remover.remove(marked), {}


def _published(name: str, marked: NDArray[np.uint8]) -> Callable[[], object]:
    import torch

    from unveil.lab.networks.heterogeneous_unet import HeterogeneousUNet
    from unveil.lab.networks.srresnet import SRResNet
    from unveil.lab.networks.swcnn import SWCNN

    networks = {"srresnet": SRResNet, "heterogeneous_unet": HeterogeneousUNet, "swcnn": SWCNN}
    network = networks[name]().eval()
    picture = torch.from_numpy(marked).permute(2, 0, 1)[None] / 255

    @torch.inference_mode()
    def restore() -> object:
        return network(picture)

    return restore


def _facts(task: str, result: object, mask: NDArray[np.bool_]) -> dict[str, object]:
    """Whether the mark was found, for a time without work says nothing."""
    if task == "network" or task in PUBLISHED:
        return {}
    found = np.asarray(getattr(result, "mask", np.zeros_like(mask)))
    both = np.count_nonzero(found & mask)
    total = np.count_nonzero(found) + np.count_nonzero(mask)
    return {"found": bool(getattr(result, "found", False)), "mask_f1": round(2 * both / total, 3)}


def run_apart(task: str, folder: Path, model: str, repeats: int) -> dict[str, object]:
    """:func:`measure` in a fresh process."""
    command = [sys.executable, __file__, "--task", task, "--folder", str(folder)]
    command += ["--repeats", str(repeats), "--model", model]
    return json.loads(subprocess.check_output(command, text=True).splitlines()[-1])


def measure_scene(scene: str, folder: Path, model: str, repeats: int) -> dict[str, dict]:
    """Every measurement of a scene that lies in the folder, by task."""
    published = PUBLISHED if scene == next(iter(SCENES)) else ()
    rounds: list[dict[str, dict]] = []
    for _ in range(ROUNDS):
        rounds.append({})
        for task in (*TASKS, *published):
            rounds[-1][task] = run_apart(task, folder, model, 1 if task in published else repeats)
            print(f"{scene:14} {task:18} {rounds[-1][task]}", file=sys.stderr)
    return {task: middle([measured[task] for measured in rounds]) for task in rounds[0]}


def middle(measurements: list[dict]) -> dict:
    """That of the middle time."""
    by_time = sorted(measurements, key=lambda each: each.get("median_s", each["load_s"]))
    return by_time[len(by_time) // 2]


def make_apart(scene: str, folder: Path) -> None:
    """:func:`write_scene` in a fresh process."""
    command = [sys.executable, __file__, "--task", MAKE, "--scene", scene, "--folder", str(folder)]
    subprocess.run(command, check=True)


def ratios(scenes: dict[str, dict[str, dict]]) -> dict[str, float]:
    """What carries over to other machines."""
    median = {
        (scene, task): measured["median_s"]
        for scene, tasks in scenes.items()
        for task, measured in tasks.items()
        if "median_s" in measured
    }
    found = {
        f"{task} / network, {scene}": median[scene, task] / median[scene, "network"]
        for scene in scenes
        for task in ("locate", "remove", "remove-mask")
    }
    small, large = SCENES
    for name in PUBLISHED:
        for task in ("remove", "remove-fast"):
            found[f"{name} / {task}, {small}"] = median[small, name] / median[small, task]
    for task in ("locate", "remove", "remove-mask", "network"):
        found[f"{task}, {large} / {small}"] = median[large, task] / median[small, task]
    return {name: round(value, 3) for name, value in found.items()}


def _cpus() -> int | None:
    """Those that this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _load_average() -> float | None:
    """Processes that wanted a core in the last minute: a time beside other work is no time."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def main() -> None:
    parser = argparse.ArgumentParser(description="Seconds and memory of `remove`.")
    parser.add_argument("--model", default="default", help="name or file of a model")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--task", choices=(MAKE, *TASKS, *PUBLISHED), help=argparse.SUPPRESS)
    parser.add_argument("--scene", choices=SCENES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.task == MAKE:
        write_scene(given.scene, given.folder)
        return
    if given.task:
        print(json.dumps(measure(given.task, given.folder, given.model, given.repeats)))
        return
    busy = _load_average()
    scenes: dict[str, dict[str, dict]] = {}
    for name in SCENES:
        with tempfile.TemporaryDirectory() as folder:
            make_apart(name, Path(folder))
            scenes[name] = measure_scene(name, Path(folder), given.model, given.repeats)
    report = {
        "command": " ".join(["python benchmarks/speed.py", f"--repeats {given.repeats}"]),
        "model": Path(given.model).name,
        "machine": {
            "cpus": _cpus(),
            "load_before": busy,
            "load_after": _load_average(),
            "architecture": platform.machine(),
            "python": platform.python_version(),
        },
        "scenes": scenes,
        "ratios": ratios(scenes),
    }
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(report, indent=1) + "\n")
    for name, value in report["ratios"].items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
