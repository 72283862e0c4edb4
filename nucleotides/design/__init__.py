"""Sequences to order."""

from nucleotides.design.anneal import Anneal
from nucleotides.design.combine import Combine
from nucleotides.design.constraints import Constraints
from nucleotides.design.designs import Design, Designs
from nucleotides.design.evolve import Evolve
from nucleotides.design.follow_gradient import FollowGradient
from nucleotides.design.implant import Implant
from nucleotides.design.objective import Objective, Term, wish
from nucleotides.design.optimize import optimize
from nucleotides.design.read_objective import read_objective
from nucleotides.design.search import Budget
from nucleotides.design.substitute import Substitute

__all__ = [
    "Anneal",
    "Budget",
    "Combine",
    "Constraints",
    "Design",
    "Designs",
    "Evolve",
    "FollowGradient",
    "Implant",
    "Objective",
    "Substitute",
    "Term",
    "optimize",
    "read_objective",
    "wish",
]
