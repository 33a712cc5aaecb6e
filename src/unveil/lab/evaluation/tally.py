"""Scores that add up: one row per case, kept; means and intervals are reduced from the rows.

Shards of one exam, run apart and merged in any order, give the same figures to the last bit as one
run over the whole: rows are keyed, sums are exactly rounded (``math.fsum``), counts are integers.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from unveil.errors import UsageError
from unveil.lab.evaluation.metrics import MaskCounts

PSNR_CEILING_DB = 100.0
"""A PSNR enters a mean as at most this: one perfect case (infinite) must not hide the rest."""

MEANS = (
    "psnr",
    "gain",
    "ssim",
    "psnr_masked",
    "mask_f1",
    "mask_iou",
    "matte_error",
    "rim_error",
    "colour_error",
    "seconds",
)
"""What is averaged over cases, each with an interval."""

RESAMPLES = 2000
"""Draws of the bootstrap."""

Key = tuple[str, str, float, str, str]
"""Method, kind, opacity (-1 where it is not known), picture, logo: sortable, one per row."""

Group = tuple[str, str, float | None]
"""Method, kind, opacity: what is averaged over. Opacities within a kind are not told apart."""


@dataclass(frozen=True)
class Row:
    """The scores of one method on one case."""

    method: str
    kind: str
    """Of the mark; empty for the published protocols and for pairs."""
    picture: str
    logo: str
    """Empty for pairs."""
    opacity: float | None
    """None where it is not known or not one."""
    psnr: float
    """dB; infinite when the result equals the clean picture."""
    gain: float
    """dB over the marked picture as it is, both capped at PSNR_CEILING_DB."""
    ssim: float
    psnr_masked: float
    """dB over the pixels truly marked; NaN when there are none."""
    mask: MaskCounts
    """The returned mask against the true one."""
    change_outside: float
    """Largest change against the marked picture outside the returned mask, in steps of 1/255."""
    matte_error: float
    """Mean error of the matte under the mark; NaN where it, or the truth, is not known."""
    rim_error: float
    """The same at its rim."""
    colour_error: float
    """Mean error of the mark's colour in the part of it that was found, in steps of 1/255."""
    found: bool
    seconds: float

    @property
    def key(self) -> Key:
        opacity = -1.0 if self.opacity is None else self.opacity
        return (self.method, self.kind, opacity, self.picture, self.logo)

    @property
    def group(self) -> Group:
        return (self.method, self.kind, None if self.kind else self.opacity)

    @property
    def mask_f1(self) -> float:
        return self.mask.f1

    @property
    def mask_iou(self) -> float:
        return self.mask.iou

    def to_json(self) -> dict[str, Any]:
        """Plain values; an infinite PSNR is the string "inf", an undefined one is null."""
        return {
            "method": self.method,
            "kind": self.kind,
            "picture": self.picture,
            "logo": self.logo,
            "opacity": self.opacity,
            "psnr": _plain(self.psnr),
            "gain": self.gain,
            "ssim": self.ssim,
            "psnr_masked": _plain(self.psnr_masked),
            "mask_f1": self.mask_f1,
            "mask_iou": self.mask_iou,
            "mask_pixels": [self.mask.hit, self.mask.false, self.mask.missed],
            "change_outside": self.change_outside,
            "matte_error": _plain(self.matte_error),
            "rim_error": _plain(self.rim_error),
            "colour_error": _plain(self.colour_error),
            "found": self.found,
            "seconds": self.seconds,
        }

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> "Row":
        """The inverse of :meth:`to_json`, to merge shards from their files."""
        return cls(
            method=row["method"],
            kind=row["kind"],
            picture=row["picture"],
            logo=row["logo"],
            opacity=row["opacity"],
            psnr=float(row["psnr"]),
            gain=row["gain"],
            ssim=row["ssim"],
            psnr_masked=_number(row["psnr_masked"]),
            mask=MaskCounts(*row["mask_pixels"]),
            change_outside=row["change_outside"],
            matte_error=_number(row["matte_error"]),
            rim_error=_number(row["rim_error"]),
            colour_error=_number(row["colour_error"]),
            found=row["found"],
            seconds=row["seconds"],
        )


