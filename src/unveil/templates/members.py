"""The pictures of a collection: how strong the mark is on each, where, and which disagree."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.blending import effect

Floats = NDArray[np.floating]

ROUNDING = 1 / 255
"""Differences of neighbours below this are noise of 8-bit rounding."""
LEAST_STRENGTH = 0.4
"""Pictures with the mark at less than this part of the usual strength disagree,"""
MOST_STRENGTH = 2.5
"""and those with more than this,"""
MOST_SHIFT_PX = 0.35
"""and those in which it lies further than this from where it should, after they were moved."""
MOVABLE_PX = 6.0
"""Pictures are moved by up to this."""
EDGE = 0.2
"""Strengths come from differences of at least this part of the mark's largest one."""
VARYING = 0.3
"""Standard deviation of strengths, if not measured better."""
SURE_ERRORS = 2.0
"""Pictures do not disagree by less than so many standard errors."""
ALIKE = 4.0
"""So many values of one picture's texture are as good as one."""
SAME_STRENGTH = 0.1
"""If most strengths are this close to 1, those that are have it."""


@dataclass
class Member:
    """One picture, and how the mark is on it."""

    picture: NDArray[np.uint8]
    strength: float = 1.0
    error: float = 0.0
    """Standard error of the strength."""
    shift_xy: tuple[float, float] = (0.0, 0.0)
    """By this much the mark lies too far right and down, in pixels."""
    left_px: float = 0.0
    """What is left of that after moving, in pixels of the level."""
    agrees: bool = True

    def offset_xy(self, subpixel: bool) -> NDArray[np.floating]:
        """By this much the picture is moved left and up, in pixels."""
        return np.asarray(self.shift_xy if subpixel else np.rint(self.shift_xy))

    def moved(self, subpixel: bool) -> NDArray[np.uint8]:
        """The picture with the mark where it should be."""
        x, y = self.offset_xy(subpixel)
        if x == 0 and y == 0:
            return self.picture
        height, width = self.picture.shape[:2]
        matrix = np.array([[1, 0, x], [0, 1, y]], np.float64)
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        moved = cv2.warpAffine(
            self.picture, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(moved, np.uint8)


class View:
    """The pairs along one axis of one picture: dJ, b (g in :func:`unveil.blending.effect`), and the
    mark's own dJ with its derivatives by its place."""

    def __init__(
        self, marked: Floats, background: Floats, mark: Floats, axis: int, mode: str
    ) -> None:
        self.step = np.diff(marked, axis=axis)
        self.brightness = between(background, axis)
        if mode == "overlay":
            self.brightness = np.minimum(self.brightness, 1 - self.brightness)
        added, covered = effect(mark[..., 1:], mark[..., :1], mode)
        self._added, self._covered = np.diff(added, axis=axis), np.diff(covered, axis=axis)
        self.explained = self._added - self.brightness * self._covered

    def left(self, strength: float) -> Floats:
        """What the mark does not explain of dJ: the picture's texture."""
        return self.step - strength * self.explained

    def is_edge(self) -> NDArray[np.bool_]:
        """Where the mark has a clear edge; three channels. Elsewhere it may be an error, which
        agrees with the pictures that it comes from."""
        own = np.concatenate([self._added, self._covered], -1)
        size = np.abs(own).max(-1, keepdims=True)
        return np.repeat(size > EDGE * size.max(initial=0), 3, axis=-1)

    def regressors(self) -> list[Floats]:
        """The derivatives of the mark's dJ by m, m * x and m * y."""
        by_place = [
            self.brightness * np.gradient(self._covered, axis=axis)
            - np.gradient(self._added, axis=axis)
            for axis in (1, 0)
        ]
        return [self.explained, *by_place]


def fit_member(member: Member, views: list[View], reduction: int, subpixel: bool) -> None:
    """Strength and shift of the mark on one picture, robustly, and their standard errors."""
    normal, spread, target = np.zeros((3, 3)), np.zeros((3, 3)), np.zeros(3)
    for view in views:
        left = view.left(member.strength).ravel()
        weight = view.is_edge().ravel() / np.sqrt(ROUNDING**2 + left**2)
        regressors = np.stack([regressor.ravel() for regressor in view.regressors()])
        normal += (weight * regressors) @ regressors.T
        spread += ((weight * left) ** 2 * regressors) @ regressors.T
        target += (weight * regressors) @ view.step.ravel()
    inverse = np.linalg.inv(normal + (1e-6 * np.trace(normal) + 1e-12) * np.eye(3))
    strength, *moments = inverse @ target
    errors = np.sqrt(ALIKE * np.diag(inverse @ spread @ inverse))
    member.strength, member.error = float(max(strength, 0.0)), float(errors[0])
    move = np.array(moments) / max(strength, 0.1)
    errors = errors[1:] / max(strength, 0.1)
    move *= move**2 / (move**2 + errors**2 + 1e-12)
    move = np.clip(move, -1, 1)
    shift = member.offset_xy(subpixel) + reduction * move
    if strength < LEAST_STRENGTH or np.abs(shift).max() > MOVABLE_PX:
        shift = np.zeros(2)
    member.shift_xy = float(shift[0]), float(shift[1])
    member.left_px = float(np.hypot(*np.maximum(np.abs(move) - SURE_ERRORS * errors, 0)))


def judge(members: list[Member]) -> None:
    """Set the usual strength to 1, and tell which pictures agree."""
    agreeing = [member.strength for member in members if member.agrees]
    usual = max(float(np.median(agreeing)) if agreeing else 1.0, 1e-3)
    for member in members:
        error = member.error / usual
        strength = member.strength / usual
        off = strength < LEAST_STRENGTH or strength > MOST_STRENGTH
        sure = abs(strength - 1) > SURE_ERRORS * error
        member.agrees = not (off and sure) and member.left_px <= MOST_SHIFT_PX
        member.strength = 1 + (strength - 1) / (1 + (error / VARYING) ** 2)
    same = [member for member in members if abs(member.strength - 1) <= SAME_STRENGTH]
    if 2 * len(same) > sum(member.agrees for member in members):
        for member in same:
            member.strength = 1.0


def between(values: Floats, axis: int) -> Floats:
    """Means of neighbours along an axis."""
    if axis == 0:
        return (values[:-1] + values[1:]) / 2
    return (values[:, :-1] + values[:, 1:]) / 2
