"""The command line from outside: arguments in, output, error and exit code out."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from nucleotides import __version__
from nucleotides.cli import version as version_module
from nucleotides.cli.commands import COMMANDS
from nucleotides.cli.lazy import load
from nucleotides.cli.main import make_app
from nucleotides.errors import OutOfSpaceError, PeakFileError, UnknownNameError
from nucleotides.leftovers import hide

HEAVY = ["torch", "lightning", "pandas", "numpy", "pydantic_settings", "matplotlib", "upath"]

pytestmark = pytest.mark.usefixtures("empty_folder")


@pytest.mark.parametrize(
    ("arguments", "code", "output", "error"),
    [
        (["--version"], 0, f"nucleotides {__version__}\n", ""),
        (["version"], 0, f"{__version__}\n", ""),
        (["--help"], 0, "Train a model", ""),
        ([], 2, "Usage: nucleotides", ""),
        (["trian"], 2, "", "Did you mean 'train', 'variants'?"),
        (["version", "--loud"], 2, "", "No such option: --loud"),
        (["settings", "--no-verbose", "environment"], 0, "develop\n", ""),
        (["settings", "--no-verbose", "DEVICE"], 0, "\n", ""),
        (["settings", "--no-verbose"], 0, "\nNUCLEOTIDES_ENCODE_BASE_URL=https://www.enc", ""),
        (["settings", "device"], 0, "unset", ""),
        (["settings", "device"], 0, "export NUCLEOTIDES_DEVICE=value", ""),
        (["settings", "device"], 0, "NUCLEOTIDES_DEVICE=value\n", ""),
        (["settings", "device"], 0, "nucleotides/settings.py", ""),
        (["settings"], 0, "BED_PREPROCESSED_DIR", ""),
        (["settings", "top_dri"], 2, "", "unknown setting 'top_dri'; did you mean 'TOP_DIR'?"),
        (["doctor", "--help"], 0, "exit code 1 if something", ""),
    ],
)
def test_commands(arguments: list[str], code: int, output: str, error: str) -> None:
    result = CliRunner().invoke(make_app(), arguments, prog_name="nucleotides")
    assert output in result.stdout
    assert error in result.stderr
    assert bool(error) == bool(result.stderr)
    assert result.exit_code == code


def test_a_bare_value_is_never_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    path = "/data/" + "[x] long name " * 20 + "end"
    monkeypatch.setenv("NUCLEOTIDES_TOP_DIR", path)
    result = CliRunner().invoke(make_app(), ["settings", "top_dir", "--no-verbose"])
    assert result.stdout == path + "\n"


def test_all_bare_values_can_be_kept_as_env_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUCLEOTIDES_TOP_DIR", "/somewhere")
    before = CliRunner().invoke(make_app(), ["settings", "--no-verbose"]).stdout
    monkeypatch.delenv("NUCLEOTIDES_TOP_DIR")
    Path(".env").write_text(before)
    assert CliRunner().invoke(make_app(), ["settings", "--no-verbose"]).stdout == before


def test_every_command_warns_once_of_unknown_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUCLEOTIDES_TOPDIR", "/x")
    result = CliRunner().invoke(make_app(), ["version"])
    assert result.stderr.count("NUCLEOTIDES_TOPDIR (environment) is not a setting") == 1
    assert result.stdout == f"{__version__}\n"
    assert result.exit_code == 0


def test_a_bad_setting_is_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUCLEOTIDES_ENVIRONMENT", "prod")
    result = CliRunner().invoke(make_app(), ["settings"])
    assert "NUCLEOTIDES_ENVIRONMENT (environment) is 'prod'" in result.stderr
    assert result.exit_code == 2


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/full/file")


@pytest.mark.parametrize(
    ("raised", "code", "message"),
    [
        (PeakFileError("a.bed line 3: start > end"), 2, "error: a.bed line 3: start > end\n"),
        (OutOfSpaceError("full [x] " * 20 + "!"), 4, "error: " + "full [x] " * 20 + "!\n"),
        (FULL, 4, "error: no space left on the disk at /full/file; what was there before"),
        (KeyboardInterrupt(), 130, "error: interrupted; nothing is half-written\n"),
        (PeakFileError("\x1b[31m\x07a\nb\u202e"), 2, "error: \\x1b[31m\\x07a\nb\\u202e\n"),
        (UnknownNameError("model", "\x1b[31m", ["m"]), 2, "unknown model '\\x1b[31m'"),
        (
            FileNotFoundError(2, "No", str(hide(Path("/p/x")))),
            1,
            "error: /p/x cannot be written: No\n",
        ),
        (
            FileExistsError(17, "Exists", "/top/archive"),
            1,
            "/top/archive (setting ARCHIVE_DIR)",
        ),
        (
            OSError(5, "Error", "/top/data/x/y"),
            1,
            "Error: /top/data/x/y (setting DATA_DIR)\n",
        ),
        (OSError(5, "Error", "/elsewhere"), 1, "error: Error: /elsewhere\n"),
        (FileExistsError(17, "File exists", "a\x1bb"), 1, "File exists: a\\x1bb"),
    ],
)
@pytest.mark.usefixtures("empty_folder")
@pytest.mark.parametrize("debug", [False, True])
def test_failures(
    raised: BaseException,
    code: int,
    message: str,
    debug: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken() -> None:
        raise raised

    monkeypatch.setenv("NUCLEOTIDES_TOP_DIR", "/top")
    monkeypatch.setattr(version_module, "version", broken)
    result = CliRunner().invoke(make_app(), ["--debug", "version"] if debug else ["version"])
    assert message in result.stderr
    assert result.exit_code == code
    assert ("Traceback" in result.stderr) == debug


def test_other_exceptions_are_bugs_and_pass_through(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(version_module, "version", broken)
    assert isinstance(CliRunner().invoke(make_app(), ["version"]).exception, ZeroDivisionError)


WATCHED_RUN = """
import sys
from nucleotides.cli.main import main
sys.argv[1:] = {arguments}
try:
    main()
