"""docs/your-own-model.md, block by block, with the command as a script that was installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "your-own-model.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
PYTHON = [text for language, text in BLOCKS if language == "python"]
SHELL = "".join(text for language, text in BLOCKS if language == "sh")
SHORT = "--max_epochs 1 --samples_per_epoch 64 --validation_size 64 --test_size 64 --leakage false"
SCRIPT = f"""#!{sys.executable}
from nucleotides.cli.main import main
main()
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """One in which `nucleotides` is a script in a folder of its own, as pip would install it."""
    script = tmp_path / "bin" / "nucleotides"
    script.parent.mkdir()
    script.write_text(SCRIPT)
    script.chmod(0o755)
    kept = {n: v for n, v in os.environ.items() if not n.upper().startswith("NUCLEOTIDES_")}
    path = os.pathsep.join([str(script.parent), str(Path(sys.executable).parent), kept["PATH"]])
    return {**kept, "PATH": path, "PYTHONPATH": str(ROOT)}


@pytest.mark.slow
def test_the_page_does_what_it_says(tmp_path: Path, environment: dict[str, str]) -> None:
    """The class is found in the working directory, trained, tested, and loaded again."""
    folder = tmp_path / "work"
    folder.mkdir()

    def run(*command: str) -> str:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    module, use = PYTHON
    (folder / "my_net.py").write_text(module)
    (folder / "use.py").write_text(f"{use}print(probabilities.shape)\n")
    assert "--max_epochs 3" in SHELL
    said = run("bash", "-e", "-c", SHELL.replace("--max_epochs 3", SHORT))
    assert "model: my_net.MyNet, 103,144 parameters, 40 tasks" in said
    assert "96 of 96 filters of convolutions.0" in said
    assert "by task: " in said
    assert run(sys.executable, "use.py") == "(1, 40)\n"
    shown = run("nucleotides", "train", "--model_class", "my_net.MyNet", "--help")
    assert "filters of each convolution" in shown


def test_what_is_not_there_is_said(tmp_path: Path, environment: dict[str, str]) -> None:
    command = ["nucleotides", "train", "--model_class", "my_net.MyNet"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    told = " ".join(done.stderr.split())
    assert "No module named 'my_net'" in told
    assert "in the working directory" in told


@pytest.mark.parametrize(("options", "found"), [([], True), (["-P"], False)])
def test_the_working_directory_comes_last_unless_forbidden(
    options: list[str], found: bool, tmp_path: Path, environment: dict[str, str]
) -> None:
    (tmp_path / "json.py").write_text("raise RuntimeError('taken for the library')")
    (tmp_path / "mine.py").touch()
    script = (
        "import sys; sys.path = [p for p in sys.path if p]; sys.argv[1:] = ['--version']\n"
        "from nucleotides.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "import importlib.util, json\n"
        "print(importlib.util.find_spec('mine') is not None)"
    )
    command = [sys.executable, *options, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1:] == [str(found)], done.stderr
