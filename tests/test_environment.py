"""conda's environment is pip's: one list of packages, one list of versions."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pairs}


def environment() -> tuple[list[str], list[str]]:
    """What conda is to install, and what pip is."""
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    of_pip = [one["pip"] for one in listed if isinstance(one, dict)]
    return [one for one in listed if isinstance(one, str)], [one for part in of_pip for one in part]


def test_conda_brings_python_and_pip_and_leaves_the_rest_to_pip() -> None:
    conda, pip = environment()
    assert [one.partition("=")[0] for one in conda] == ["python", "pip"]
    assert pip == ["-c constraints.txt", "-e .[serve,cloud]"]
    python = conda[0].partition("=")[2]
    assert SpecifierSet(PROJECT["requires-python"]).contains(f"{python}.0")


@pytest.mark.parametrize("text", sorted({*PROJECT["dependencies"], *EXTRAS["dev"]}))
def test_every_package_has_a_version_that_will_do(text: str) -> None:
    wanted = Requirement(text)
    version = pinned().get(canonicalize_name(wanted.name))
    assert version is not None, f"constraints.txt has no {wanted.name}"
    assert wanted.specifier.contains(version)
