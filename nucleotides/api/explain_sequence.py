"""An explanation, as the Python API gives it, while the model has nothing else to do."""

from __future__ import annotations

import numpy as np

from nucleotides.api.choose import choose
from nucleotides.api.jobs import Job
from nucleotides.api.served import Served, ServedModel
from nucleotides.errors import InputError, TooLargeError
from nucleotides.explain.explain_sequences import join
from nucleotides.explain.explainer import Explainer
from nucleotides.explain.methods import How
from nucleotides.explain.overlap_windows import Overlap
from nucleotides.genome import encode
from nucleotides.schemas.explanations import ExplanationRequest

Told = dict[str, list[float]]
_COST = {"mutagenesis": 32, "integrated_gradients": 16, "deep_lift_shap": 16}
"""Windows that one window's explanation takes the time of, about."""


async def explain_sequence(served: Served, model: ServedModel, asked: ExplanationRequest) -> Told:
    """What each base contributes, {task: [value a base]}, as `Model.explain` finds it, to the bit.

    Raises:
        InputError: a sequence shorter than the window.
        TooLargeError: more bases times tasks than the server explains at once.
    """
    columns, length = choose(asked, model.model.tasks), len(asked.sequence)
    most = served.config.max_explained
    if length * len(columns) > most:
        raise TooLargeError(
            f"{length:,} bases of {len(columns):,} tasks: this server explains {most:,} bases "
            "times tasks at once; choose fewer tasks, or submit a job"
        )
    window = model.model.sequence_length
    if length < window:
        raise InputError(f"the sequence has {length} bases; the model needs {window} or more")
    tasks = [model.tasks[i] for i in columns]
    mutagenesis = asked.method == "mutagenesis"
    scale = asked.scale or ("probability" if mutagenesis else "logit")
    overlap = Overlap.of(window, None)
    explainer = Explainer(model.model, tasks, How(asked.method, scale), overlap)
    codes = [encode(asked.sequence)]

    def work(job: Job[Told]) -> Told:
        steps = explainer.explain(codes)
        while not job.dropped:
            try:
                next(steps)
            except StopIteration as ended:
                made = join([0], codes, tasks, explainer.how, ended.value)
                values = made.mean_effect if mutagenesis else made.contributions
                return dict(zip(tasks, values[0].astype(np.float64).tolist(), strict=True))
        return {}

    windows = sum(1 for _ in overlap.places(length))
    return await model.batcher.call(work, windows * _COST.get(asked.method, 4))
