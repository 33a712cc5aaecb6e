"""Known marks: what removal with a template gives back, and how good templates get.

    python benchmarks/templates.py --pictures FOLDER --logos benchmarks/logos [--clean FOLDER]
        [--rows ROW ...] [--every N] [--out FILE.json]

Rows (each into the JSON, beside what it was made of):

- exact: the template given, put on in its own size at whole pixels, by protocol A's construction;
- moved: the template given, the mark shifted by parts of a pixel and resized .7 to 1.6 times;
- jpeg-95, jpeg-85: as exact, then stored as JPEG (4:2:0); beside it the blind method on the same
  pictures, in how many cases it is better, and `limit`: the score if the marked pixels came back as
  they are in the clean picture stored in the same way;
- rotated: as moved, turned by up to 3 degrees as well;
- flats: matte of a template from a black and a white flat, and opacity from one grey flat;
- pictures-30, pictures-8, pictures-30-bad: a template from so many pictures (of the last, one in
  five unmarked), and the removal with it from the first ten;
- clean: how many clean pictures are changed by each template.

PSNR in dB, over whole pictures, mean over cases; `nothing` is the marked picture.
"""

import argparse
import io
import json
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unveil.blending import compose
from unveil.lab.evaluation.metrics import psnr
from unveil.lab.evaluation.protocols import prepare_logo, protocol, read_logo
from unveil.pipeline import Remover
from unveil.templates.template import Template

RESULTS = Path(__file__).parent / "results" / "templates.json"
OPACITIES = (0.3, 0.5, 0.7)
PLACE_XY = protocol("a").position_xy
SCALE = protocol("a").scale
SCALES = (0.7, 1.6)
COLLECTIONS = {"pictures-30": (30, 0), "pictures-8": (8, 0), "pictures-30-bad": (30, 5)}
"""Row -> pictures, and that every so many of them is unmarked (0: none)."""
TRIED = 10
"""Pictures of a collection from which the mark is then removed."""

PICTURES = (".png", ".jpg", ".jpeg", ".webp")

Pixels = NDArray[np.uint8]


def template_of(sprite: Image.Image) -> Template:
    """The template of a prepared logo, for a strength of 1."""
    rgba = np.asarray(sprite, np.float32) / np.float32(255)
    return Template(rgba[..., 3], rgba[..., :3] * (rgba[..., 3:] > 0))


def stamped(clean: Pixels, template: Template, opacity: float, place_xy: tuple[int, int]) -> Pixels:
    """The picture with the mark at whole pixels; what reaches past it is cut off."""
    x, y = place_xy
    area = np.s_[y : y + template.matte.shape[0], x : x + template.matte.shape[1]]
    below = clean[area] / 255
    height, width = below.shape[:2]
    matte = opacity * template.matte[:height, :width, None]
    marked = clean.copy()
    marked[area] = np.rint(255 * compose(below, template.colour[:height, :width], matte))
    return marked


def moved(
    clean: Pixels,
    template: Template,
    opacity: float,
    random: np.random.Generator,
    most_degrees: float = 0,
) -> Pixels:
    """The picture with the mark resized, turned, and shifted by parts of a pixel, by OpenCV."""
    height, width = clean.shape[:2]
    scale = random.uniform(*SCALES)
    scale = min(
        scale, 0.9 * width / template.matte.shape[1], 0.9 * height / template.matte.shape[0]
    )
    rgba = np.dstack([template.colour * template.matte[..., None], template.matte])
    filter_ = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    rgba = np.clip(cv2.resize(rgba, None, fx=scale, fy=scale, interpolation=filter_), 0, 1)
    room = np.array([width - rgba.shape[1], height - rgba.shape[0]])
    shift = np.hstack([np.eye(2), random.uniform(0, room)[:, None]])
    if most_degrees:
        middle = rgba.shape[1] / 2, rgba.shape[0] / 2
        turn = cv2.getRotationMatrix2D(middle, random.uniform(-most_degrees, most_degrees), 1)
        shift = turn + np.hstack([np.zeros((2, 2)), shift[:, 2:]])
    layer = cv2.warpAffine(rgba, shift, (width, height), flags=cv2.INTER_LINEAR)
    mixed = opacity * layer[..., :3] + (1 - opacity * layer[..., 3:]) * (clean / 255)
    return np.rint(255 * np.clip(mixed, 0, 1)).astype(np.uint8)


def compressed(picture: Pixels, quality: int) -> bytes:
    """The picture as a JPEG."""
    stored = io.BytesIO()
    Image.fromarray(picture).save(stored, "JPEG", quality=quality)
    return stored.getvalue()


