"""Files to pictures and back: what Unveil does not change stays as it was."""

from unveil.codecs.encode import Encoded as Encoded
from unveil.codecs.encode import encode as encode
from unveil.codecs.encode import encode_with_notes as encode_with_notes
from unveil.codecs.encode import to_image as to_image
from unveil.codecs.picture import Picture as Picture
from unveil.codecs.read import DEFAULT_MAX_PIXELS as DEFAULT_MAX_PIXELS
from unveil.codecs.read import from_array as from_array
from unveil.codecs.read import from_image as from_image
from unveil.codecs.read import read as read
from unveil.codecs.read import read_mask as read_mask
from unveil.codecs.write import SUFFIXES as SUFFIXES
from unveil.codecs.write import format_for as format_for
from unveil.codecs.write import write as write

__all__ = [
    "DEFAULT_MAX_PIXELS",
    "SUFFIXES",
    "Encoded",
    "Picture",
    "encode",
    "encode_with_notes",
    "format_for",
    "from_array",
    "from_image",
    "read",
    "read_mask",
    "to_image",
    "write",
]
