"""Samples per second of the synthesis and of a training step, against drawing samples one at a
time.

    python benchmarks/synthesis.py [--seconds 5] [--out FILE.json]

The other way is written here as the published projects describe theirs: each sample begins with a
file that is opened, marks are drawn and laid over it with Pillow until they cover its share, and
what no call of Pillow does is done in a Python loop over the pixels:

- `one logo` (SWCNN, arXiv 2403.05807): two views under one logo, its opacity set pixel by pixel;
- `two views` (github.com/ianhenryryan/watermarkcnn): two views under different phrases, each turned
  and filtered, of an opacity that varies from pixel to pixel, then augmented together, and the mask
  pixel by pixel.

All on one thread, in seconds of that thread's processor time, which other work on the machine
changes little; the ratios carry over. A step is the recipe's network, forth and back; `data` is the
part of it that goes into drawing its batch. On a GPU, where the network is some hundred times
faster, the synthesis runs there too.
"""

import argparse
import io
import itertools
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps
from speed import photo

from unveil.lab.marks.atlas import build_atlas
from unveil.lab.networks.heterogeneous_unet import HeterogeneousUNet
from unveil.lab.networks.swcnn import SWCNN
from unveil.lab.synthesis.augment import AugmentConfig, Augmented, Source
from unveil.lab.synthesis.pairs import MarkedPairs, PairConfig, same_logo, triplets
from unveil.lab.synthesis.pictures import find_pictures, load_marks, load_pictures
from unveil.lab.synthesis.textures import SPRITE_LEVELS, Textures
from unveil.lab.training.run import precision_on

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "synthesis.json"
LOGOS = HERE / "logos"
SIZE_PX = 256
BATCH_SIZE = 8
PICTURES = 12
PHRASES = ("Sample", "Do not copy", "Muestra", "Vorschau", "\u00a9 2025", "preview", "PROOF")


def one_logo(path: Path, chance: random.Random) -> list[torch.Tensor]:
    """Two views of a crop under one logo, one sample."""
    config = same_logo(SIZE_PX)
    clean = cut(path, chance)
    logo = Image.open(chance.choice(sorted(LOGOS.glob("*.png")))).convert("RGBA")
    views = [view(clean, lambda: translucent(logo, config, chance), config, chance) for _ in "ab"]
    return [tensor(picture) for picture in views]


def two_views(path: Path, chance: random.Random) -> list[torch.Tensor]:
    """Two views of a crop under phrases, augmented together, one sample."""
    config = triplets(SIZE_PX)
    clean = cut(path, chance)
    marked, target = (view(clean, lambda: phrase(config, chance), config, chance) for _ in "ab")
    mask = Image.new("RGB", clean.size)
    for place in itertools.product(range(SIZE_PX), repeat=2):
        if marked.getpixel(place) != clean.getpixel(place):
            mask.putpixel(place, (255, 255, 255))
    planes = [marked, target, mask]
    if chance.random() < 0.5:
        planes = [ImageOps.mirror(plane) for plane in planes]
    if chance.random() < 0.3:
        angle = chance.uniform(-17, 17)
        planes = [plane.rotate(angle, Image.Resampling.BILINEAR) for plane in planes]
    if chance.random() < 0.3:
        factor = chance.uniform(0.75, 1.2)
        planes[:2] = [ImageEnhance.Contrast(plane).enhance(factor) for plane in planes[:2]]
    if chance.random() < 0.2:
        file = io.BytesIO()
        planes[0].save(file, "JPEG", quality=chance.randint(50, 95))
        planes[0] = Image.open(file).convert("RGB")
    return [tensor(plane) for plane in planes]


def cut(path: Path, chance: random.Random) -> Image.Image:
    """Any crop of a picture's file."""
    picture = Image.open(path).convert("RGB")
    left, top = (chance.randint(0, side - SIZE_PX) for side in picture.size)
    return picture.crop((left, top, left + SIZE_PX, top + SIZE_PX))


