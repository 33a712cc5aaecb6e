import numpy as np
import pytest

from unveil.lab.marks.fonts import Face, FontBook, default_face
from unveil.lab.marks.palette import Palette
from unveil.lab.marks.phrases import SCRIPTS, Phrasebook
from unveil.lab.marks.seals import seven_segments, text_on_circle
from unveil.lab.marks.text import choose_script, draw_text, set_text

WHITE = Palette(((255, 255, 255),))


def test_a_machine_without_fonts_still_writes_latin(book: FontBook) -> None:
    assert [face.path for face in book.faces] == [None]
    assert book.scripts == ("latin",)
    assert choose_script(np.random.default_rng(0), book) == "latin"


def test_a_text_that_no_face_has_is_not_drawn(book: FontBook) -> None:
    rng = np.random.default_rng(0)
    assert set_text(rng, book, "版权所有", "chinese") is None
    assert set_text(rng, book, "sample 版", "latin") is None
    assert set_text(rng, book, "sample", "latin") is not None


def test_the_cmap_decides() -> None:
    face = Face(None, 0, "few letters", frozenset(map(ord, "ABCXYZabcxyz0189")))
    assert face.can_draw("CAB cab\nXYZ")
    assert not face.can_draw("CABD")
    assert FontBook([face]).choose(np.random.default_rng(0), "latin", "sample") is None


def test_pillows_own_face_says_what_it_has() -> None:
    assert default_face().can_draw("Sample 2024 (c)")
    assert not default_face().can_draw("образец")


def test_drawn_texts_hold_only_characters_of_their_face(book: FontBook) -> None:
    face = default_face()
    for seed in range(60):
        drawing = draw_text(np.random.default_rng(seed), book, Phrasebook(), WHITE)
        assert all(face.can_draw(text) for text in drawing.sources)
        assert drawing.coverage().any()


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_has_phrases_and_words(script: str) -> None:
    rng = np.random.default_rng(0)
    for held_out in (False, True):
        texts = {Phrasebook(held_out).draw(rng, script) for _ in range(40)}
        assert len(texts) > 12
        assert all(text.strip() for text in texts)


def test_addresses_are_nobodys() -> None:
    rng, book = np.random.default_rng(0), Phrasebook()
    ends = (".example", ".example.com", ".example.org")
    assert all(book.address(rng).endswith(ends) for _ in range(200))


def test_a_digit_lights_its_segments() -> None:
    lit = {digit: int((seven_segments(digit) > 0).sum()) for digit in "0123456789"}
    assert lit["1"] < lit["7"] < lit["4"] < lit["2"] < lit["0"] < lit["8"]
    with pytest.raises(ValueError, match="expected digits"):
        seven_segments("Jan 5")


def test_text_on_a_circle_stands_on_it() -> None:
    strip = np.full((20, 60), 255, np.uint8)
    top, bottom = text_on_circle(strip, 50), text_on_circle(strip, 50, below=True)
    assert top.shape == (140, 140)
    y, x = np.nonzero(top > 128)
    distance = np.hypot(y - 69.5, x - 69.5)
    assert distance.min() > 49
    assert distance.max() < 71
    assert y.max() < 70
    assert np.nonzero(bottom > 128)[0].min() > 70
    assert abs(int((top > 128).sum()) - 60 * 20) < 120
