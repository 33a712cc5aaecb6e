"""The flow: read -> (denoise) -> locate -> unblend -> inpaint -> refine -> composite -> verify ->
write.

result = remove("photo.jpg")      # Remover() keeps a loaded model for many pictures
result.save("clean.jpg")
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, cached_property
from os import PathLike
from pathlib import Path
from typing import BinaryIO, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unveil.codecs.picture import Picture
from unveil.codecs.read import DEFAULT_MAX_PIXELS, from_array, from_image, read
from unveil.completion import MODEL as COMPLETING_MODEL
from unveil.completion import Completer, find_whole_marks
from unveil.descriptions import description, outline, pose
from unveil.errors import MaskError, ModelError, UsageError
from unveil.location.given import marks_in_mask
from unveil.location.network import Found, find_marks, union
from unveil.masks import dilated
from unveil.models.catalogue import DEFAULT_MODEL, HELPERS
from unveil.models.session import Session
from unveil.restore.figures import MODEL as FIGURE_MODEL
from unveil.restore.figures import FigureFinder, FindFigures
from unveil.restore.inpaint import Inpaint, inpaint
from unveil.restore.mark import Method, Restored, restore
from unveil.restore.refine import MODEL as REFINING_MODEL
from unveil.restore.refine import Refine, Refiner
from unveil.restorer import remove_by_network, restored_whole
from unveil.result import Location, Report, Result
from unveil.templates.registration import Instance
from unveil.templates.removal import remove_known
from unveil.templates.template import Template

DENOISING_MODEL = "denoise"
"""The bundled model that takes noise off."""

Source = str | PathLike[str] | bytes | BinaryIO | Image.Image | NDArray[np.uint8] | Picture


class Remover:
    """Takes marks off pictures, keeping its model loaded; may be used from several threads."""

    def __init__(
        self,
        model: str | Path = DEFAULT_MODEL,
        providers: Sequence[str] | None = None,
        inpaint: Inpaint = inpaint,
    ) -> None:
        """model: a bundled model's name or an exported .onnx file. providers: onnxruntime's.
        inpaint: what fills pixels of which nothing is left; in the laboratory, load_inpainter makes
        one of other people's networks.
        Raises ModelError where the model cannot be loaded.
        """
        self._session = Session(model, providers)
        self._providers = providers
        card = self._session.card
        if card.task in HELPERS:
            raise ModelError(
                f"{model}: expected a model that finds marks or restores pictures; this one only"
                f" {HELPERS[card.task]} what others found; leave it out, or give another"
                f" ({DEFAULT_MODEL})"
            )
        self._inpaint = inpaint
        solves = card.task != "restore"
        refines = solves and card.refined
        locates = card.task == "locate"
        self._complete = Completer(Session(COMPLETING_MODEL, providers)) if locates else None
        self._find_figures = FigureFinder(Session(FIGURE_MODEL, providers)) if solves else None
        self._refine = Refiner(Session(REFINING_MODEL, providers)) if refines else None

    def remove(
        self,
        picture: Source,
        *,
        mask: NDArray[np.bool_] | None = None,
        template: Template | None = None,
        method: Method = "auto",
        denoise: bool = False,
        max_pixels: int = DEFAULT_MAX_PIXELS,
    ) -> Result:
        """Take the marks off a picture: a path, bytes, PIL image, or uint8 H x W x 3 RGB array.

        mask: bool H x W, True where the marks are, instead of looking for them. template: the mark,
        known beforehand: only it is looked for, and taken off exactly. method: "unblend" inverts
        the mark's opacity, "inpaint" fills, "auto" chooses pixel by pixel. denoise: first take the
        noise off the whole picture, whether it is marked or not. Raises PictureError, MaskError or
        UsageError.
        """
        if method not in get_args(Method):
            raise UsageError(f"expected a method of {', '.join(get_args(Method))}; got {method!r}")
        if mask is not None and template is not None:
            raise UsageError("expected a mask or a template, got both; leave one out")
        start = time.perf_counter()
        asis = _read(picture, max_pixels)
        source = self._denoised(asis) if denoise else asis
        rgb = source.rgb.copy()
        done = np.zeros(source.size_hw, np.bool_)
        matte = np.zeros(source.size_hw, np.float32)
        sure = np.ones(source.size_hw, np.float32)
        marks, found = [], False
        for mark, restored, instance in self._restored(source, rgb, mask, template, method):
            found = True
            if restored.is_better and restored.mask.any():
                _composite(mark, restored, rgb, done, matte, sure)
                marks.append(description(mark, restored) | pose(instance))
        refused = found and not marks
        report = Report(
            found=found,
            refused=refused,
            reason="" if marks else "no result was better" if refused else "no mark was found",
            marks=marks,
            marked_fraction=float(done.mean()),
            denoised=denoise,
            seconds=time.perf_counter() - start,
            notes=list(source.notes),
        )
        return Result(asis, rgb, done, matte, sure, report, isinstance(picture, np.ndarray))

    def _restored(
        self,
        source: Picture,
        rgb: NDArray[np.uint8],
        mask: NDArray[np.bool_] | None,
        template: Template | None,
        method: Method,
    ) -> Iterator[tuple[Found, Restored, Instance | None]]:
        """Each mark with what is under it; rgb is the picture as it stands by then."""
        if template is not None:
            for known in remove_known(source, template, method, self._inpaint):
                yield known.found, known.restored, known.instance
            return
        if self._session.card.task == "restore":
            if method != "auto":
                raise UsageError(
                    f"expected method auto with a model that restores whole pictures; got {method};"
                    " give a model that locates marks"
                )
            _check_mask(source, mask)
            for mark, restored in remove_by_network(rgb, self._session, mask):
                yield mark, restored, None
            return
        found = self._find(source, mask)
        everything = union(found, source.size_hw)
        for mark in found:
            marked = rgb[mark.area].astype(np.float32) / 255
            restored = restore_found(
                mark,
                marked,
                everything,
                method=method,
                fill_by=self._inpaint,
                refine_by=self._refine,
                find_figures=self._find_figures,
            )
            yield mark, restored, None

    def locate(
        self,
        picture: Source,
        *,
        threshold: float | None = None,
        dilate_px: int = 0,
        max_pixels: int = DEFAULT_MAX_PIXELS,
    ) -> Location:
        """Find the marks of a picture without removing them.

        threshold: probability from which on a pixel is marked; default: the model's. dilate_px:
        grow the mask by so many pixels, for other people's inpainting.
        """
        source = _read(picture, max_pixels)
        if self._session.card.task == "restore":
            found = [mark for mark, _ in remove_by_network(source.rgb, self._session, None)]
        else:
            found = self._find(source, threshold=threshold)
        mask = union(found, source.size_hw)
        mask = dilated(mask, dilate_px) if dilate_px else mask
        matte = np.zeros(source.size_hw, np.float32)
        colour = np.zeros((*source.size_hw, 3), np.float32)
        for mark in found:
            matte[mark.area][mark.mask] = mark.matte[mark.mask]
            colour[mark.area][mark.mask] = mark.colour[mark.mask]
        return Location(
            mask=mask,
            matte=matte,
            colour=colour,
            confidence=max((mark.confidence for mark in found), default=0.0),
            marks=[outline(mark) for mark in found],
        )

    @cached_property
    def _denoiser(self) -> Session:
        return Session(DENOISING_MODEL, self._providers)

    def _denoised(self, picture: Picture) -> Picture:
        """The picture without its noise; no longer what its JPEG's quantisation says."""
        rgb = restored_whole(picture.rgb.astype(np.float32) / 255, self._denoiser)
        return replace(picture, rgb=np.rint(255 * rgb).astype(np.uint8), jpeg=None)

    def _find(
        self,
        source: Picture,
        mask: NDArray[np.bool_] | None = None,
        threshold: float | None = None,
    ) -> list[Found]:
        if mask is not None:
            _check_mask(source, mask)
            return marks_in_mask(source.rgb, mask, self._session)
        if self._complete is None:
            return find_marks(source.rgb, self._session, threshold)
        return find_whole_marks(source.rgb, self._session, self._complete, threshold)