@dataclass(frozen=True)
class Mean:
    """A mean with its 95 % confidence interval."""

    value: float
    low: float
    high: float
    """Low and high are NaN when all cases share one picture: the spread is not known then."""

    def to_json(self) -> dict[str, float | str | None]:
        return {"mean": _plain(self.value), "low": _plain(self.low), "high": _plain(self.high)}


class Tally:
    """Rows by key: ``Tally(rows)``, ``tally + tally``, ``len``, iteration in order of the keys."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self._rows: dict[Key, Row] = {}
        for row in rows:
            self.add(row)

    def add(self, row: Row) -> None:
        """Raises UsageError when the case is there already: it would count twice."""
        if row.key in self._rows:
            raise UsageError(
                f"expected each case once, got {row.key} twice: merge shards that do not overlap"
            )
        self._rows[row.key] = row

    def __add__(self, other: "Tally") -> "Tally":
        return Tally([*self._rows.values(), *other._rows.values()])

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return (self._rows[key] for key in sorted(self._rows))

    def groups(self) -> list[Group]:
        """Every group that occurs, sorted."""
        return list(dict.fromkeys(row.group for row in self))

    def select(self, method: str, opacity: float | None = None, kind: str = "") -> "Tally":
        """The rows of one method at one opacity, or of one kind."""
        return Tally(row for row in self if row.group == (method, kind, opacity))

    def mean(self, name: str) -> Mean:
        """Mean over the cases of one of :data:`MEANS`, with a 95 % bootstrap interval.

        Whole pictures are drawn anew, each with all its logos: cases of one picture are not
        independent. The logos stay as they are, so the interval says what other pictures of the
        same kind would give. A case without a value (NaN: no marked pixel) is left out; PSNR is
        capped at PSNR_CEILING_DB. NaN when no case is left.
        """
        by_picture: dict[str, list[float]] = {}
        for row in self:
            value = float(getattr(row, name))
            if name.startswith("psnr"):
                value = min(value, PSNR_CEILING_DB) if not math.isnan(value) else value
            if not math.isnan(value):
                by_picture.setdefault(row.picture, []).append(value)
        values = [value for group in by_picture.values() for value in group]
        if not values:
            return Mean(math.nan, math.nan, math.nan)
        sums = np.array([math.fsum(group) for group in by_picture.values()])
        counts = np.array([len(group) for group in by_picture.values()])
        low, high = bootstrap(sums, counts)
        return Mean(math.fsum(values) / len(values), low, high)

    def summary(self) -> dict[str, Any]:
        """What is said of a group: means, pooled mask scores, largest change outside the mask."""
        pooled = sum((row.mask for row in self), MaskCounts())
        means = {name: self.mean(name).to_json() for name in MEANS}
        return {
            "cases": len(self),
            "found": sum(row.found for row in self),
            **means,
            "mask_f1_pooled": pooled.f1,
            "mask_iou_pooled": pooled.iou,
            "change_outside": max((row.change_outside for row in self), default=0.0),
        }


def bootstrap(sums: np.ndarray, counts: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """95 % percentile interval of sum(sums) / sum(counts), clusters drawn with replacement.

    sums and counts: one entry per cluster. Deterministic by seed; NaN for fewer than two clusters.
    Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
    """
    clusters = len(sums)
    if clusters < 2:
        return math.nan, math.nan
    drawn = np.random.default_rng(seed).integers(clusters, size=(RESAMPLES, clusters))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def _plain(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else "inf"


def _number(value: float | str | None) -> float:
    """The inverse of :func:`_plain`."""
    return math.nan if value is None else float(value)
