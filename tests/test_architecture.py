"""The rules that keep the package a house one can live in; see docs/decisions."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import nucleotides

PACKAGE = Path(nucleotides.__file__).parent

FLOORS = {
    # floor 0: modules that know nothing of the rest
    "errors": 0,
    "settings": 0,
    "load_settings": 0,
    "setting_kinds": 0,
    "assemblies": 0,
    "read_json": 0,
    "files": 0,
    "leftovers": 0,
    "exchange": 0,
    "read_whole": 0,
    "retell": 0,
    "arrays": 0,
    "choose_tasks": 0,
    "progress": 0,
    "hold": 0,
    "compiled": 0,
    "mapped_memory": 0,
    "gunzip": 0,
    "processes": 0,
    "schemas": 0,
    # folders; each may import the floors below it and itself
    "genome": 1,
    "client": 1,
    "storage": 1,
    "deployed": 2,
    "encode": 2,
    "portal": 2,
    "targets": 3,
    "data": 4,
    "loss": 5,
    "metrics": 5,
    "model": 5,
    "preprocess": 6,
    "train": 6,
    "bundle": 6,
    "predict": 7,
    "explain": 7,
    "tune": 7,
    "design": 8,
    "analyze": 8,
    "deploy": 9,
    "jobs": 9,
    "demo": 9,
    "doctor": 9,
    "api": 10,
    "cli": 10,
    "__main__": 11,
}
SAME_FLOOR_ALLOWED = {
    ("model", "loss"),
    ("model", "metrics"),
    ("train", "bundle"),  # --init_from may be one
    ("predict", "explain"),  # a model can be asked why
    ("design", "analyze"),  # designs are shown as explanations are
    ("settings", "assemblies"),
    ("settings", "setting_kinds"),
    ("load_settings", "settings"),
    ("hold", "progress"),
    *(("files", module) for module in ("exchange", "leftovers", "read_json", "read_whole")),
    ("read_whole", "leftovers"),
} | {
    (module, "errors")
    for module in (
        *("load_settings", "files", "arrays", "progress", "hold", "mapped_memory"),
        *("choose_tasks", "read_json", "read_whole", "retell"),
    )
}
FREE_OF_TORCH = {
    "errors",
    "settings",
    "load_settings",
    "setting_kinds",
    "assemblies",
    "read_json",
    "files",
    "leftovers",
    "exchange",
    "read_whole",
    "retell",
    "arrays",
    "compiled",
    "mapped_memory",
    "gunzip",
    "processes",
    "schemas",
    "client",
    "genome",
    "storage",
    "deployed",
    "encode",
    "portal",
}
FREE_OF_TORCH |= {"targets", "preprocess"}
TORCH = {"torch", "lightning", "torchmetrics"}
READS_ENVIRONMENT = {"settings", "load_settings", "processes", "api", "cli"}


class Module:
    """A source file: its name, the unit (top module or folder) it is in, its imports."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.unit = ([*name.split("."), "__init__"])[1]
        self.tree = ast.parse(source)

    def imports(self, top_level_only: bool = False) -> Iterator[str]:
        """Full names of what is imported, anywhere in the file or while it is being imported."""
        nodes = self.tree.body if top_level_only else ast.walk(self.tree)
        for node in nodes:
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.name} imports relatively; write the full name"
                yield from (f"{node.module}.{alias.name}" for alias in node.names)

    def imported_units(self) -> set[str]:
        """Units of this package that are imported, its own left out."""
        parts = (name.split(".") for name in self.imports())
        return {p[1] for p in parts if p[0] == "nucleotides" and p[1] in FLOORS} - {self.unit}

    def reads_environment(self) -> bool:
        return any(
            isinstance(node, ast.Attribute)
            and node.attr in {"environ", "getenv"}
            and isinstance(node.value, ast.Name)
            and node.value.id == "os"
            for node in ast.walk(self.tree)
        ) or bool({"os.environ", "os.getenv"} & set(self.imports()))

    def problems(self) -> list[str]:
        """Every rule of this file that the module breaks."""
        if self.unit == "__init__":  # the package itself: names its version, loads lazily
            heavy = [name for name in self.imports(top_level_only=True) if name != "__version__"]
            heavy = [name for name in heavy if name.split(".")[0] in TORCH | {"nucleotides"}]
            return [f"{self.name} imports {name} at once" for name in heavy]
        if self.unit not in FLOORS:
            return [f"{self.name} is on no floor: add it to FLOORS"]
        return [*self._floor_problems(), *self._content_problems()]

    def _floor_problems(self) -> Iterator[str]:
        for unit in self.imported_units():
            lower = FLOORS[unit] < FLOORS[self.unit]
            if not lower and (self.unit, unit) not in SAME_FLOOR_ALLOWED:
                yield f"{self.name} (floor {FLOORS[self.unit]}) imports {unit} ({FLOORS[unit]})"

    def _content_problems(self) -> Iterator[str]:
        tops = {name.split(".")[0] for name in self.imports()}
        if self.unit in FREE_OF_TORCH and tops & TORCH:
            yield f"{self.name} imports {tops & TORCH}"
        if "pytorch_lightning" in tops:
            yield f"{self.name} imports pytorch_lightning, whose Trainer is another class"
        if self.unit not in READS_ENVIRONMENT and self.reads_environment():
            yield f"{self.name} reads the environment"
        if any(name.startswith("matplotlib.pyplot") for name in self.imports(True)):
            yield f"{self.name} imports matplotlib.pyplot at once"
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
                yield f"{self.name} line {node.lineno} prints"