finally:
    sys.stderr.write("HEAVY=" + str([name for name in {heavy} if name in sys.modules]))
"""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["version"], ["trian"]])
def test_answers_without_heavy_imports(arguments: list[str]) -> None:
    script = WATCHED_RUN.format(arguments=arguments, heavy=HEAVY)
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "HEAVY=[]" in result.stderr


def test_a_closed_pipe_is_no_error() -> None:
    command = f"{sys.executable} -m nucleotides settings | head -n 1"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert result.stderr == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_loads_and_explains_itself(name: str) -> None:
    command = load(name)
    assert command.name == name
    assert command.help


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["upload-model", "--destination", ""], "--destination"),
        (["upload-model", "--destination="], "--destination"),
        (["upload-model", ""], "MODEL"),
        (["deployed", "list", "--destination", ""], "--destination"),
        (["export", "--out", ""], "--out"),
        (["export", "--out", "x", "--licence", ""], "--licence"),
        (["variants", "x.vcf", "--out", "x.tsv", "--tasks", "a", "--tasks", ""], "--tasks"),
        (["predict", "--out", "x.tsv", "--model", ""], "--model"),
    ],
)
def test_an_empty_word_is_not_one_left_out(words: list[str], what: str) -> None:
    """As of `--destination "$DEST"` with DEST unset; nor is it the working directory."""
    result = CliRunner().invoke(make_app(), words)
    assert result.stderr == f"error: {what} is empty: give a value, or leave it out\n"
    assert result.exit_code == 2


def test_help_keeps_square_brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(what: str = typer.Option("", help="see [serve]")) -> None:
        """Needs pip install 'nucleotides[serve]'."""

    monkeypatch.setattr(version_module, "version", version)
    shown = CliRunner().invoke(make_app(), ["version", "--help"]).stdout
    assert "nucleotides[serve]" in shown
    assert "see [serve]" in shown


def test_a_command_can_take_its_arguments_untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def version(ctx: typer.Context) -> None:
        """Takes anything."""
        seen.extend(ctx.args)

    raw = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
    monkeypatch.setattr(version_module, "version", version)
    monkeypatch.setattr(version_module, "CONTEXT_SETTINGS", raw, raising=False)
    arguments = ["--max_epochs", "5", "--help", "--x=1", "-v", "--", "y"]
    assert CliRunner().invoke(make_app(), ["version", *arguments]).exit_code == 0
    assert [a for a in seen if a != "--"] == [a for a in arguments if a != "--"]
