import json
import os
from pathlib import Path

import numpy as np
import pytest
from cli_fakes import FakeRemover, FakeReport, draw, is_clean
from PIL import Image


def test_the_default_output_lies_beside_the_input_in_its_format(folder, unveil):
    before = draw("photo.jpg")
    answer = unveil("remove", "photo.jpg")
    assert answer.code == 0
    assert answer.out == b""
    assert answer.err.startswith("photo.jpg: -> photo.unveiled.jpg: 1 mark, opacity 0.50")
    assert Path("photo.jpg").read_bytes() == before
    assert Image.open("photo.unveiled.jpg").format == "JPEG"
    assert is_clean(Path("photo.unveiled.jpg"))


def test_one_stem_in_two_formats_gives_two_outputs(folder, unveil):
    draw("a.jpg")
    draw("a.png")
    assert unveil("remove", "a.jpg", "a.png").code == 0
    assert Image.open("a.unveiled.jpg").format == "JPEG"
    assert Image.open("a.unveiled.png").format == "PNG"
    assert unveil("remove", "a.jpg", "a.png", "-o", "out").code == 0
    assert sorted(os.listdir("out")) == ["a.jpg", "a.png"]


def test_a_folder_is_mirrored_and_never_flattened(folder, unveil):
    for name in ("in/a.jpg", "in/x/a.jpg", "in/x/y/A.PNG", "in/x/.hidden.png"):
        draw(name)
    Path("in/notes.txt").write_text("no picture")
    assert unveil("remove", "in", "-o", "out").code == 0
    written = sorted(path.as_posix() for path in Path("out").rglob("*") if path.is_file())
    assert written == ["out/a.jpg", "out/x/a.jpg", "out/x/y/A.PNG"]


def test_a_second_run_over_a_folder_passes_over_its_own_outputs(folder, unveil):
    draw("in/a.jpg")
    assert unveil("remove", "in").code == 0
    assert unveil("remove", "in", "--overwrite").code == 0
    assert unveil("remove", "in", "-o", "in/out").code == 0
    assert unveil("remove", "in", "-o", "in/out", "--overwrite").code == 0
    written = sorted(path.as_posix() for path in Path("in").rglob("*.jpg"))
    assert written == ["in/a.jpg", "in/a.unveiled.jpg", "in/out/a.jpg"]


def test_a_picture_named_twice_is_done_once(folder, unveil, fake_remover):
    draw("in/a.jpg")
    assert unveil("remove", "in", "in/a.jpg", "./in/../in/a.jpg").code == 0
    assert len(fake_remover.calls) == 1


def test_two_inputs_for_one_output_are_refused_before_anything_is_written(folder, unveil):
    draw("x/a.jpg")
    draw("y/a.jpg")
    answer = unveil("remove", "x/a.jpg", "y/a.jpg", "-o", "out")
    assert answer.code == 2
    assert "x/a.jpg and y/a.jpg would both become out/a.jpg" in answer.err
    assert not Path("out").exists()


@pytest.mark.parametrize("output", ["new", "new/", "there"])
def test_o_names_a_folder_if_it_is_or_looks_like_one(folder, unveil, output):
    draw("photo.jpg")
    Path("there").mkdir()
    assert unveil("remove", "photo.jpg", "-o", output).code == 0
    assert is_clean(Path(output, "photo.jpg"))


def test_several_pictures_do_not_go_into_one_file(folder, unveil):
    draw("a.jpg")
    draw("b.jpg")
    before = draw("c.jpg")
    answer = unveil("remove", "a.jpg", "b.jpg", "-o", "c.jpg", "--overwrite")
    assert answer.code == 2
    assert "expected a folder as -o" in answer.err
    assert Path("c.jpg").read_bytes() == before


def test_an_existing_output_stays_without_overwrite(folder, unveil):
    draw("a.jpg")
    draw("b.jpg")
    Path("a.unveiled.jpg").write_bytes(b"mine")
    answer = unveil("remove", "a.jpg", "b.jpg")
    assert answer.code == 1
    assert "a.jpg: expected a free output name, got a.unveiled.jpg" in answer.err
    assert Path("a.unveiled.jpg").read_bytes() == b"mine"
    assert is_clean(Path("b.unveiled.jpg"))
    assert unveil("remove", "a.jpg", "--overwrite").code == 0
    assert is_clean(Path("a.unveiled.jpg"))


