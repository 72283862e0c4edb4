"""A YAML file as a mapping, and on which line each of its keys and entries stands."""

from __future__ import annotations

from typing import Any

from nucleotides.errors import PolicyError

Lines = dict[tuple[str, ...], int]


def read_yaml(text: str, name: str, example: str = "merge: union") -> tuple[dict[str, Any], Lines]:
    """Content and lines of a YAML text; `name` and `example`, a line of it, are for messages.

    Raises:
        PolicyError: it is not YAML, not a mapping, or has a key twice.
    """
    import yaml

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name} line {mark.line + 1}" if mark else name
        problem = getattr(error, "problem", None) or str(error)
        raise PolicyError(f"{where} is not YAML: {problem}") from error
    if content is None:
        return {}, {}
    if not isinstance(content, dict):
        raise PolicyError(f"{name} must hold keys and values, such as `{example}`")
    lines: Lines = {}
    _note(node, (), name, lines)
    return content, lines


def _note(node: Any, at: tuple[str, ...], name: str, lines: Lines) -> None:
    """Write down the line of every key and list entry below a node."""
    if isinstance(node.value, str):
        return
    for i, child in enumerate(node.value):
        key, value = child if isinstance(child, tuple) else (None, child)
        place = (*at, str(i) if key is None else str(key.value))
        line = (key or value).start_mark.line + 1
        if place in lines:
            raise PolicyError(f"{name} line {line}: the key '{place[-1]}' is there twice")
        lines[place] = line
        _note(value, place, name, lines)
