"""What is wrong with a file, before it has a name: `read` makes a PictureError of it."""

import contextlib
import re
import threading
import warnings
from collections.abc import Iterator

from PIL import Image

from unveil.errors import PictureError

AGAIN = "copy or download it again"


class FaultError(Exception):
    """A file that cannot be used: what was expected, what came, and the remedy."""

    def __init__(self, came: str, remedy: str, expected: str = "a picture") -> None:
        super().__init__(came)
        self.came = came
        self.remedy = remedy
        self.expected = expected

    def named(self, name: str) -> PictureError:
        """The one-line error for the file called `name`."""
        line = f"{name}: expected {self.expected}, got {self.came}; {self.remedy}"
        return PictureError(printable(line))


def printable(text: str) -> str:
    """The text on one line, with `?` for characters that would break it."""
    return re.sub(r"[\x00-\x1f\x7f\u2028\u2029]", "?", text)


def truncated(kind: str, detail: str = "") -> FaultError:
    """A `kind` file that ends too early."""
    came = "a truncated one" + (f" ({detail})" if detail else "")
    return FaultError(came, AGAIN, f"a complete {kind}")


def corrupt(kind: str, detail: str = "") -> FaultError:
    """A `kind` file whose content contradicts itself."""
    came = "a damaged one" + (f" ({detail})" if detail else "")
    return FaultError(came, AGAIN, f"an intact {kind}")


_lock = threading.Lock()
_inside = 0
_undo = contextlib.ExitStack()


@contextlib.contextmanager
def quiet_pillow() -> Iterator[None]:
    """Silence Pillow's warnings and its own pixel limit while any thread is inside.

    The sizes have been checked against our limit by then. Both settings are global to the
    process, so they are set by the first thread to enter and restored by the last to leave.
    """
    global _inside
    with _lock:
        _inside += 1
        if _inside == 1:
            _undo.enter_context(warnings.catch_warnings())
            warnings.filterwarnings("ignore", module=r"PIL\b")
            _undo.callback(setattr, Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)
            Image.MAX_IMAGE_PIXELS = None
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _undo.close()
