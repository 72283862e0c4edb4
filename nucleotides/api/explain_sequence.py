"""An explanation, as the Python API gives it, beside what takes less time."""

from __future__ import annotations

import time

import numpy as np

from nucleotides.api.choose import choose
from nucleotides.api.jobs import Job
from nucleotides.api.served import Served, ServedModel
from nucleotides.errors import InputError, TooLargeError
from nucleotides.explain.explain_sequences import join
from nucleotides.explain.explainer import Codes, Explainer
from nucleotides.explain.methods import How, Values
from nucleotides.explain.overlap_windows import Overlap
from nucleotides.genome import encode
from nucleotides.schemas.explanations import ExplanationRequest
from nucleotides.train.allocator import hand_back_freed_memory

Told = dict[str, list[float]]
_COST = {"mutagenesis": 32, "integrated_gradients": 16, "deep_lift_shap": 16}
"""Windows that one window's explanation takes the time of, about."""
_FAR = 1.2
"""So many times what a request may take is refused once it is seen: a first look errs."""


async def explain_sequence(served: Served, model: ServedModel, asked: ExplanationRequest) -> Told:
    """What each base contributes, {task: [value a base]}, as `Model.explain` finds it, to the bit.

    Raises:
        InputError: a sequence shorter than the window.
        TooLargeError: more bases times tasks than the server explains at once; or it is seen that
            it would take far longer than a request may.
    """
    columns, length = choose(asked, model.model.tasks), len(asked.sequence)
    most = served.config.max_explained
    if length * len(columns) > most:
        raise TooLargeError(
            f"{length:,} bases of {len(columns):,} tasks: this server explains {most:,} bases "
            "times tasks at once; choose fewer tasks, or hand it in as a job: "
            "POST /jobs/explanations"
        )
    window = model.model.sequence_length
    if length < window:
        raise InputError(f"the sequence has {length} bases; the model needs {window} or more")
    tasks = [model.tasks[i] for i in columns]
    mutagenesis = asked.method == "mutagenesis"
    scale = asked.scale or ("probability" if mutagenesis else "logit")
    overlap = Overlap.of(window, None)
    explainer = Explainer(model.beside, tasks, How(asked.method, scale), overlap)
    codes = [encode(asked.sequence)]

    def work(job: Job[Told]) -> Told:
        try:
            found = _explain(explainer, codes, job, served.config.request_timeout)
        finally:
            hand_back_freed_memory()
        if found is None:
            return {}
        made = join([0], codes, tasks, explainer.how, found)
        values = made.mean_effect if mutagenesis else made.contributions
        return dict(zip(tasks, values[0].astype(np.float64).tolist(), strict=True))

    windows = sum(1 for _ in overlap.places(length))
    return await model.slow.call(work, windows * _COST.get(asked.method, 4))


def _explain(
    explainer: Explainer, codes: list[Codes], job: Job[Told], limit: float
) -> list[Values] | None:
    """What is found, or None once nobody waits for it."""
    explainer.model.evaluator()  # made once, and no part of what this takes
    steps, begin, done = explainer.explain(codes), time.monotonic(), 0
    sizes = [len(batch) for batch in explainer.batches(codes)]
    for size in [*sizes, 0]:
        if job.dropped:
            return None
        try:
            next(steps)
        except StopIteration as ended:
            return list(ended.value)
        done += size
        check_pace(time.monotonic() - begin, done, sum(sizes), limit)
    return None


def check_pace(taken: float, done: int, total: int, limit: float) -> None:
    """Refuse what is seen to take far longer than it may.

    Args:
        taken: seconds so far.
        done, total: windows explained in this time, and all of them.
        limit: seconds that a request may take.

    Raises:
        TooLargeError: it would take more than `_FAR` times as long.
    """
    seconds = taken / done * total
    if seconds > _FAR * limit:
        raise TooLargeError(
            f"this would take about {seconds:,.0f} s, and a request may take {limit:g} s: choose "
            "fewer bases, another method, or hand it in as a job: POST /jobs/explanations"
        )
