"""Start from another model: trunk by name and shape, heads by task."""

import copy

import pandas as pd
import pytest
import torch

from nucleotides.bundle import write_bundle
from nucleotides.errors import MismatchError
from nucleotides.model.checkpoint import Checkpoint
from nucleotides.model.heads import task_dimensions
from nucleotides.model.registry import create_model
from nucleotides.train.warm_start import warm_start

SMALL = {
    "deepsea": {"channels": [4, 4, 4], "hidden": 6},
    "motifnet": {"n_motifs": 3, "hidden": 6, "n_heads": 2},
}
HEADS = {
    "deepsea": {"head.3.weight": 0, "head.3.bias": 0},
    "motifnet": {f"heads.{i}.4.{part}": 0 for i in (0, 1) for part in ("weight", "bias")},
}


def made(name, tasks, **changed):
    """A small model as training prepares it."""
    arguments = {**SMALL[name], **changed}
    model = create_model(name, len(tasks), 400, arguments)
    chosen = {"model_class": name, "model": arguments, "tasks": tasks, "sequence_length": 400}
    model.save_hyperparameters({**chosen, "bin": 200, "threshold": 0.5, "average_strands": False})
    return model


def saved(model, path):
    chosen = dict(model.hparams)
    torch.save({"hyper_parameters": chosen, "state_dict": model.state_dict()}, path)
    return path


@pytest.mark.parametrize("name", list(SMALL))
def test_heads_are_what_grows_with_the_tasks(name):
    n = SMALL[name]["hidden"]  # as many tasks as the hidden layer is wide: no help from sizes
    model = made(name, [f"t{i}" for i in range(n)])
    before = torch.get_rng_state()
    assert task_dimensions(model) == HEADS[name]
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", list(SMALL))
@pytest.mark.parametrize("kind", ["checkpoint", "bundle"])
def test_trunk_and_tasks_of_the_same_name_are_taken(name, kind, tmp_path):
    source = made(name, ["a", "b", "c"])
    if kind == "checkpoint":
        path = saved(source, tmp_path / "source.ckpt")
    else:
        tasks = ["a", "b", "c"]
        checkpoint = Checkpoint(source, tasks, dict(source.hparams))
        path = write_bundle(checkpoint, pd.DataFrame({"task": tasks}), {}, tmp_path / "bundle")
    model = made(name, ["c", "new", "a", "other"])
    begin = copy.deepcopy(model.state_dict())
    taken = warm_start(model, ["c", "new", "a", "other"], path)
    ours, theirs = model.state_dict(), source.state_dict()
    for key, values in ours.items():
        if key in HEADS[name]:
            assert torch.equal(values[[0, 2]], theirs[key][[2, 0]])
            assert torch.equal(values[[1, 3]], begin[key][[1, 3]])
        else:
            assert torch.equal(values, theirs[key])
    whole = len(ours) - len(HEADS[name])
    assert str(taken) == f"{whole} of {whole} tensors of the trunk, 2 of 4 tasks"


def test_what_does_not_agree_is_new(tmp_path):
    path = saved(made("deepsea", ["a"], channels=[4, 4, 5]), tmp_path / "source.ckpt")
    model = made("deepsea", ["a"])
    taken = warm_start(model, ["a"], path)
    assert (taken.tensors, taken.of_tensors, taken.tasks) == (5, 8, 1)


def test_nothing_that_fits_is_an_error_that_says_what_differs(tmp_path):
    path = saved(made("deepsea", ["a"]), tmp_path / "source.ckpt")
    with pytest.raises(MismatchError, match=r"it has convolutions\.0\.weight.*filters"):
        warm_start(made("motifnet", ["a"]), ["a"], path)
    path = saved(made("motifnet", ["a"], n_motifs=4, hidden=5, motif_width=19), path)
    with pytest.raises(MismatchError, match=r"filters is \(4, 4, 19\), not \(3, 4, 21\)"):
        warm_start(made("motifnet", ["a"]), ["a"], path)
