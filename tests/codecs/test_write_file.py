"""Writing a file: wholly or not at all, and never over another without leave."""

import os
import stat
from pathlib import Path

import pytest

from unveil.codecs import format_for, write
from unveil.errors import OutputError


def test_a_new_file_appears_and_nothing_else(tmp_path):
    write(b"new", tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a.png"]
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    assert (tmp_path / "a.png").stat().st_mode == plain.stat().st_mode


def test_an_old_file_stays_unless_allowed(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    path.chmod(0o640)
    with pytest.raises(OutputError, match=r"a.png: expected a new file, got one that exists; "):
        write(b"new", path)
    assert path.read_bytes() == b"old"
    write(b"new", str(path), overwrite=True)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["a.png"]


def test_a_file_that_appears_meanwhile_is_not_lost(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    real = os.fsync

    def race(number: int) -> None:
        path.write_bytes(b"theirs")
        real(number)

    monkeypatch.setattr(os, "fsync", race)
    with pytest.raises(OutputError, match="one that exists"):
        write(b"ours", path)
    assert path.read_bytes() == b"theirs"
    assert os.listdir(tmp_path) == ["a.png"]


def test_a_file_system_without_links(tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refuse)
    write(b"new", tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == b"new"
    with pytest.raises(OutputError, match="one that exists"):
        write(b"newer", tmp_path / "a.png")
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OutputError):
        write(b"new", tmp_path / "b.png")
    assert os.listdir(tmp_path) == ["a.png"]


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), PermissionError(13, "")])
def test_a_failure_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, step, error):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(os, step, fail)
    expected = "no permission to write" if error.errno == 13 else "No space left"
    with pytest.raises(OutputError, match=f"a.png: expected a file that.*{expected}"):
        write(b"new", path, overwrite=True)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.png"]


def test_an_interrupt_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(b"new", tmp_path / "a.png")
    assert os.listdir(tmp_path) == []


def test_places_that_cannot_be_written(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"")
    for path, expected in [
        (tmp_path / "none" / "a.png", "got no folder .*none; make the folder first"),
        (tmp_path / "folder", "got a folder; name a file in it"),
        (tmp_path / "file" / "a.png", "got no folder"),
        (tmp_path / ("x" * 300 + ".png"), "error of the system"),
        ("with\0zero", "with"),
    ]:
        with pytest.raises(OutputError, match=expected) as caught:
            write(b"new", path)
        assert "\n" not in str(caught.value)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


def test_a_link_is_followed_and_a_device_refused(tmp_path):
    real, link = tmp_path / "real.png", tmp_path / "link.png"
    real.write_bytes(b"old")
    link.symlink_to(real)
    write(b"new", link, overwrite=True)
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    if Path("/dev/null").exists():
        with pytest.raises(OutputError, match="device or pipe"):
            write(b"new", "/dev/null", overwrite=True)
        assert not Path("/dev/null").is_file()


def test_a_long_name_still_fits_its_temporary_file(tmp_path):
    name = "ü" * 120 + ".png"
    write(b"new", tmp_path / name)
    assert os.listdir(tmp_path) == [name]


def test_suffixes():
    assert format_for("a.JPG") == "JPEG"
    assert format_for(Path("b/c.tiff")) == "TIFF"
    assert format_for("a.b.webp") == "WEBP"
    message = r"a.heic: expected a suffix that names a format, got .heic; use one of .jpg, .*.gif"
    with pytest.raises(OutputError, match=message):
        format_for("a.heic")
    with pytest.raises(OutputError, match="got none"):
        format_for("folder/name")
