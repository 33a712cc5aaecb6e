"""The bytes of a source: a path, bytes, or an open binary file."""

import errno
import os
from pathlib import Path
from typing import BinaryIO

from unveil.codecs.faults import FaultError

Source = str | os.PathLike[str] | bytes | BinaryIO


def name_of(source: object, name: str | None = None) -> str:
    """How to call a source in messages."""
    if name is not None:
        return name
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return "<bytes>"
    own = getattr(source, "name", None)
    return own if isinstance(own, str) else "<stream>"


def load(source: Source) -> bytes:
    """All its bytes; FaultError where there are none to be had."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    try:
        if isinstance(source, (str, os.PathLike)):
            return Path(source).read_bytes()
        if callable(getattr(source, "read", None)):
            data = source.read()
            if isinstance(data, bytes):
                return data
            raise FaultError("text", "open the file in binary mode ('rb')", "a binary stream")
    except OSError as error:
        raise _unreadable(error) from None
    except ValueError as error:
        raise FaultError(f"a name or stream that cannot be used ({error})", "check it") from None
    kind = type(source).__name__
    raise FaultError(kind, "give a path, bytes or a binary stream", "a source of a picture")


def _unreadable(error: OSError) -> FaultError:
    if isinstance(error, FileNotFoundError):
        return FaultError("nothing at this path", "check the spelling and the folder")
    if isinstance(error, IsADirectoryError) or error.errno == errno.EISDIR:
        return FaultError("a folder", "name the pictures in it")
    if isinstance(error, PermissionError):
        return FaultError("a file without permission to read", "change its permissions or owner")
    if isinstance(error, NotADirectoryError):
        return FaultError("a path through something that is no folder", "check the path")
    reason = error.strerror or str(error)
    return FaultError(f"an error of the system ({reason})", "check the path and the device")
