"""The packages this one needs, and the optional ones by extra, as its own metadata lists them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement

from nucleotides.doctor.check import Check, State

NOT_FOR_USERS = "dev"


def check_parts() -> list[Check]:
    """One row for the required packages together, and one for each extra."""
    try:
        listed = [Requirement(text) for text in requires("nucleotides") or []]
    except PackageNotFoundError:
        advice = "pip install nucleotides (from a clone: pip install -e .)"
        return [Check("parts", "required", State.WARNING, "run from source", advice)]
    by_extra = group_by_extra(listed)
    by_extra.pop(NOT_FOR_USERS, None)
    return [_required(by_extra.pop("", [])), *(_extra(*item) for item in by_extra.items())]


def group_by_extra(listed: Iterable[Requirement]) -> dict[str, list[Requirement]]:
    """Requirements that apply to this Python, by extra; those always needed under ''."""
    groups: dict[str, list[Requirement]] = {}
    for requirement in listed:
        named = re.search(r'extra == "([^"]+)"', str(requirement.marker))
        extra = named[1] if named else ""
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            groups.setdefault(extra, []).append(requirement)
    return groups


def missing(requirements: Iterable[Requirement]) -> list[str]:
    """Those not installed, or in a version that does not fit, with what was found."""
    problems = []
    for requirement in requirements:
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            problems.append(f"{requirement.name} (not installed)")
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            problems.append(f"{requirement.name} {found} (wanted {requirement.specifier})")
    return problems


def _required(requirements: list[Requirement]) -> Check:
    problems = missing(requirements)
    if not problems:
        return Check("parts", "required", State.OK, f"{len(requirements)} packages")
    return Check("parts", "required", State.ERROR, ", ".join(problems), "pip install nucleotides")


def _extra(extra: str, requirements: list[Requirement]) -> Check:
    problems = missing(requirements)
    names = ", ".join(requirement.name for requirement in requirements)
    if not problems:
        return Check("parts", extra, State.OK, names)
    advice = f"pip install 'nucleotides[{extra}]'"
    return Check("parts", extra, State.ABSENT, ", ".join(problems), advice)
