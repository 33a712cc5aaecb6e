"""The table of verbs: listed without being imported, errors as one line, missing laboratory."""

import subprocess
import sys

import pytest

from unveil.cli import VERBS


def test_every_verb_of_the_table_has_its_function(unveil):
    for verb in VERBS:
        answer = unveil(verb, "--help")
        assert answer.code == 0, answer.err
        assert f"unveil {verb}" in answer.out.decode()


def test_help_lists_the_verbs_and_the_exit_codes(unveil):
    text = " ".join(unveil("--help").out.decode().split())
    for verb in VERBS:
        assert f" {verb} " in text
    assert "3 no mark was taken off" in text


def test_version(unveil):
    answer = unveil("--version")
    assert (answer.code, answer.out.split()[0]) == (0, b"unveil")


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["--nonsense"]])
def test_wrong_use_is_code_2(unveil, arguments):
    answer = unveil(*arguments)
    assert answer.code == 2
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("verb", ["train", "evaluate", "export"])
def test_a_missing_laboratory_is_one_line_with_its_remedy(unveil, verb, monkeypatch):
    monkeypatch.setattr(
        "unveil.cli.import_module", _raise(ModuleNotFoundError("gone", name="torch.nn"))
    )
    answer = unveil(verb, "--help")
    assert answer.code == 1
    assert answer.err == (
        "unveil: expected the packages of the laboratory, got no torch; "
        'install them with: pip install "unveil[lab]"\n'
    )


def test_another_missing_module_is_not_mistaken_for_the_laboratory():
    from unveil.cli import app

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("unveil.cli.import_module", _raise(ModuleNotFoundError("x", name="typo")))
        with pytest.raises(ModuleNotFoundError, match="x"):
            app(["models"], prog_name="unveil")


def test_an_error_of_the_system_is_one_line(unveil, monkeypatch):
    monkeypatch.setattr("unveil.cli.import_module", _raise(OSError(28, "No space left on device")))
    answer = unveil("models")
    assert answer.code == 1
    assert answer.err == "unveil: [Errno 28] No space left on device\n"


def test_a_closed_pipe_ends_quietly():
    """The whole program, its reader gone before the first line."""
    code = (
        "import sys, types, unveil.cli as cli\n"
        "def verb():\n"
        "    for _ in range(20000): print('a line of the table')\n"
        "cli.import_module = lambda name: types.SimpleNamespace(models=verb)\n"
        "sys.argv = ['unveil', 'models']\n"
        "cli.main()"
    )
    program = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.close()
    err = program.stderr.read()
    program.stderr.close()
    assert program.wait() == 141
    assert err == b""


def _raise(error):
    def raiser(*_):
        raise error

    return raiser
