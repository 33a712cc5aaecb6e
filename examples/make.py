"""Draw the marks of the example pictures. Run: python examples/make.py (needs the lab extra).

The clean photographs come from scikit-image's wheel (origin and licence: README.md beside this).
Each is stored first and read back, so that marked and clean picture differ by the mark and by
nothing else but the marked file's own compression. Logos and phrases are held out of training.
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from skimage import data

from unveil.blending import compose
from unveil.lab.marks.split import HELD_OUT_WORDS, is_held_out

HERE = Path(__file__).parent
LOGOS = HERE.parent / "benchmarks" / "logos"


def main() -> None:
    name = set_text("Paper Heron", "DejaVuSerif-Bold.ttf", 48)
    index = [
        make(
            "coffee.jpg", data.coffee(), load_logo("02.png", 200), opacity=0.55, at_xy=(0.96, 0.96)
        ),
        make("cat.png", data.chelsea(), name, opacity=0.6, at_xy=(0.96, 0.96)),
        make(
            "rocket.webp", data.rocket(), load_logo("05.png", 200), opacity=0.55, at_xy=(0.5, 0.5)
        ),
    ]
    text = json.dumps(index, indent=2) + "\n"
    (HERE / "examples.json").write_text(text, encoding="utf-8")


def make(
    name: str,
    photograph: np.ndarray,
    sprite: np.ndarray,
    *,
    opacity: float,
    at_xy: tuple[float, float],
) -> dict[str, object]:
    """Store the clean photograph and the marked one; their entry in the index.

    sprite: h x w x 4 in [0, 1], colour and shape; at_xy: shares of the free width and height that
    lie left of and above it.
    """
    path = HERE / name
    clean_path = path.with_suffix(f".clean{path.suffix}")
    save(photograph, clean_path)
    clean = np.asarray(Image.open(clean_path).convert("RGB"), np.float32) / 255
    left = round(at_xy[0] * (clean.shape[1] - sprite.shape[1]))
    top = round(at_xy[1] * (clean.shape[0] - sprite.shape[0]))
    area = np.s_[top : top + sprite.shape[0], left : left + sprite.shape[1]]
    marked = clean.copy()
    marked[area] = compose(clean[area], sprite[..., :3], opacity * sprite[..., 3:])
    save(np.rint(255 * marked).astype(np.uint8), path)
    return {"marked": path.name, "clean": clean_path.name, "opacity": opacity}


def save(pixels: np.ndarray, path: Path) -> None:
    """In the format of the name, at a camera's quality."""
    options = {
        ".jpg": {"quality": 95, "subsampling": "4:4:4", "optimize": True},
        ".webp": {"quality": 95, "method": 6},
        ".png": {"optimize": True},
    }
    Image.fromarray(pixels).save(path, **options[path.suffix])


def load_logo(name: str, width_px: int) -> np.ndarray:
    """A held-out logo, h x width x 4 in [0, 1]."""
    image = Image.open(LOGOS / name).convert("RGBA")
    height_px = round(image.height * width_px / image.width)
    return np.asarray(image.resize((width_px, height_px), Image.Resampling.LANCZOS)) / 255


def set_text(text: str, font: str, size_px: int) -> np.ndarray:
    """A line of text, h x w x 4 in [0, 1], white."""
    if not is_held_out(text, HELD_OUT_WORDS):
        raise ValueError(f"expected a phrase held out of training, got {text!r}; choose another")
    face = ImageFont.truetype(font, size_px)
    left, top, right, bottom = (int(edge) for edge in face.getbbox(text))
    image = Image.new("RGBA", (right - left + 2, bottom - top + 2), (255, 255, 255, 0))
    shape = Image.new("L", image.size, 0)
    ImageDraw.Draw(shape).text((1 - left, 1 - top), text, fill=255, font=face)
    image.putalpha(shape)
    return np.asarray(image) / 255


if __name__ == "__main__":
    main()
