"""The selection policy: rules as data, which a user can copy and change."""

from __future__ import annotations

import hashlib
import json
import re
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, ValidationError

from nucleotides.encode.yamlfile import read_yaml
from nucleotides.errors import PolicyError, nearest

Status = Literal[
    "released", "archived", "revoked", "in progress", "uploading", "replaced", "deleted",
    "content error", "upload failed",
]  # fmt: skip
Audit = Literal["ERROR", "NOT_COMPLIANT", "WARNING"]
Group = Literal[
    "biosample", "biosample_id", "biosample_type", "target_or_assay", "assay", "project", "lab",
    "experiment",
]  # fmt: skip


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    twice = [value for value in values if values.count(value) > 1]
    if twice:
        raise ValueError(f"'{twice[0]}' is there twice")
    return values


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return value


def _with_other(value: dict[str, Any]) -> dict[str, Any]:
    if "other" not in value:
        raise ValueError("needs an entry 'other'")
    return value


Names = Annotated[tuple[str, ...], AfterValidator(_distinct)]
Name = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Files(_Part):
    """Which files; an empty tuple means any."""

    format_types: Names
    types: Names
    statuses: tuple[Status, ...]
    analysis_statuses: tuple[Status, ...]
    assays: Names


class Refuse(_Part):
    """What an experiment must not have."""

    crosslinking: StrictBool
    treatments: StrictBool
    genetic_modifications: StrictBool
    audits: tuple[Audit, ...]


class Accessibility(_Part):
    """Whether assays of open chromatin are one task."""

    tasks: Literal["separate", "together"]
    assays: Names
    name: Name


class Policy(_Part):
    """A selection policy; policy.yaml explains each key."""

    assembly: Name
    files: Files
    refuse: Refuse
    group_by: Annotated[tuple[Group, ...], Field(min_length=1)]
    replicates: Literal["most", "any"]
    output_types: Names
    output_type: Literal["first", "any"]
    unlisted_output_types: Literal["drop", "keep"]
    factor: Literal["first_dash", "species"]
    accessibility: Accessibility
    histones: Annotated[str, AfterValidator(_pattern)]
    merge: Literal["union", "majority", "all"]
    slop: Annotated[dict[str, Annotated[int, Field(ge=0)]], AfterValidator(_with_other)]
    signals: Annotated[dict[str, Names], AfterValidator(_with_other)]

    def as_json(self) -> dict[str, Any]:
        """The policy as plain JSON-able data."""
        return self.model_dump(mode="json")

    def sha256(self) -> str:
        """SHA-256 of the policy's canonical JSON: the same for the same rules."""
        text = json.dumps(self.as_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def slop_of(self, factor: str) -> int:
        """Base pairs to add to both ends of a factor's peaks."""
        return self.slop.get(factor, self.slop["other"])


def policy_text(assembly: str | None = None) -> str:
    """The default policy as YAML with its comments, to copy and change; for an assembly."""
    text = (resources.files(__package__) / "policy.yaml").read_text(encoding="utf-8")
    return re.sub(r"(?m)^assembly: \S+", f"assembly: {assembly}", text) if assembly else text


def load_policy(path: str | Path | None = None, assembly: str | None = None) -> Policy:
    """The policy of a YAML file, or the default one.

    A file need hold only what differs from the default.

    Args:
        path: the file.
        assembly: the assembly that peaks are wanted of; by default that of the file.

    Raises:
        PolicyError: the file cannot be read, has a key or value that means nothing, or is for
            another assembly.
    """
    content, _ = read_yaml(policy_text(), "policy.yaml")
    name, lines = "the default policy", dict[tuple[str, ...], int]()
    if path is not None:
        name = str(path)
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise PolicyError(f"the policy {path} cannot be read: {reason}") from error
        own, lines = read_yaml(text, name)
        if assembly is not None and own.get("assembly", assembly) != assembly:
            raise PolicyError(
                f"{name} is for the assembly {own['assembly']}, the setting ASSEMBLY is "
                f"{assembly}: change one of them, or leave the line out of the policy"
            )
        content = _laid_over(content, own)
    if assembly is not None:
        content["assembly"] = assembly
    try:
        return Policy.model_validate(content)
    except ValidationError as error:
        raise PolicyError(_message(error, name, lines)) from error


def as_chosen(policy: Policy) -> Policy:
    """The policy for files that the user named: any peak file of the type and assembly is kept."""
    files = policy.files.model_copy(
        update={"statuses": (), "analysis_statuses": (), "assays": ()},
    )
    refuse = Refuse(crosslinking=False, treatments=False, genetic_modifications=False, audits=())
    rules = {"replicates": "any", "output_type": "any", "unlisted_output_types": "keep"}
    return policy.model_copy(update={"files": files, "refuse": refuse, **rules})


def _laid_over(default: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    out = dict(default)
    for key, value in own.items():
        both = isinstance(value, dict) and isinstance(default.get(key), dict)
        out[key] = _laid_over(default[key], value) if both else value
    return out


def _message(error: ValidationError, name: str, lines: dict[tuple[str, ...], int]) -> str:
    fault = error.errors()[0]
    keys = tuple(str(key) for key in fault["loc"])
    at = next((keys[:n] for n in range(len(keys), 0, -1) if keys[:n] in lines), ())
    where = f"{name} line {lines[at]}" if at else name
    key, value = ".".join(k for k in keys if not k.isdigit()), fault["input"]
    if fault["type"] == "extra_forbidden":
        return f"{where}: unknown key '{key}'{_choices(keys[-1], _known(keys[:-1]))}"
    if fault["type"] == "literal_error":
        choices = re.findall(r"'([^']+)'", fault["ctx"]["expected"])
        return f"{where}: {key} is {value!r}{_choices(str(value), choices)}"
    if fault["type"] == "tuple_type":
        return f"{where}: {key} is {value!r}; it must be a list, such as [{value}]"
    said = fault["msg"].removeprefix("Value error, ")
    return f"{where}: {key} is {value!r}: {said[0].lower()}{said[1:]}"


def _choices(name: str, known: list[str]) -> str:
    near = nearest(name, known)
    guess = f"; did you mean '{near}'?" if near else ""
    return f"{guess} (choices: {', '.join(known)})"


def _known(keys: tuple[str, ...]) -> list[str]:
    model: Any = Policy
    for key in keys:
        model = model.model_fields[key].annotation
    return list(model.model_fields)
