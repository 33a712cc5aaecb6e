"""Which icons and phrases are held out of training: decided by a hash of the name alone.

The answer depends on nothing else (no order, no seed, no folder), so adding icons or phrases never
moves one from one side to the other.
"""

import hashlib

HELD_OUT_ICONS = 20
"""One icon file in so many is held out."""

HELD_OUT_WORDS = 8
"""One phrase, name or generated word in so many is held out."""


def is_held_out(name: str, one_in: int) -> bool:
    """True for about one name in ``one_in``; case does not matter."""
    digest = hashlib.blake2b(name.casefold().encode("utf-8"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % one_in == 0
