"""Run methods over an exam: each case through each method, each result scored and tallied.

A method is a function Case -> Outcome. The remover is passed in, so that the laboratory can score
anything that has :class:`RemoverLike`'s one method, a stand-in of the tests included.
"""

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from typing import Protocol as Interface

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.codecs import read
from unveil.errors import UsageError
from unveil.lab.evaluation import metrics
from unveil.lab.evaluation.protocols import Case, Truth
from unveil.lab.evaluation.tally import PSNR_CEILING_DB, Row, Tally

TELEA_RADIUS = 3
"""Neighbourhood of Telea's inpainting in pixels, OpenCV's usual value and that of the findings."""


class RemoverLike(Interface):
    """What :class:`unveil.Remover` offers to a scorer."""

    def remove(self, picture: Any, *, mask: Any = None, denoise: bool = False) -> Any:
        """An :class:`unveil.Result` or its like: ``rgb``, ``mask``, ``matte``, ``found``,
        ``report.marks``, ``encode()``."""
        ...


@dataclass(frozen=True)
class Outcome:
    """What a method gives back for a case."""

    picture: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    found: bool
    matte: NDArray[np.floating] | None = None
    """H x W in [0, 1]; None where the method tells none."""
    colours: Sequence[Sequence[int]] = ()
    """The marks' colours in 8-bit RGB, as many as were found."""


Method = Callable[[Case], Outcome]


def nothing(case: Case) -> Outcome:
    """The marked picture as it is: the floor of every table and the check of its construction."""
    shape = case.mask.shape
    return Outcome(case.marked, np.zeros(shape, np.bool_), False, np.zeros(shape, np.float32))


def telea(case: Case) -> Outcome:
    """OpenCV's Telea inpainting under the true mask (Telea 2004): what no network can claim."""
    filled = cv2.inpaint(case.marked, case.mask.astype(np.uint8), TELEA_RADIUS, cv2.INPAINT_TELEA)
    return Outcome(filled.astype(np.uint8), case.mask, bool(case.mask.any()))


def blind(remover: RemoverLike) -> Method:
    """The remover as a user runs it: the picture alone."""
    return lambda case: _outcome(remover.remove(case.marked))


def with_true_mask(remover: RemoverLike) -> Method:
    """The remover told where the mark is: what is lost in restoring, not in finding."""
    return lambda case: _outcome(remover.remove(case.marked, mask=case.mask))


def denoising(remover: RemoverLike) -> Method:
    """The remover as a user runs it on a noisy picture: the noise is to come off, too."""
    return lambda case: _outcome(remover.remove(case.marked, denoise=True))


OF_A_REMOVER: dict[str, Callable[[RemoverLike], Method]] = {
    "unveil": blind,
    "unveil-mask": with_true_mask,
    "unveil-denoise": denoising,
}
METHODS = ("nothing", "telea", *OF_A_REMOVER)
"""What may be asked for by name; ``nothing`` is always run."""


def choose_methods(
    names: Sequence[str], load_remover: Callable[[], RemoverLike]
) -> dict[str, Method]:
    """The methods of these names in order, ``nothing`` first and always.

    The remover is loaded once, and only when a method needs it. Raises UsageError for an unknown
    name.
    """
    unknown = [name for name in names if name not in METHODS]
    if unknown:
        raise UsageError(
            f"expected methods of {', '.join(METHODS)}; got {', '.join(map(repr, unknown))}"
        )
    chosen: dict[str, Method] = {"nothing": nothing}
    remover: RemoverLike | None = None
    for name in names:
        if name == "telea":
            chosen[name] = telea
        elif name in OF_A_REMOVER:
            remover = remover or load_remover()
            chosen[name] = OF_A_REMOVER[name](remover)
    return chosen


def run(
    cases: Iterable[Case],
    methods: Mapping[str, Method],
    progress: Callable[[], object] = lambda: None,
) -> Tally:
    """Score every method on every case; ``progress`` is called after each case.

    Only the method's own time is counted. Raises ValueError when a result has not its input's size.
    """
    tally = Tally()
    for case in cases:
        for name, method in methods.items():
            begun = time.perf_counter()
            outcome = method(case)
            seconds = time.perf_counter() - begun
            tally.add(score(name, case, outcome, seconds))
        progress()
    return tally


def score(method: str, case: Case, outcome: Outcome, seconds: float) -> Row:
    """All figures of one outcome. The mask given to ``telea`` and ``unveil-mask`` scores itself."""
    psnr = metrics.psnr(outcome.picture, case.clean)
    floor = metrics.psnr(case.marked, case.clean)
    return Row(
        method=method,
        kind=case.kind,
        picture=case.picture,
        logo=case.logo,
        opacity=case.opacity,
        psnr=psnr,
        gain=min(psnr, PSNR_CEILING_DB) - min(floor, PSNR_CEILING_DB),
        ssim=metrics.ssim(outcome.picture, case.clean),
        psnr_masked=metrics.psnr_under(outcome.picture, case.clean, case.mask),
        mask=metrics.mask_counts(outcome.mask, case.mask),
        change_outside=metrics.change_outside(outcome.picture, case.marked, outcome.mask),
        **_mark_errors(outcome, case.truth),
        found=outcome.found,
        seconds=seconds,
    )


@dataclass(frozen=True)
class CleanRow:
    """What a remover did to a picture that has no mark."""

    picture: str
    found: bool
    identical: bool
    """Written back, the file has every byte as it was."""
    masked_pixels: int
    psnr: float
    seconds: float

    @property
    def kept(self) -> bool:
        """Nothing found and nothing changed: the only right answer."""
        return self.identical and not self.found

    def to_json(self) -> dict[str, Any]:
        psnr = self.psnr if np.isfinite(self.psnr) else "inf"
        return {**vars(self), "psnr": psnr, "kept": self.kept}

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> "CleanRow":
        """What to_json() gave."""
        values: dict[str, Any] = {name: value for name, value in row.items() if name != "kept"}
        values["psnr"] = float(row["psnr"])
        return cls(**values)


def run_clean(
    pictures: Sequence[tuple[str, Path]],
    remover: RemoverLike,
    progress: Callable[[], object] = lambda: None,
) -> list[CleanRow]:
    """False alarms: every (name, path) should come back with nothing found, nothing changed."""
    rows = []
    for name, path in pictures:
        picture = read(path)
        begun = time.perf_counter()
        result = remover.remove(picture)
        seconds = time.perf_counter() - begun
        rows.append(
            CleanRow(
                picture=name,
                found=bool(result.found),
                identical=result.encode() == picture.data,
                masked_pixels=int(np.count_nonzero(result.mask)),
                psnr=metrics.psnr(result.rgb, picture.rgb),
                seconds=seconds,
            )
        )
        progress()
    return rows


def _mark_errors(outcome: Outcome, truth: Truth | None) -> dict[str, float]:
    """Errors of matte and colours, NaN where they or the truth are not known."""
    if truth is None or outcome.matte is None:
        return dict.fromkeys(("matte_error", "rim_error", "colour_error"), math.nan)
    colours = np.array(outcome.colours, np.float32).reshape(-1, 3) / 255
    both = outcome.mask & (truth.matte > metrics.COLOURED)
    return {
        "matte_error": metrics.matte_error(outcome.matte, truth.matte),
        "rim_error": metrics.rim_error(outcome.matte, truth.matte),
        "colour_error": metrics.colour_error(colours, truth.colour, both),
    }


def _outcome(result: Any) -> Outcome:
    colours = [colour for mark in result.report.marks for colour in mark["colours"]]
    return Outcome(result.rgb, result.mask, bool(result.found), result.matte, colours)