def remove(
    picture: Source,
    *,
    mask: NDArray[np.bool_] | None = None,
    template: Template | None = None,
    model: str | Path = DEFAULT_MODEL,
    method: Method = "auto",
    denoise: bool = False,
    max_pixels: int = DEFAULT_MAX_PIXELS,
) -> Result:
    """Take the marks off a picture; see :meth:`Remover.remove`. The model stays loaded."""
    return _remover(model).remove(
        picture,
        mask=mask,
        template=template,
        method=method,
        denoise=denoise,
        max_pixels=max_pixels,
    )


def locate(
    picture: Source,
    *,
    model: str | Path = DEFAULT_MODEL,
    threshold: float | None = None,
    dilate_px: int = 0,
    max_pixels: int = DEFAULT_MAX_PIXELS,
) -> Location:
    """Find the marks of a picture; see :meth:`Remover.locate`. The model stays loaded."""
    return _remover(model).locate(
        picture, threshold=threshold, dilate_px=dilate_px, max_pixels=max_pixels
    )


@cache
def _remover(model: str | Path) -> Remover:
    return Remover(model)


def _read(picture: Source, max_pixels: int) -> Picture:
    if isinstance(picture, Picture):
        return picture
    if isinstance(picture, Image.Image):
        return from_image(picture)
    if isinstance(picture, np.ndarray):
        return from_array(picture)
    return read(picture, max_pixels=max_pixels)


def _check_mask(source: Picture, mask: NDArray[np.bool_] | None) -> None:
    if mask is not None and (mask.dtype != np.bool_ or mask.shape != source.size_hw):
        raise MaskError(
            f"{source.name}: expected a mask of bool {source.size_hw} (height, width);"
            f" got {mask.dtype} {mask.shape}; resize the mask to the picture"
        )


def restore_found(
    mark: Found,
    marked: NDArray[np.floating],
    everything: NDArray[np.bool_],
    *,
    method: Method = "auto",
    fill_by: Inpaint = inpaint,
    refine_by: Refine | None = None,
    find_figures: FindFigures | None = None,
) -> Restored:
    """Restore one of the marks that were found; see :func:`unveil.restore.mark.restore`.

    marked: the mark's region of the picture, h x w x 3 in [0, 1]. everything: H x W, the pixels of
    all marks.
    """
    return restore(
        marked,
        mark.mask,
        everything[mark.area] & ~mark.mask,
        mark.probability,
        mark.matte,
        mark.colour,
        trust=mark.trust,
        given=mark.given,
        method=method,
        fill_by=fill_by,
        refine_by=refine_by,
        find_figures=find_figures,
    )


def _composite(
    mark: Found,
    restored: Restored,
    rgb: NDArray[np.uint8],
    done: NDArray[np.bool_],
    matte: NDArray[np.float32],
    sure: NDArray[np.float32],
) -> None:
    """Write the background back under the mark, and nowhere else."""
    levels = np.rint(restored.background * 255).astype(np.uint8)
    mask = restored.mask
    rgb[mark.area][mask] = levels[mask]
    matte[mark.area][mask] = restored.matte[mask]
    sure[mark.area][mask] = restored.confidence[mask]
    done[mark.area] |= mask