def pixels_of(stored: bytes) -> Pixels:
    """The picture of a file."""
    return np.asarray(Image.open(io.BytesIO(stored)))


class Exam:
    """Pictures, logos and the remover that all rows share."""

    def __init__(self, pictures: Path, logos: Path, clean: Path | None, every: int) -> None:
        self.pictures = [np.asarray(Image.open(p).convert("RGB")) for p in _files(pictures)]
        self.templates = [
            template_of(prepare_logo(read_logo(p), 1.0, SCALE)) for p in _files(logos)
        ]
        self.clean = [] if clean is None else _files(clean)
        self.every = every
        self.remover = Remover()

    def cases(self, opacities: tuple[float, ...]) -> Iterator[tuple[Pixels, Template, float]]:
        """Every picture with every logo and opacity, or each of so many of them."""
        together = [
            (picture, template, opacity)
            for picture in self.pictures
            for template in self.templates
            for opacity in opacities
        ]
        # all opacities of a case are kept together
        count = len(opacities)
        for start in range(0, len(together), count * self.every):
            yield from together[start : start + count]

    def removal(self, mark: Callable[..., Pixels]) -> dict[str, Any]:
        """Scores by opacity of removing what `mark` puts on."""
        random = np.random.default_rng(0)
        scores: dict[float, list[dict[str, float]]] = {opacity: [] for opacity in OPACITIES}
        for picture, template, opacity in self.cases(OPACITIES):
            marked = mark(picture, template, opacity, random)
            result = self.remover.remove(marked, template=template)
            scores[opacity].append(
                {
                    "nothing": psnr(marked, picture),
                    "template": psnr(result.rgb, picture),
                    "found": float(result.found),
                }
            )
        return {str(opacity): _means(rows) for opacity, rows in scores.items()}

    def exact(self) -> dict[str, Any]:
        return self.removal(lambda picture, t, a, _: stamped(picture, t, a, PLACE_XY))

    def moved(self) -> dict[str, Any]:
        return self.removal(moved)

    def rotated(self) -> dict[str, Any]:
        return self.removal(lambda *case: moved(*case, most_degrees=3))

    def jpeg(self, quality: int) -> dict[str, Any]:
        """As :meth:`removal`, with the blind method and the limit."""
        scores: dict[float, list[dict[str, float]]] = {opacity: [] for opacity in OPACITIES}
        for picture, template, opacity in self.cases(OPACITIES):
            marked = stamped(picture, template, opacity, PLACE_XY)
            stored, clean = compressed(marked, quality), compressed(picture, quality)
            result = self.remover.remove(stored, template=template)
            is_marked = (marked != picture).any(-1, keepdims=True)
            limit = np.where(is_marked, pixels_of(clean), pixels_of(stored))
            scores[opacity].append(
                {
                    "nothing": psnr(pixels_of(stored), picture),
                    "template": psnr(result.rgb, picture),
                    "limit": psnr(limit, picture),
                    "found": float(result.found),
                    "blind": psnr(self.remover.remove(stored).rgb, picture),
                }
            )
        return {
            str(opacity): {
                **_means(rows),
                "below blind": sum(row["template"] < row["blind"] for row in rows),
            }
            for opacity, rows in scores.items()
        }

    def flats(self) -> dict[str, Any]:
        """Errors of the matte from two flats, and of the opacity of white marks from one."""
        matte_errors, opacity_errors = [], []
        for template in self.templates:
            height, width = (side + 40 for side in template.matte.shape)
            for opacity in OPACITIES:
                grounds = [np.full((height, width, 3), level, np.uint8) for level in (0, 255, 128)]
                flats = [stamped(ground, template, opacity, (20, 20)) for ground in grounds[:2]]
                found = _on_canvas(Template.from_flats(flats), (height, width))
                truth = _on_canvas(template, (height, width), (20, 20)) * opacity
                matte_errors.append(255 * float(np.abs(found - truth)[truth > 0].mean()))
                white = Template(template.matte, np.ones_like(template.colour))
                grey = stamped(grounds[2], white, opacity, (20, 20))
                opacity_errors.append(abs(float(Template.from_flats([grey]).matte.max()) - opacity))
        return {
            "two flats: mean matte error under the mark, of 255": statistics.mean(matte_errors),
            "one grey flat, white mark: largest opacity error": max(opacity_errors),
        }

    def collection(self, count: int, bad: int) -> dict[str, Any]:
        """Matte error of templates from pictures at opacity .5, and removal with them."""
        rows = []
        for template in self.templates:
            height, width = template.matte.shape
            chosen = self._of_one_size(count, PLACE_XY[1] + height, PLACE_XY[0] + width)
            marked = [
                picture if bad and number % bad == 0 else stamped(picture, template, 0.5, PLACE_XY)
                for number, picture in enumerate(chosen)
            ]
            found = Template.from_pictures(marked)
            size_hw = chosen[0].shape[:2]
            truth = 0.5 * _on_canvas(template, size_hw, PLACE_XY)
            error = np.abs(_on_canvas(found, size_hw) - truth)[truth > 0].mean()
            pairs = [(m, c) for m, c in zip(marked, chosen, strict=True) if m is not c][:TRIED]
            results = [self.remover.remove(m, template=found) for m, _ in pairs]
            rows.append(
                {
                    "matte error": float(error),
                    "nothing": statistics.mean(psnr(m, c) for m, c in pairs),
                    "template": statistics.mean(
                        psnr(r.rgb, c) for r, (_, c) in zip(results, pairs, strict=True)
                    ),
                    "found": statistics.mean(float(r.found) for r in results),
                }
            )
        return _means(rows)

    def _of_one_size(self, count: int, least_h: int, least_w: int) -> list[Pixels]:
        """So many pictures of the first's orientation, cut to one size; again, if there are few."""
        large = [p for p in self.pictures if p.shape[0] >= least_h and p.shape[1] >= least_w]
        wide = [p for p in large if p.shape[1] >= p.shape[0]]
        height, width = (min(p.shape[axis] for p in wide) for axis in (0, 1))
        cut = [p[:height, :width] for p in wide]
        cut += [p[:, ::-1] for p in cut]
        return [np.ascontiguousarray(p) for p in cut[:count]]

    def untouched(self) -> dict[str, Any]:
        """Clean pictures that a template changes; each picture with one of the templates."""
        changed = []
        for number, path in enumerate(self.clean):
            template = self.templates[number % len(self.templates)]
            picture = np.asarray(Image.open(path).convert("RGB"))
            if min(picture.shape[:2]) >= max(template.matte.shape) / 4:
                changed.append(self.remover.remove(picture, template=template).mask.any())
        return {"pictures": len(changed), "changed": int(sum(changed))}


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURES)