def view(
    clean: Image.Image,
    draw: Callable[[], Image.Image],
    config: PairConfig,
    chance: random.Random,
) -> Image.Image:
    """The crop under one drawn mark after another, until its share is covered."""
    share = chance.uniform(*config.share)
    marked = clean.convert("RGBA")
    covered = np.zeros((SIZE_PX, SIZE_PX), np.bool_)
    while True:
        mark = draw()
        layer = Image.new("RGBA", clean.size)
        left, top = (chance.randint(-side // 4, SIZE_PX - 3 * side // 4) for side in mark.size)
        layer.paste(mark, (left, top))
        marked = Image.alpha_composite(marked, layer)
        covered |= np.asarray(layer)[..., 3] > 0
        if covered.mean() > share:
            return marked.convert("RGB")


def translucent(logo: Image.Image, config: PairConfig, chance: random.Random) -> Image.Image:
    """The logo at any size, of one opacity wherever it is not transparent."""
    scale = chance.uniform(*config.synthesis.length_px) / max(logo.size)
    opacity = round(255 * chance.uniform(*config.synthesis.opacity))
    drawn = logo.resize((round(logo.width * scale), round(logo.height * scale)))
    for x, y in itertools.product(range(drawn.width), range(drawn.height)):
        *colour, alpha = drawn.getpixel((x, y))  # type: ignore[misc]
        if alpha:
            drawn.putpixel((x, y), (*colour, opacity))
    return drawn


def phrase(config: PairConfig, chance: random.Random) -> Image.Image:
    """A phrase, turned, sometimes filtered, of an opacity that varies."""
    length = chance.uniform(*config.synthesis.length_px)
    text = chance.choice(PHRASES)
    font = ImageFont.load_default(max(8, round(1.7 * length / len(text))))
    left, top, right, bottom = (round(edge) for edge in font.getbbox(text))
    drawn = Image.new("RGBA", (right - left + 2, bottom - top + 2))
    colour = tuple(chance.randint(0, 255) for _ in range(3))
    ImageDraw.Draw(drawn).text((1 - left, 1 - top), text, (*colour, 255), font)
    if chance.random() < 0.3:
        drawn = drawn.filter(ImageFilter.GaussianBlur(1))
    drawn = drawn.rotate(chance.uniform(-30, 30), Image.Resampling.BICUBIC, expand=True)
    low, high = sorted(chance.uniform(*config.synthesis.opacity) for _ in "ab")
    for x, y in itertools.product(range(drawn.width), range(drawn.height)):
        *shown, alpha = drawn.getpixel((x, y))  # type: ignore[misc]
        drawn.putpixel((x, y), (*shown, round(alpha * chance.uniform(low, high))))
    return drawn


def tensor(picture: Image.Image) -> torch.Tensor:
    """[3, H, W] in [0, 1]."""
    return torch.from_numpy(np.asarray(picture, np.float32) / 255).permute(2, 0, 1)


def one_at_a_time(
    sample: Callable[[Path, random.Random], list[torch.Tensor]], paths: list[Path]
) -> Iterator[list[torch.Tensor]]:
    """Batches without end of samples drawn one by one."""
    chance = random.Random(0)
    while True:
        samples = [sample(chance.choice(paths), chance) for _ in range(BATCH_SIZE)]
        yield [torch.stack(planes) for planes in zip(*samples, strict=True)]


def batched(source: Source) -> Iterator[list[torch.Tensor]]:
    """Batches without end of the laboratory's synthesis."""
    while True:
        batch = source.draw()
        yield [batch.marked, batch.target]


def sources(pictures: Textures) -> dict[str, Source]:
    """The laboratory's own, by the names of the other way's functions."""
    phrases = Textures(build_atlas(100, seed=0).sprites, SPRITE_LEVELS)
    pairs = MarkedPairs(pictures, load_marks(LOGOS), same_logo(SIZE_PX), BATCH_SIZE, 0)
    views = MarkedPairs(pictures, phrases, triplets(SIZE_PX), BATCH_SIZE, 0)
    return {"one logo": pairs, "two views": Augmented(views, AugmentConfig())}


def seconds(work: Callable[[], object], least: float) -> float:
    """Processor time of one call, after one to warm up: the mean over at least so many seconds."""
    work()
    begun, calls = time.process_time(), 0
    while time.process_time() - begun < least:
        work()
        calls += 1
    return (time.process_time() - begun) / calls


def step(network: torch.nn.Module, batches: Iterator[list[torch.Tensor]]) -> Callable[[], None]:
    """What one training step computes, but for its batch."""
    marked, target = next(batches)[:2]
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    marked = marked.contiguous(memory_format=torch.channels_last)
    mixed = precision_on(marked.device, "bf16-mixed") == "bf16-mixed"

    def run() -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
            loss = (network(marked).float() - target).abs().mean()
        loss.backward()

    return run


def measure(paths: list[Path], least: float) -> dict[str, dict[str, float]]:
    """Rates and ratios of each kind of sample."""
    samples = {"one logo": (one_logo, SWCNN), "two views": (two_views, HeterogeneousUNet)}
    figures = {}
    for name, source in sources(load_pictures(paths, SIZE_PX)).items():
        sample, network = samples[name]
        ours, theirs = batched(source), one_at_a_time(sample, paths)
        fast, slow = (seconds(lambda it=it: next(it), least) for it in (ours, theirs))
        net = seconds(step(network(), ours), least)
        figures[name] = {
            "samples per second": BATCH_SIZE / fast,
            "one at a time": BATCH_SIZE / slow,
            "ratio": slow / fast,
            "step, samples per second": BATCH_SIZE / (net + fast),
            "step, one at a time": BATCH_SIZE / (net + slow),
            "step, ratio": (net + slow) / (net + fast),
            "data, part of the step": fast / (net + fast),
            "data one at a time, part of the step": slow / (net + slow),
        }
        print(name, {key: round(value, 3) for key, value in figures[name].items()}, sep=": ")
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description="Samples per second of the synthesis.")
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement")
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(PICTURES):
            levels = np.rint(photo((288, 432), seed=number) * 255).astype(np.uint8)
            Image.fromarray(levels).save(Path(folder) / f"{number}.jpg", quality=92)
        figures = measure(find_pictures(Path(folder)), given.seconds)
    report = {
        "command": "python benchmarks/synthesis.py",
        "crops": f"{BATCH_SIZE} of {SIZE_PX} px, one thread, processor time",
        "torch": torch.__version__,
        "python": sys.version.split()[0],
        "figures": {
            name: {key: round(value, 3) for key, value in values.items()}
            for name, values in figures.items()
        },
    }
    given.out.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
