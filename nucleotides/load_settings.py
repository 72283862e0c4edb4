"""The settings of a process, and what is wrong with them: which name, from where, what instead."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dotenv.parser import Original, parse_stream
from pydantic import ValidationError

from nucleotides.errors import SettingsError, UnknownNameError, nearest
from nucleotides.settings import PREFIX, Settings, Source


@dataclass(frozen=True)
class UnknownVariable:
    """A `NUCLEOTIDES_*` name that no setting reads."""

    name: str
    where: str
    suggestion: str | None

    def __str__(self) -> str:
        text = f"{self.name} ({self.where}) is not a setting and has no effect"
        return f"{text}; did you mean {self.suggestion}?" if self.suggestion else text


def load_settings(env_file: str | Path | None = ".env") -> Settings:
    """The settings of this process, from the environment and `env_file`.

    Raises:
        SettingsError: a value is not allowed (named, with its source and the choices), DEPLOY_PATH
            is given as nothing in production, or `env_file` cannot be read.
    """
    in_file = {name: line for name, (line, value) in _read(env_file).items() if value}
    try:
        settings = Settings(_env_file=env_file)  # type: ignore[call-arg]
    except ValidationError as error:
        raise SettingsError(_explain(error, in_file)) from None
    if settings.ENVIRONMENT == "production" and "DEPLOY_PATH" not in settings.model_fields_set:
        _refuse_empty("DEPLOY_PATH", env_file)
    settings._sources.update({name: _source(name, settings) for name in Settings.model_fields})
    return settings


def setting_name(name: str) -> str:
    """The setting meant by `name`, regardless of case and with or without the prefix.

    Raises:
        UnknownNameError: there is none; the message suggests the nearest.
    """
    bare = _bare(name) or name
    for known in Settings.model_fields:
        if known.lower() == bare.lower():
            return known
    raise UnknownNameError(
        "setting", name, Settings.model_fields, "(`nucleotides settings` lists all)"
    )


def unknown_variables(env_file: str | Path | None = ".env") -> list[UnknownVariable]:
    """Variables and lines of `env_file` that look like settings but are none."""
    places = dict.fromkeys(os.environ, "environment") | {
        name: f"{env_file} line {line}" for name, (line, value) in _read(env_file).items() if value
    }
    known = {name.lower() for name in Settings.model_fields}
    return [
        UnknownVariable(name, where, _suggestion(bare))
        for name, where in places.items()
        if (bare := _bare(name)) is not None and bare.lower() not in known
    ]


def _bare(name: str) -> str | None:
    """`name` without the prefix, or None if it has none."""
    return name[len(PREFIX) :] if name.upper().startswith(PREFIX) else None


def _suggestion(bare: str) -> str | None:
    near = nearest(bare, Settings.model_fields)
    return PREFIX + near if near else None


def _refuse_empty(name: str, env_file: str | Path | None) -> None:
    """Refuse a setting that is given as nothing, where that must not be as if it were not given."""
    places = {key: "environment" for key, value in os.environ.items() if not value}
    places |= {k: f"{env_file} line {n}" for k, (n, value) in _read(env_file).items() if not value}
    for key, where in places.items():
        if key.upper() == PREFIX + name:
            raise SettingsError(
                f"{key} ({where}) is empty, and in production it says what is served: set it, or "
                "remove the variable"
            )


def _read(env_file: str | Path | None) -> dict[str, tuple[int, str | None]]:
    """Lines and values of names in `env_file`; none if there is no such file."""
    if env_file is None or not Path(env_file).is_file():
        return {}
    try:
        with Path(env_file).open(encoding="utf-8") as stream:
            return {b.key: (_line(b.original), b.value) for b in parse_stream(stream) if b.key}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read {env_file}: {error}") from None


def _line(original: Original) -> int:
    """The line of the name itself; the parser counts blank lines before it as part of it."""
    text = original.string
    return original.line + text[: len(text) - len(text.lstrip())].count("\n")


def _source(name: str, settings: Settings) -> Source:
    if name == "TOP_DIR" and settings.ENVIRONMENT == "production":
        return "derived"
    if name not in settings.model_fields_set:
        return "derived" if Settings.model_fields[name].default_factory else "default"
    return "environment" if _in_environment(name) else ".env"


def _in_environment(name: str) -> bool:
    variable = (PREFIX + name).lower()
    return any(key.lower() == variable and value for key, value in os.environ.items())


def _explain(error: ValidationError, in_file: Mapping[str, int]) -> str:
    """One sentence a wrong value; values that could not be derived from it are not mentioned."""
    lines = {name.lower(): line for name, line in in_file.items()}
    sentences = []
    for problem in error.errors():
        if problem["type"] == "default_factory_not_called":
            continue
        name = str(problem["loc"][0])
        line = lines.get((PREFIX + name).lower())
        where = "environment" if _in_environment(name) or not line else f".env line {line}"
        value = problem["input"]
        sentences.append(f"{PREFIX}{name} ({where}) is '{value}', {_allowed(name, problem)}")
    return "; ".join(sentences)


def _allowed(name: str, problem: Mapping[str, Any]) -> str:
    if name == "ENCODE_BASE_URL":
        return "but must begin with http:// or https://"
    if name == "DEVICE":
        return "but must be auto, cpu, mps, cuda or cuda:NUMBER"
    expected = problem.get("ctx", {}).get("expected")
    if expected:
        return f"but must be {expected}"
    return f"which is not valid: {problem['msg'].removeprefix('Value error, ')}"
