"""Each bad file: one line with file, expectation and remedy; nothing written; the rest done."""

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_fakes import draw, is_clean
from PIL import Image


def _truncated(path: Path) -> None:
    data = draw(path)
    path.write_bytes(data[: len(data) // 2])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _no_picture(path: Path) -> None:
    path.write_text("This is a letter, not a picture.\n" * 20)


def _bomb(path: Path) -> None:
    """A PNG header that promises 60,000 x 60,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def _unreadable(path: Path) -> None:
    draw(path)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read every file")


def _missing(path: Path) -> None:
    pass


def _folder_without_pictures(path: Path) -> None:
    path.mkdir()
    (path / "letter.txt").write_text("no picture")


BAD: dict[str, Callable[[Path], None]] = {
    "truncated": _truncated,
    "empty": _empty,
    "no picture": _no_picture,
    "bomb": _bomb,
    "unreadable": _unreadable,
    "missing": _missing,
    "folder without pictures": _folder_without_pictures,
}


def _complaints(err: str, name: str) -> list[str]:
    return [line for line in err.splitlines() if line.startswith("unveil: ") and name in line]


@pytest.mark.parametrize("verb", ["remove", "locate"])
@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_alone(folder, unveil, kind, verb):
    BAD[kind](Path("bad.png"))
    before = sorted(os.listdir())
    answer = unveil(verb, "bad.png")
    assert answer.code == 1
    assert answer.out == b""
    (line,) = answer.err.splitlines()
    assert line.startswith("unveil: bad.png: expected ")
    assert "got" in line
    assert "; " in line
    assert "Traceback" not in answer.err
    assert sorted(os.listdir()) == before


@pytest.mark.parametrize("verb", ["remove", "locate"])
@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_among_good_ones(folder, unveil, kind, verb):
    draw("a.png")
    BAD[kind](Path("bad.png"))
    draw("z.png")
    answer = unveil(verb, "a.png", "bad.png", "z.png", "-o", "out")
    assert answer.code == 1
    assert len(_complaints(answer.err, "bad.png")) == 1
    assert "3 pictures: 2 done, 1 failed" in answer.err
    names = ["a.png", "z.png"] if verb == "remove" else ["a.mask.png", "z.mask.png"]
    assert sorted(os.listdir("out")) == names


def test_a_bad_file_inside_a_folder(folder, unveil):
    draw("in/a.png")
    _truncated(Path("in/bad.png"))
    answer = unveil("remove", "in", "-o", "out")
    assert answer.code == 1
    assert len(_complaints(answer.err, "in/bad.png")) == 1
    assert os.listdir("out") == ["a.png"]


def test_the_pixel_limit_can_be_lowered_and_says_so(folder, unveil):
    draw("a.png")
    answer = unveil("remove", "a.png", "--max-pixels", "100")
    assert answer.code == 1
    assert answer.err.startswith("unveil: a.png: expected ")
    assert "--max-pixels" in answer.err or "max_pixels" in answer.err


def test_a_mask_of_another_size_fails_only_the_pictures_it_does_not_fit(folder, unveil):
    draw("a.png")
    draw("big.png", size_wh=(50, 30))
    Image.new("L", (40, 30), 255).save("mask.png")
    answer = unveil("remove", "a.png", "big.png", "--mask", "mask.png")
    assert answer.code == 1
    (line,) = _complaints(answer.err, "big.png")
    assert "expected" in line
    assert not Path("big.unveiled.png").exists()
    assert is_clean(Path("a.unveiled.png"))


def test_a_mask_that_is_no_picture(folder, unveil):
    draw("a.png")
    Path("mask.png").write_text("not a mask")
    answer = unveil("remove", "a.png", "--mask", "mask.png")
    assert answer.code == 1
    assert len(_complaints(answer.err, "mask.png")) == 1
    assert sorted(os.listdir()) == ["a.png", "mask.png"]


def test_an_output_folder_that_is_a_file(folder, unveil):
    draw("in/a.png")
    Path("out").write_text("a file")
    answer = unveil("remove", "in", "-o", "out")
    assert answer.code == 2
    assert Path("out").read_text() == "a file"


def test_an_output_folder_below_a_file(folder, unveil):
    draw("in/a.png")
    Path("blocker").write_text("a file")
    answer = unveil("remove", "in", "-o", "blocker/out")
    assert answer.code == 1
    (line,) = _complaints(answer.err, "blocker")
    assert "expected" in line
    assert "in/a.png" in line


def test_an_output_file_in_a_missing_folder(folder, unveil):
    draw("a.png")
    answer = unveil("remove", "a.png", "-o", "nowhere/b.png")
    assert answer.code == 1
    (line,) = answer.err.splitlines()
    assert "nowhere" in line
    assert "expected" in line
    assert not Path("nowhere").exists()


def test_an_output_folder_that_may_not_be_written(folder, unveil):
    draw("a.png")
    Path("locked").mkdir(mode=0o555)
    if os.access("locked", os.W_OK):
        pytest.skip("this user may write everywhere")
    answer = unveil("remove", "a.png", "-o", "locked/b.png")
    assert answer.code == 1
    assert len(answer.err.splitlines()) == 1
    assert os.listdir("locked") == []


def test_an_output_that_is_a_folder(folder, unveil):
    draw("a.png")
    Path("a.unveiled.png").mkdir()
    answer = unveil("remove", "a.png", "--overwrite")
    assert answer.code == 1
    assert "expected a file as output, got the folder a.unveiled.png" in answer.err
    assert os.listdir("a.unveiled.png") == []


def test_an_unknown_suffix_as_output(folder, unveil):
    draw("a.png")
    answer = unveil("remove", "a.png", "-o", "b.xyz")
    assert answer.code == 2
    assert len(answer.err.splitlines()) == 1
    assert not Path("b.xyz").exists()