def _on_canvas(
    template: Template, size_hw: tuple[int, int], place_xy: tuple[int, int] | None = None
) -> NDArray[np.float32]:
    """The matte where it lies in the pictures."""
    if place_xy is None:
        assert template.place is not None
        place_xy = template.place.x, template.place.y
    canvas = np.zeros(size_hw, np.float32)
    area = canvas[place_xy[1] :, place_xy[0] :]
    height, width = (min(a, b) for a, b in zip(template.matte.shape, area.shape, strict=True))
    area[:height, :width] = template.matte[:height, :width]
    return canvas


def _means(rows: list[dict[str, float]]) -> dict[str, Any]:
    if not rows:
        return {"cases": 0}
    means = {name: round(statistics.mean(r[name] for r in rows), 4) for name in rows[0]}
    lowest = min(row["template"] for row in rows)
    return {"cases": len(rows), **means, "template, lowest": round(lowest, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--logos", type=Path, required=True)
    parser.add_argument("--clean", type=Path)
    parser.add_argument("--every", type=int, default=1, help="take each of so many cases")
    parser.add_argument("--rows", nargs="+")
    parser.add_argument("--out", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    exam = Exam(chosen.pictures, chosen.logos, chosen.clean, chosen.every)
    rows: dict[str, Callable[[], dict[str, Any]]] = {
        "exact": exam.exact,
        "moved": exam.moved,
        "rotated": exam.rotated,
        "jpeg-95": lambda: exam.jpeg(95),
        "jpeg-85": lambda: exam.jpeg(85),
        "flats": exam.flats,
        **{
            name: lambda count=count, bad=bad: exam.collection(count, bad)
            for name, (count, bad) in COLLECTIONS.items()
        },
        "clean": exam.untouched,
    }
    scores = json.loads(chosen.out.read_text()) if chosen.out.is_file() else {}
    for name in chosen.rows or rows:
        scores[name] = {"every": chosen.every, **rows[name]()}
        chosen.out.write_text(json.dumps(scores, indent=2) + "\n")
        print(name, json.dumps(scores[name], indent=2), flush=True)


if __name__ == "__main__":
    main()
