"""How designs were made, in words."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from nucleotides.design.methods import METHODS
from nucleotides.predict.identify import identify

if TYPE_CHECKING:
    from nucleotides.design.optimize import Designer
    from nucleotides.predict import Model


def facts_of(designer: Designer, starts: str, copies: int = 1) -> list[tuple[str, str]]:
    """All that decides designs, as names and words; the same wherever the files lie.

    Args:
        designer: its objective, constraints, method, budget, models and seed.
        starts: what they are, in words.
        copies: designs of each start.
    """
    budget = f"{_some(designer.budget.passes, 'forward pass', 'es')} a design"
    if designer.budget.steps is not None:
        budget += f", {_some(designer.budget.steps, 'step')} of the method at most"
    starts += f", {copies:,} designs of each" * (copies > 1)
    starts += ", repaired where they break the constraints" * designer.repair
    facts = [
        ("objective", designer.objective.in_words()),
        ("constraints", designer.constraints.in_words() or "none"),
        ("starts", starts),
        ("method", _method(designer.method)),
        ("budget", budget),
        ("seed", str(designer.seed)),
        ("model", _model(designer.model)),
    ]
    if designer.check is not None:
        facts.append(("checked by", _model(designer.check)))
        facts.append(("disagreement penalty", f"{designer.disagreement_penalty:g}"))
    return facts


def _method(method: Any) -> str:
    """Its name, and the options that are not the usual ones."""
    names = {kind: name for name, kind in METHODS.items()}
    changed = ", ".join(f"{name} {value}" for name, value in _changed(method).items())
    name = names.get(type(method), type(method).__name__)
    return f"{name} with {changed}" if changed else name


def _changed(method: Any) -> dict[str, Any]:
    """Options by name that differ from their defaults, those of a method's parts among them."""
    if not is_dataclass(method):
        return {}
    found: dict[str, Any] = {}
    for option in fields(method):
        value = getattr(method, option.name)
        if is_dataclass(value):
            found |= _changed(value)
        elif value != option.default:
            found[option.name] = ",".join(value) if isinstance(value, tuple) else value
    return found


def _model(model: Model) -> str:
    kind, size = type(model.network).__name__, model.sequence_length
    tasks = _some(len(model.tasks), "task")
    return f"{kind}, {tasks}, windows of {size:,} bases, SHA-256 {identify(model)[:16]}"


def _some(n: int, what: str, ending: str = "s") -> str:
    return f"{n:,} {what}{ending * (n != 1)}"
