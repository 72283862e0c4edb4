"""Kinds of settings: paths local or remote, devices, URLs, and values that follow from others."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    SecretStr,
)


def to_path(value: object) -> Path:
    """A local path with `~` expanded, or a UPath (which has Path's methods) for `scheme://...`."""
    text = str(value)
    if "://" in text:
        from upath import UPath  # heavy, and only remote paths need it

        return UPath(text)  # type: ignore[return-value]
    return Path(text).expanduser()


def _with_host(url: str) -> str:
    parts = urlsplit(url)  # a ValueError for brackets that make no address
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("no web address")
    return url


def _with_a_key(keys: SecretStr) -> SecretStr:
    """Blanks and commas alone are a slip, such as a secret that is empty."""
    if not keys.get_secret_value().replace(",", " ").strip():
        raise ValueError("there is no key in it; unset, nobody needs one")
    return keys


_ORIGIN = re.compile(
    r"\*|[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[^\sA-Z/?#@:*\[\]\\]+)(:[0-9]{1,5})?"
)


def _of_origins(text: str) -> str:
    """Origins as browsers send them; any other would never be met."""
    words = [word.strip() for word in text.split(",")]
    for word in filter(None, words) if any(words) else words:
        if not _ORIGIN.fullmatch(word):
            raise ValueError(
                f"{word!r} is no origin: scheme://host or scheme://host:port, in lower "
                "case and without a path, such as https://lab.example; or *"
            )
    return text


AnyPath = Annotated[Path, PlainValidator(to_path), PlainSerializer(str)]
Md5 = Annotated[str, Field(pattern="^[0-9a-f]{32}$")] | None
OptionalUrl = Annotated[
    str | None, BeforeValidator(lambda value: None if value == "none" else value)
]
Keys = Annotated[SecretStr, AfterValidator(_with_a_key)]
Origins = Annotated[str, AfterValidator(_of_origins)]
HttpUrl = Annotated[str, AfterValidator(_with_host)]
Device = Annotated[
    Annotated[str, Field(pattern=r"^(cpu|mps|cuda(:\d+)?|xpu(:\d+)?)$")] | None,
    BeforeValidator(lambda value: None if value == "auto" else value),
]


def below(parent: str, name: str, description: str) -> Any:
    """A path that is `name` under the setting `parent` unless it is set itself."""

    def value(known: dict[str, Any]) -> Path:
        in_production = parent == "TOP_DIR" and known["ENVIRONMENT"] == "production"
        base: Path = known["DEPLOY_PATH" if in_production else parent]
        return base / name

    return Field(
        default_factory=value,
        description=description,
        json_schema_extra={"derived": f"{parent}/{name}"},
    )


def computed(rule: Callable[[dict[str, Any]], Any], words: str, description: str) -> Any:
    """A value that follows from earlier settings in its own way unless it is set itself."""
    return Field(
        default_factory=rule, description=description, json_schema_extra={"computed": words}
    )


def by_assembly(suffix: str, **settings: str) -> Callable[[dict[str, Any]], Path]:
    """ASSEMBLY's file of GENOME_DIR, or the setting that this assembly has of its own."""

    def value(known: dict[str, Any]) -> Path:
        own, folder = settings.get(known["ASSEMBLY"]), known["GENOME_DIR"]
        path: Path = known[own] if own else folder / f"{known['ASSEMBLY']}{suffix}"
        return path

    return value
