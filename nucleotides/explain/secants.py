"""Multipliers of DeepLIFT: a network's secants between windows and their references.

A program is run on references so that autograd finds, instead of derivatives, slopes of the lines
from references to windows, call by call (Shrikumar et al. 2017, arXiv:1704.02685, section 3.5.1,
and the chain rule, equation 3). By kind of call:

- affine: its derivative, which is its slope;
- a function of one number (activations): difference of results over difference of arguments, the
  rescale rule; where the arguments are alike, the derivative;
- a maximum (pooling): the whole difference belongs to one argument, the window's maximum if that
  is larger than the reference's, else the reference's;
- anything else (products, softmax, attention, LSTM): the mean derivative along the line from
  reference to window, which is Aumann and Shapley's value; of products exact.

So contributions add up to the difference of outputs, call by call and altogether, up to the
quadrature of that mean. Calls are known by what they do and not by module: modules may be used
twice, and functions are as good as modules.
"""

from __future__ import annotations

import torch
from torch import Tensor

from nucleotides.explain.open_program import is_affine
from nucleotides.explain.pair_of_runs import PairOfRuns
from nucleotides.explain.run_call import keep, run_call
from nucleotides.explain.secant_rules import RULES, along_the_line
from nucleotides.model.local.program import Call, Program


def run_secants(program: Program, x: Tensor, references: Tensor) -> tuple[Tensor, Tensor]:
    """Outputs of windows and of their references; the derivatives of the latter are multipliers.

    Args:
        program: what the network computes (`open_program`).
        x: (n, 4, length).
        references: (n * r, 4, length), r in a row for each window.

    Returns:
        (n, ...) and (n * r, ...).
    """
    pair = PairOfRuns(program, x, references)
    for call, done in program.steps({program.output.number}):
        pair.run_windows(call)
        keep(call, _references(pair, call), pair.references)
        pair.forget(done)
    out = program.output.number
    return pair.windows[out], pair.references[out]


def _references(pair: PairOfRuns, call: Call) -> object:
    if is_affine(call):
        return pair.run_references(call)
    rule = RULES.get(call.name)
    found = rule(pair, call) if rule else None
    return along_the_line(pair, call) if found is None else found


def windows_stay_in_order(program: Program) -> bool:
    """Whether every value holds windows one after the other, so that one can stand for many."""
    constants = (leaf for call in program.calls for leaf in call.leaves())
    device = next((c.device for c in constants if isinstance(c, Tensor)), None)
    x = torch.rand(2, *program.shapes[0][1:], device=device).repeat_interleave(2, 0)
    values = {0: x}
    with torch.no_grad():
        for call, done in program.steps({program.output.number}):
            keep(call, run_call(program, call, values, len(x)), values)
            if not all(_twice(values[v.number], program.shapes[v.number]) for v in call.outputs()):
                return False
            for number in done:
                values.pop(number, None)
    return True


def _twice(tensor: Tensor, shape: tuple[int, ...]) -> bool:
    """Whether a value of windows a, a, b, b, which of two has this shape, is each part twice."""
    if not shape or shape[0] % 2 or tensor.shape != (2 * shape[0], *shape[1:]):
        return False
    one, other = torch.unflatten(tensor, 0, (2, 2, -1)).unbind(1)
    return torch.allclose(one.double(), other.double(), rtol=1e-3, atol=1e-4)
