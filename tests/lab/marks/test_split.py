"""Nothing that is held out enters a training atlas, and nothing else enters a held-out one."""

import string
from pathlib import Path

import numpy as np

from unveil.lab.marks.atlas import build_atlas
from unveil.lab.marks.icons import IconShelf
from unveil.lab.marks.phrase_lists import FIRST_NAMES, FIXED, SURNAMES
from unveil.lab.marks.phrases import SCRIPTS, Phrasebook
from unveil.lab.marks.split import HELD_OUT_ICONS, HELD_OUT_WORDS, is_held_out


def split_words() -> dict[bool, set[str]]:
    """The listed phrases and names of either side, in lower case."""
    listed = [*FIRST_NAMES, *SURNAMES, *(text for texts in FIXED.values() for text in texts)]
    sides: dict[bool, set[str]] = {True: set(), False: set()}
    for text in listed:
        sides[is_held_out(text, HELD_OUT_WORDS)].add(text.casefold())
    assert sides[True]
    assert sides[True].isdisjoint(sides[False])
    return sides


def test_the_split_ignores_case_and_keeps_its_rate() -> None:
    names = [f"{a}{b}{c}" for a in string.ascii_lowercase for b in "xyz" for c in "012345"]
    share = np.mean([is_held_out(name, 8) for name in names])
    assert 0.07 < share < 0.19
    assert all(is_held_out(n, 8) == is_held_out(n.upper(), 8) for n in names)


def test_the_split_never_moves() -> None:
    # A change here would put held-out marks into training atlases that exist already.
    assert [n for n in map(str, range(60)) if is_held_out(n, 8)] == FROZEN


def test_the_sides_of_the_icons_do_not_meet(icons: Path) -> None:
    training, held_out = IconShelf.open(icons), IconShelf.open(icons, held_out=True)
    assert len(training.icons) + len(held_out.icons) == 80
    assert 0 < len(held_out.icons) < 15
    assert all(is_held_out(path.stem, HELD_OUT_ICONS) for path in held_out.icons)
    assert not any(is_held_out(path.stem, HELD_OUT_ICONS) for path in training.icons)


def test_the_sides_of_the_words_do_not_meet() -> None:
    drawn = {}
    for side in (True, False):
        book, rng = Phrasebook(side), np.random.default_rng(0)
        drawn[side] = {book.word(rng, script) for _ in range(150) for script in SCRIPTS}
    assert drawn[True].isdisjoint(drawn[False])


def test_texts_hold_no_listed_word_of_the_other_side() -> None:
    sides, rng = split_words(), np.random.default_rng(0)
    for held_out in (True, False):
        book = Phrasebook(held_out)
        texts = [
            draw(rng, s) for _ in range(100) for s in SCRIPTS for draw in (book.draw, book.short)
        ]
        assert sides[not held_out].isdisjoint(text.casefold() for text in texts)
        names = {n.casefold() for n in (*FIRST_NAMES, *SURNAMES)} & sides[not held_out]
        words = {word.casefold().strip(".,@") for text in texts for word in text.split()}
        assert names.isdisjoint(words)


def test_an_atlas_holds_only_its_side(icons: Path) -> None:
    sides = split_words()
    for held_out in (False, True):
        atlas = build_atlas(100, 3, icons, held_out)
        shown = [name for names in atlas.sources for name in names]
        marks = {name for name in shown if name.startswith("thing-")}
        assert marks
        assert all(is_held_out(name, HELD_OUT_ICONS) == held_out for name in marks)
        assert sides[not held_out].isdisjoint(name.casefold() for name in shown)


def test_the_sides_share_no_sprite() -> None:
    sides = [build_atlas(60, 3, held_out=side) for side in (False, True)]
    training, held_out = ({sprite.tobytes() for sprite in atlas.sprites} for atlas in sides)
    assert training.isdisjoint(held_out)


def test_dates_and_numbers_are_split_too() -> None:
    rng = np.random.default_rng(0)
    for held_out in (True, False):
        book = Phrasebook(held_out)
        for text in [make(rng) for _ in range(100) for make in (book.date, book.number)]:
            assert is_held_out(text, HELD_OUT_WORDS) == held_out


FROZEN = ["5", "20", "23", "28", "49", "59"]
"""The held-out ones of "0" to "59" at one in eight."""
