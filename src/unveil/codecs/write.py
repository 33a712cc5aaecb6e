"""Writing: the encoded picture to its file, wholly or not at all."""

import contextlib
import os
import secrets
import stat
from pathlib import Path

from unveil.codecs.encode import Encoded as Encoded
from unveil.codecs.encode import encode as encode
from unveil.codecs.encode import encode_with_notes as encode_with_notes
from unveil.codecs.encode import to_image as to_image
from unveil.codecs.faults import printable
from unveil.errors import OutputError

SUFFIXES = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".avif": "AVIF",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".dib": "BMP",
    ".gif": "GIF",
}
"""The format that each suffix stands for."""


def format_for(path: str | os.PathLike[str]) -> str:
    """The format of a file name, by its suffix. Raises OutputError for an unknown one."""
    suffix = Path(path).suffix
    found = SUFFIXES.get(suffix.lower())
    if found is None:
        raise OutputError(
            f"{printable(os.fspath(path))}: expected a suffix that names a format, "
            f"got {suffix or 'none'}; use one of {', '.join(SUFFIXES)}"
        )
    return found


def write(data: bytes, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Put `data` in the file `path`: it appears there whole, or not at all.

    A temporary file in the same folder is written, flushed to the disk and put in place in one
    step; on failure it is removed, and an old file stays as it was. A link is followed; an old
    file's permissions are kept.

    Raises OutputError where the file exists (unless `overwrite`) or cannot be written.
    """
    shown, target = printable(os.fspath(path)), Path(path)
    try:
        target = Path(os.path.realpath(path))
        mode = _permissions(target, shown, overwrite)
        temporary = _temporary(data, target, mode)
        try:
            _put_in_place(temporary, target, overwrite)
        finally:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
    except FileExistsError:
        raise _exists(shown) from None
    except (OSError, ValueError) as error:
        raise _unwritable(shown, target, error) from None


def _permissions(target: Path, shown: str, overwrite: bool) -> int | None:
    """The permissions of an old file that may be replaced; None where there is none."""
    try:
        mode = os.stat(target).st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise OutputError(f"{shown}: expected a file to write, got a folder; name a file in it")
    if not stat.S_ISREG(mode):
        raise OutputError(
            f"{shown}: expected an ordinary file, got a device or pipe; "
            "write to standard output instead, or name a file"
        )
    if not overwrite:
        raise _exists(shown)
    return stat.S_IMODE(mode)


def _temporary(data: bytes, target: Path, mode: int | None) -> Path:
    """A new file beside the target that holds `data`, safely on the disk."""
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(temporary, flags, 0o666), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(temporary, mode)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    return temporary


def _put_in_place(temporary: Path, target: Path, overwrite: bool) -> None:
    if overwrite:
        os.replace(temporary, target)
        return
    try:
        os.link(temporary, target)  # fails where the target exists: no race
    except FileExistsError:
        raise
    except (OSError, AttributeError):
        # A file system without hard links: reserve the name, then replace the empty file.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        try:
            os.replace(temporary, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(target)
            raise


def _exists(shown: str) -> OutputError:
    return OutputError(
        f"{shown}: expected a new file, got one that exists; choose another name or allow to "
        "overwrite it"
    )


def _unwritable(shown: str, target: Path, error: Exception) -> OutputError:
    folder = printable(str(target.parent))
    if isinstance(error, FileNotFoundError) or not target.parent.is_dir():
        came, remedy = f"no folder {folder}", "make the folder first"
    elif isinstance(error, PermissionError):
        came, remedy = f"no permission to write in {folder}", "choose another folder"
    else:
        reason = getattr(error, "strerror", None) or error
        came, remedy = f"an error of the system ({reason})", "check the name and the space left"
    return OutputError(f"{shown}: expected a file that can be written, got {came}; {remedy}")