def modules() -> list[Module]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append(Module(name, path.read_text(encoding="utf-8")))
    return found


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_module_keeps_the_rules(module: Module) -> None:
    assert module.problems() == []


@pytest.mark.parametrize(
    ("name", "source", "problem"),
    [
        ("nucleotides.genome.a", "from nucleotides.targets import store", "imports targets"),
        ("nucleotides.genome.a", "def f():\n import nucleotides.cli.main", "imports cli"),
        ("nucleotides.data.a", "from nucleotides import train", "imports train"),
        ("nucleotides.loss.a", "from nucleotides.model import net", "imports model"),
        ("nucleotides.metrics.a", "from nucleotides.loss import loss", "imports loss"),
        ("nucleotides.api.a", "from nucleotides.cli import main", "imports cli"),
        ("nucleotides.errors", "from nucleotides.settings import Settings", "imports settings"),
        ("nucleotides.targets.a", "def f():\n import torch.nn", "imports {'torch'}"),
        ("nucleotides.train.a", "import os\nos.environ['A']", "reads the environment"),
        ("nucleotides.train.a", "from os import getenv", "reads the environment"),
        ("nucleotides.train.a", "import pytorch_lightning", "another class"),
        ("nucleotides.demo.a", "import matplotlib.pyplot as plt", "matplotlib.pyplot at once"),
        ("nucleotides.demo.a", "print(1)", "line 1 prints"),
        ("nucleotides.cellar.a", "", "is on no floor"),
        ("nucleotides", "from nucleotides.predict import load", "at once"),
    ],
)
def test_a_broken_rule_is_seen(name: str, source: str, problem: str) -> None:
    found = Module(name, source).problems()
    assert len(found) == 1
    assert problem in found[0]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("nucleotides.model.a", "from nucleotides.loss import loss\nimport torch"),
        ("nucleotides.cli.a", "import os\nos.environ\nfrom nucleotides.cli.b import c"),
        ("nucleotides.demo.a", "def f():\n import matplotlib.pyplot"),
        ("nucleotides", "def __getattr__(name):\n from nucleotides.predict import load"),
        ("nucleotides.genome.a", "from nucleotides import __version__"),
    ],
)
def test_what_is_allowed_is_no_problem(name: str, source: str) -> None:
    assert Module(name, source).problems() == []


WATCHED_IMPORT = """
import sys, importlib, os
import {libraries}
touched = []
def watch(event, arguments):
    if event != "open" or not isinstance(arguments[0], str):
        return
    path, _, flags = arguments
    writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
    ours = os.path.abspath(path).startswith(({package!r}, os.getcwd()))
    if writes or (ours and not path.endswith((".py", ".pyc"))):
        touched.append(path)
sys.addaudithook(watch)
for name in sys.argv[1:]:
    importlib.import_module(name)
assert not touched, touched
"""


def touched_by_importing(names: list[str], folder: Path) -> str:
    """What goes wrong when a new Python in `folder` imports `names`; libraries are not watched."""
    tops = {name.split(".")[0] for module in modules() for name in module.imports(True)}
    libraries = sorted((tops & {"torch", "lightning", "pandas", "rich"}) | {"typer"})
    script = WATCHED_IMPORT.format(libraries=", ".join(libraries), package=str(PACKAGE))
    command = [sys.executable, "-B", "-c", script, *names]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True).stderr


def test_importing_touches_no_file(tmp_path: Path) -> None:
    names = [module.name for module in modules() if module.unit != "__main__"]
    assert touched_by_importing(names, tmp_path) == ""


def test_a_touched_file_is_seen(tmp_path: Path) -> None:
    (tmp_path / "greedy.py").write_text("open('.env', 'w')")
    (tmp_path / ".env").write_text("")
    assert ".env" in touched_by_importing(["greedy"], tmp_path)
