"""The work of a job of designs: that of `nucleotides optimize`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from nucleotides.design.find_starts import Given, random_starts
from nucleotides.design.methods import open_method
from nucleotides.design.optimize import Designer
from nucleotides.design.read_objective import Asked, parse_objective
from nucleotides.design.search import Budget
from nucleotides.design.tell_recipe import facts_of
from nucleotides.design.write_designs import write_designs
from nucleotides.design.write_page import Told
from nucleotides.errors import InputError
from nucleotides.files import replacing
from nucleotides.retell import retell
from nucleotides.schemas.jobs import DesignJob

if TYPE_CHECKING:
    from nucleotides.jobs.shelf import Shelf
    from nucleotides.predict import Model

_OBJECTIVE = {
    *("positive", "negative", "terms", "scale", "others", "others_weight", "others_join"),
    "constraints",
}
_NAME = "the objective"
_LINE = re.compile(rf"\b{_NAME}(?: line \d+)?: ")


def plan_design(model: Model, asked: DesignJob, folder: Path) -> Designer:
    """What is to be done, checked as far as it can be without work.

    Writes `objective.yaml` into the folder.

    Raises:
        InputError, UnknownNameError: an objective, constraints or options that mean nothing.
    """
    content = asked.model_dump(include=_OBJECTIVE, exclude_defaults=True)
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    with replacing(folder / "objective.yaml") as path:
        path.write_text(text, encoding="utf-8")
    with retell(lambda message: _LINE.sub("", message)):  # a request has no lines
        return _designer(model, asked, parse_objective(text, _NAME))


def _designer(model: Model, asked: DesignJob, read: Asked) -> Designer:
    for name, letters in asked.named().items():
        if len(letters) < (needed := model.sequence_length):
            raise InputError(
                f"sequence {name} has {len(letters)} bases; the model needs {needed} or more"
            )
    method = open_method(asked.method, dict(_options(asked)))
    budget = Budget(asked.budget, asked.steps)
    return Designer(
        model, read.objective, method, read.constraints, budget, asked.seed, repair=asked.repair
    )


def design(shelf: Shelf, name: str, asked: DesignJob, folder: Path, out: Path) -> str:
    """Make the designs, in `out`; there is nothing to be said of them."""
    model = shelf.model(name)
    designer = plan_design(model, asked, folder)
    rules, length = designer.constraints, model.sequence_length
    starts, told = asked.named(), "sequences given"
    if asked.random is not None:
        told = Given(random=asked.random, gc=asked.random_gc).in_words()
        starts = random_starts(asked.random, length, asked.random_gc, rules, asked.seed)
    genome = shelf.reference() if asked.novelty else None
    page = Told(facts_of(designer, told, asked.copies), asked.shown)
    write_designs(designer, starts, out, page, copies=asked.copies, genome=genome)
    return ""


def _options(asked: DesignJob) -> Iterator[tuple[str, str]]:
    """Options as the words of the command: a whole number without a point."""
    for name, value in asked.options.items():
        yield name, value if isinstance(value, str) else f"{value:.15g}"
