"""The docs say what the code does, and their links and commands lead somewhere."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from nucleotides.cli.commands import COMMANDS
from nucleotides.settings import Settings

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
MAKE = re.compile(r"(?:^|`|&& )make ([a-z-]+)", re.MULTILINE)
CALL = re.compile(r"(?:^(?:    )?(?:\$ )?|`|&& |bin/)nucleotides ([a-z][a-z-]+)", re.MULTILINE)


def broken_links(page: Path, text: str) -> list[str]:
    """Links of `text`, as if in `page`, to files that do not exist."""
    local = [link.partition("#")[0] for link in LINK.findall(text) if "://" not in link]
    return [link for link in local if link and not (page.parent / link).exists()]


def unknown_targets(text: str) -> set[str]:
    """`make X` with no X in the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(MAKE.findall(text)) - set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def unknown_commands(text: str) -> set[str]:
    """`nucleotides X` with no command X."""
    return set(CALL.findall(text)) - set(COMMANDS)


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_targets_and_commands_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert broken_links(page, text) == []
    assert unknown_targets(text) == set()
    assert unknown_commands(text) == set()


def test_wrong_ones_are_seen() -> None:
    page = ROOT / "README.md"
    text = "[a](LICENSE) [b](nowhere.md#x) [c](https://x.org)\n`make test` and\nmake nonsense\n"
    text += "`nucleotides train --x` but\n    nucleotides trian\n$ nucleotides tset"
    assert broken_links(page, text) == ["nowhere.md"]
    assert unknown_targets(text) == {"nonsense"}
    assert unknown_commands(text) == {"trian", "tset"}


def test_the_reference_is_what_the_code_says(generator: ModuleType) -> None:
    assert list(generator.differences("settings.md", generator.settings_page())) == []
    assert list(generator.differences("commands.md", generator.commands_page())) == []


def test_a_stale_page_is_seen(generator: ModuleType) -> None:
    assert "+another line\n" in generator.differences(
        "settings.md", generator.settings_page() + "another line\n"
    )


def test_every_setting_and_command_is_documented() -> None:
    settings = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    commands = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"| `{name}` |" not in settings] == []
    assert [name for name in COMMANDS if f"\n## {name}\n" not in commands] == []
