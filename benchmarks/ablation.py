"""What each part of restoration is worth, with the true mask and blind.

    python benchmarks/ablation.py --pictures FOLDER --logos FOLDER [--every N] [--out FILE.json]

Protocol A's construction. Rows, each with all that stands above it:

- network: the network's own matte and colour, inverted;
- solver: one opacity and a few colours for the mark, solved from its borders;
- parts: the colours of what lies within it;
- rim: what of each pixel is covered, from its neighbourhood;
- filling: where nothing of the background is left;
- refinement: what the refining network makes of that;
- completion: all of it with marks that were looked at as a whole (blind only).

PSNR in dB, over whole pictures, mean over cases.
"""

import argparse
import json
import statistics
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unveil.blending import unblend
from unveil.completion import MODEL as COMPLETING_MODEL
from unveil.completion import Completer, find_whole_marks
from unveil.lab.evaluation.metrics import psnr
from unveil.lab.evaluation.protocols import Case, protocol, protocol_cases
from unveil.lab.synthesis.pictures import find_pictures
from unveil.location.given import marks_in_mask
from unveil.location.network import Found, find_marks, union
from unveil.masks import dilated, eroded
from unveil.models.session import Session
from unveil.pairs import core_of
from unveil.pipeline import restore_found
from unveil.restore.figures import MODEL as FIGURE_MODEL
from unveil.restore.figures import FigureFinder, FindFigures
from unveil.restore.mark import Method
from unveil.restore.opacity import solve
from unveil.restore.parts import with_parts
from unveil.restore.refine import MODEL, Refine, Refiner

RESULTS = Path(__file__).parent / "results" / "ablation.json"

Floats = NDArray[np.floating]
Restorer = Callable[[Found, Floats, NDArray[np.bool_]], Floats]
"""A mark, its region h x w x 3, and the pixels of all marks, H x W -> the region's background."""


def by_network(mark: Found, marked: Floats, _: NDArray[np.bool_]) -> Floats:
    """The network's matte and colour."""
    return _within(mark, marked, unblend(marked, mark.colour, mark.matte[..., None]))


def by_solver(find_figures: FindFigures | None) -> Restorer:
    """The solved opacity and colours; coverage as the network has it."""

    def restored(mark: Found, marked: Floats, everything: NDArray[np.bool_]) -> Floats:
        core = core_of(mark.mask, mark.matte)
        clean = ~dilated(everything[mark.area], 1)
        solution = solve(marked, core, clean, mark.matte, mark.colour, mark.trust)
        if find_figures is not None:
            solution = with_parts(marked, eroded(mark.mask, 1), clean, solution, find_figures)
        cover = np.clip(mark.matte / max(float(np.median(mark.matte[core])), 1e-3), 0, 1)
        matte = (solution.opacity * cover)[..., None]
        return _within(mark, marked, unblend(marked, solution.colours[solution.labels], matte))

    return restored


def by_restore(
    method: Method, find_figures: FindFigures, refine_by: Refine | None = None
) -> Restorer:
    """The package's own restoration, up to a point."""

    def restored(mark: Found, marked: Floats, everything: NDArray[np.bool_]) -> Floats:
        return restore_found(
            mark, marked, everything, method=method, refine_by=refine_by, find_figures=find_figures
        ).background

    return restored


def _within(mark: Found, marked: Floats, background: Floats) -> Floats:
    return np.where(mark.mask[..., None], background, marked)


def score(case: Case, found: list[Found], restorer: Restorer) -> float:
    """PSNR of the picture with every mark restored."""
    picture = case.marked.astype(np.float32) / 255
    everything = union(found, (case.mask.shape[0], case.mask.shape[1]))
    for mark in found:
        picture[mark.area] = restorer(mark, picture[mark.area].copy(), everything)
    return psnr(np.rint(picture.clip(0, 1) * 255).astype(np.uint8), case.clean)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--logos", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1, help="take every so many cases")
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args()
    session, complete = Session(), Completer(Session(COMPLETING_MODEL))
    find_figures = FigureFinder(Session(FIGURE_MODEL))
    restorers: dict[str, Restorer] = {
        "network": by_network,
        "solver": by_solver(None),
        "parts": by_solver(find_figures),
        "rim": by_restore("unblend", find_figures),
        "filling": by_restore("auto", find_figures),
        "refinement": by_restore("auto", find_figures, Refiner(Session(MODEL))),
    }
    scores: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    pictures, logos = _files(asked.pictures), _files(asked.logos)
    for number, case in enumerate(protocol_cases(protocol("a"), pictures, logos)):
        if number % asked.every:
            continue
        opacity = f"{case.opacity:g}"
        scores["", "nothing", opacity].append(psnr(case.marked, case.clean))
        given = marks_in_mask(case.marked, case.mask, session)
        for way, found in (("mask", given), ("blind", find_marks(case.marked, session))):
            for name, restorer in restorers.items():
                scores[way, name, opacity].append(score(case, found, restorer))
        whole = find_whole_marks(case.marked, session, complete)
        scores["blind", "completion", opacity].append(score(case, whole, restorers["refinement"]))
    rows = [
        {
            "mask": way,
            "with": name,
            "opacity": opacity,
            "psnr": round(statistics.fmean(values), 2),
            "cases": len(values),
        }
        for (way, name, opacity), values in scores.items()
    ]
    asked.out.write_text(json.dumps({"every": asked.every, "rows": rows}, indent=2) + "\n")
    for row in rows:
        print(*row.values(), sep="\t")


def _files(folder: Path) -> list[tuple[str, Path]]:
    return [(path.stem, path) for path in find_pictures(folder)]


if __name__ == "__main__":
    main()
