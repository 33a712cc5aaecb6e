"""A folder of pictures with a known mark: pictures per second and peak memory.

    python benchmarks/many.py [--counts 100 1000] [--megapixels 1] [--out FILE.json]

The script makes the pictures itself, JPEG of quality 92, all under one logo near the bottom right,
and a template of it from two flats; `unveil remove FOLDER --template` runs once for each count, in
a process of its own whose peak memory the system reports. `at its place`: the template knows where
the mark lay. `anywhere`: it does not, so the mark is looked for, which takes four times as long:
with the first count only.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from speed import photo

from unveil.blending import compose
from unveil.templates.template import Template

RESULTS = Path(__file__).parent / "results" / "many.json"
DIFFERENT = 8
"""Different pictures; the others are links to them."""
MARK_PX = 180
MARGIN_PX = 40
OPACITY = 0.5


def matte() -> np.ndarray:
    """A ring with three spokes, H x W x 1."""
    rows, columns = np.mgrid[:MARK_PX, :MARK_PX] - (MARK_PX - 1) / 2
    radius, angle = np.hypot(rows, columns), np.arctan2(rows, columns)
    ring = np.clip(9.5 - np.abs(radius - 0.4 * MARK_PX), 0, 1)
    spokes = np.clip(7.5 - np.abs(radius * np.sin(1.5 * angle)), 0, 1) * (radius < 0.4 * MARK_PX)
    return OPACITY * np.maximum(ring, spokes)[..., None]


def marked(clean: np.ndarray) -> Image.Image:
    """The picture, H x W x 3 in [0, 1], under the white mark."""
    last = -MARGIN_PX - MARK_PX
    area = np.s_[last:-MARGIN_PX, last:-MARGIN_PX]
    picture = clean.copy()
    picture[area] = compose(clean[area], np.ones(3), matte())
    return Image.fromarray(np.rint(255 * picture).astype(np.uint8))


def make(folder: Path, size_hw: tuple[int, int], count: int) -> None:
    """The pictures of one run."""
    folder.mkdir()
    for number in range(count):
        path = folder / f"{number:05}.jpg"
        if number < DIFFERENT:
            marked(photo(size_hw, seed=number)).save(path, quality=92)
        else:
            os.link(folder / f"{number % DIFFERENT:05}.jpg", path)


def run(pictures: Path, template: Path, output: Path) -> dict[str, float]:
    """Seconds and peak memory of one run of the command."""
    command = [sys.executable, "-c", "from unveil.cli import main; main()", "remove", str(pictures)]
    command += ["--template", str(template), "-o", str(output)]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    count = len(list(pictures.iterdir()))
    if status:
        raise SystemExit(f"expected exit code 0, got {os.waitstatus_to_exitcode(status)}")
    return {
        "pictures per second": round(count / seconds, 3),
        "processor seconds per picture": round((usage.ru_utime + usage.ru_stime) / count, 3),
        "peak memory, MiB": round(usage.ru_maxrss / 1024),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--megapixels", type=float, default=1)
    parser.add_argument("--out", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    height = round((chosen.megapixels * 1e6 * 3 / 4) ** 0.5)
    size_hw = height, round(height * 4 / 3)
    scores: dict = {"size_hw": size_hw, "processors": os.cpu_count()}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        flats = [marked(np.full((*size_hw, 3), level)) for level in (0.0, 1.0)]
        placed = Template.from_flats([np.asarray(flat) for flat in flats])
        placed.save(folder / "placed.template.png")
        Template(placed.matte, placed.colour).save(folder / "free.template.png")
        for count in chosen.counts:
            make(folder / str(count), size_hw, count)
            rows = {"at its place": "placed"}
            if count == chosen.counts[0]:
                rows["anywhere"] = "free"
            for row, template in rows.items():
                output = folder / f"{template}-{count}"
                found = run(folder / str(count), folder / f"{template}.template.png", output)
                scores.setdefault(row, {})[str(count)] = found
                chosen.out.write_text(json.dumps(scores, indent=2) + "\n")
                print(row, count, json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