def test_the_input_is_replaced_only_where_o_names_it_and_overwrite_is_given(folder, unveil):
    before = draw("a.jpg")
    for arguments in (["-o", "a.jpg"], ["-o", "."], ["-o", ".", "--overwrite"]):
        answer = unveil("remove", "a.jpg", *arguments)
        assert answer.code == 1, arguments
        assert "apart from the input" in answer.err
        assert Path("a.jpg").read_bytes() == before
    Path("link.jpg").symlink_to("a.jpg")
    assert unveil("remove", "a.jpg", "-o", "link.jpg").code == 1
    assert unveil("remove", "a.jpg", "-o", "a.jpg", "--overwrite").code == 0
    assert is_clean(Path("a.jpg"))


def test_an_output_that_is_another_input_is_refused(folder, unveil):
    draw("a.jpg")
    before = draw("a.unveiled.jpg")
    answer = unveil("remove", "a.jpg", "a.unveiled.jpg", "--overwrite")
    assert answer.code == 1
    assert "expected an output that is no input" in answer.err
    assert Path("a.unveiled.jpg").read_bytes() == before
    assert is_clean(Path("a.unveiled.unveiled.jpg"))


def test_nothing_found_writes_no_file_beside_the_input(folder, unveil):
    draw("clean.jpg", marked=False)
    answer = unveil("remove", "clean.jpg")
    assert answer.code == 3
    assert answer.err == "clean.jpg: nothing found; no file written\n"
    assert os.listdir() == ["clean.jpg"]


@pytest.mark.parametrize("output", ["out", "out.jpg"])
def test_nothing_found_passes_the_bytes_on_where_an_output_is_named(folder, unveil, output):
    before = draw("clean.jpg", marked=False)
    assert unveil("remove", "clean.jpg", "-o", output).code == 3
    written = Path(output, "clean.jpg") if output == "out" else Path(output)
    assert written.read_bytes() == before


def test_noise_is_taken_off_only_when_asked_and_marks_or_not(folder, unveil):
    draw("clean.png", marked=False)
    assert unveil("remove", "clean.png").code == 3
    answer = unveil("remove", "clean.png", "--denoise")
    assert answer.code == 0
    assert "clean.png: -> clean.unveiled.png: noise taken off" in answer.err
    assert [call["denoise"] for call in FakeRemover.calls] == [True]


def test_one_marked_picture_among_clean_ones_is_a_success(folder, unveil):
    draw("in/a.jpg")
    draw("in/b.jpg", marked=False)
    answer = unveil("remove", "in")
    assert answer.code == 0
    assert "2 pictures: 1 done, 1 nothing found" in answer.err


def test_a_refused_result_leaves_the_picture_as_it_is(folder, unveil, monkeypatch):
    before = draw("a.jpg")

    def refuse(self, picture, **options):
        result = real(self, picture, **options)
        result.mask[:] = False
        result.report = FakeReport(False, refused=True, reason="the result is no better")
        return result

    real = FakeRemover.remove
    monkeypatch.setattr(FakeRemover, "remove", refuse)
    answer = unveil("remove", "a.jpg")
    assert answer.code == 3
    assert "a.jpg: left as it is: the result is no better; no file written" in answer.err
    assert unveil("remove", "a.jpg", "-o", "b.jpg").code == 3
    assert Path("b.jpg").read_bytes() == before


def test_standard_input_goes_to_standard_output_and_nothing_else_does(folder, unveil):
    data = draw("a.png")
    answer = unveil("remove", "-", stdin=data)
    assert answer.code == 0
    assert is_clean(answer.out)
    assert answer.err.startswith("<stdin>: -> -: 1 mark")
    assert os.listdir() == ["a.png"]


def test_a_clean_picture_goes_through_the_pipe_unchanged(folder, unveil):
    data = draw("a.jpg", marked=False)
    answer = unveil("remove", "-", stdin=data)
    assert (answer.code, answer.out) == (3, data)


def test_a_file_to_standard_output_and_a_stream_to_a_file(folder, unveil):
    data = draw("a.jpg")
    assert is_clean(unveil("remove", "a.jpg", "-o", "-").out)
    answer = unveil("remove", "-", "-o", "b.jpg", stdin=data)
    assert (answer.code, answer.out) == (0, b"")
    assert is_clean(Path("b.jpg"))


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["-", "-"], "got it several times"),
        (["a.jpg", "b.jpg", "-o", "-"], "expected one picture to write to standard output, got 2"),
        (["-", "a.jpg"], "expected one picture to write to standard output, got 2"),
        (["in", "-o", "-"], "expected one picture to write to standard output"),
        (["-", "-o", "out"], "expected a file as -o"),
        (["-", "--confidence"], "expected --confidence or the picture on standard output"),
        (["-", "--json"], "expected --json or the picture on standard output, got both"),
        (["a.jpg", "--mask", "no.png"], "no.png: expected a picture as --mask"),
    ],
)
def test_contradictions_are_wrong_use(folder, unveil, arguments, part):
    draw("a.jpg")
    draw("b.jpg")
    draw("in/c.jpg")
    answer = unveil("remove", *arguments, stdin=b"")
    assert answer.code == 2
    assert part in answer.err
    assert answer.err.count("\n") == 1
    assert answer.out == b""


@pytest.mark.parametrize(
    "arguments", [[], ["a.jpg", "--method", "magic"], ["a.jpg", "--max-pixels", "0"], ["--no"]]
)
def test_options_that_do_not_exist_are_wrong_use(folder, unveil, arguments):
    answer = unveil("remove", *arguments)
    assert answer.code == 2
    assert "Error" in answer.err or "Usage" in answer.err


def test_confidence_is_a_picture_beside_each_output(folder, unveil, fake_remover):
    draw("in/a.jpg")
    draw("in/a.png")
    assert unveil("remove", "in", "--confidence").code == 0
    for name in ("in/a.unveiled.jpg", "in/a.unveiled.png"):
        confidence = np.asarray(Image.open(f"{name}.confidence.png"))
        assert confidence.dtype == np.uint8
        assert set(np.unique(confidence)) == {102, 255}
    assert unveil("remove", "in", "--overwrite").code == 0
    assert len(fake_remover.calls) == 2  # earlier outputs are not taken for pictures


def test_json_gives_one_object_per_picture(folder, unveil):
    draw("a.jpg")
    draw("b.jpg", marked=False)
    answer = unveil("remove", "a.jpg", "b.jpg", "missing.jpg", "--json")
    assert answer.code == 1
    a, b, c = (json.loads(line) for line in answer.out.decode().splitlines())
    assert (a["input"], a["output"], a["status"]) == ("a.jpg", "a.unveiled.jpg", "done")
    assert a["report"]["marks"][0]["opacity"] == 0.5
    assert (b["output"], b["status"], b["error"]) == (None, "nothing_found", None)
    assert (c["input"], c["status"], c["report"]) == ("missing.jpg", "failed", None)
    assert c["error"].startswith("missing.jpg: expected")


def test_mask_and_method_reach_the_remover(folder, unveil, fake_remover):
    draw("a.jpg", marked=False)
    mask = Image.new("L", (40, 30), 0)
    mask.paste(255, (0, 0, 10, 5))
    mask.save("mask.png")
    assert unveil("remove", "a.jpg", "--mask", "mask.png", "--method", "inpaint").code == 0
    (call,) = fake_remover.calls
    assert call["method"] == "inpaint"
    assert np.asarray(call["mask"]).sum() == 50


def test_notes_of_the_reader_are_told(folder, unveil):
    frames = [Image.new("RGB", (40, 30), color) for color in ((255, 0, 255), (9, 9, 9))]
    frames[0].save("a.gif", save_all=True, append_images=frames[1:])
    answer = unveil("remove", "a.gif")
    assert answer.code == 0
    assert "a.gif: note: " in answer.err


def test_an_interrupt_leaves_what_is_done_and_no_half_file(folder, unveil, monkeypatch):
    draw("a.jpg")
    draw("b.jpg")

    def interrupt(self, picture, **options):
        if "b.jpg" in picture.name:
            raise KeyboardInterrupt
        return real(self, picture, **options)

    real = FakeRemover.remove
    monkeypatch.setattr(FakeRemover, "remove", interrupt)
    answer = unveil("remove", "a.jpg", "b.jpg")
    assert answer.code == 130
    assert answer.err.endswith("unveil: interrupted\n")
    assert sorted(os.listdir()) == ["a.jpg", "a.unveiled.jpg", "b.jpg"]


def test_a_reader_that_goes_away_ends_the_run_quietly(folder, unveil, monkeypatch):
    draw("a.jpg")

    def broken(*_):
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("unveil.cli._run.print_json", broken)
    monkeypatch.setattr("unveil.cli._silence_stdout", lambda: None)
    answer = unveil("remove", "a.jpg", "--json")
    assert answer.code == 141
    assert "roken" not in answer.err


def test_help_teaches_the_exit_codes_and_every_option(unveil):
    answer = unveil("remove", "--help")
    text = " ".join(answer.out.decode().split())
    assert answer.code == 0
    for word in (
        "--output",
        "--mask",
        "--model",
        "--method",
        "--confidence",
        "--json",
        "--overwrite",
        "Exit codes",
    ):
        assert word in text
