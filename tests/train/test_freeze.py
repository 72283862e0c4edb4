"""A frozen trunk stays as it is, its running statistics too."""

import pytest
import torch

from nucleotides.model.checkpoint import load_checkpoint
from nucleotides.model.heads import task_dimensions
from nucleotides.model.registry import find_model
from nucleotides.train.arguments import parse
from nucleotides.train.run import train

MOTIFNET = [*("--model_class", "motifnet", "--model.hidden", "8", "--model.n_heads", "1")]


def weights(run):
    return torch.load(run.folder / "checkpoints/last.ckpt", weights_only=True)["state_dict"]


@pytest.fixture
def small_motifnet(stores, tmp_path):
    """A network with batch normalisation in its trunk, on a few motifs, and its arguments."""
    motifs = tmp_path / "motifs.meme"
    columns = ["0.7 0.1 0.1 0.1", "0.1 0.7 0.1 0.1", "0.1 0.1 0.7 0.1", "0.1 0.1 0.1 0.7"]
    lines = [f"MOTIF m{i}\n" + "\n".join(columns[i:] + columns[:i]) for i in range(2)]
    motifs.write_text("MEME version 4\n\n" + "\n\n".join(lines) + "\n")
    arguments = [
        *(*MOTIFNET, "--model.n_motifs", "2", "--init_motifs", str(motifs)),
        *("--validation", "chr20:5000000-6000000", "--test", "chr20:3000000-4000000"),
        *("--samples_per_epoch", "128", "--batch_size", "32", "--validation_size", "64"),
        *("--max_epochs", "1", "--accelerator", "cpu", "--leakage", "false"),
    ]
    return arguments, {**stores, "logs": str(tmp_path / "logs")}


def test_a_frozen_trunk_stays_until_it_is_unfrozen(small_motifnet):
    arguments, defaults = small_motifnet
    first = train(parse([*arguments, "--run_name", "first"], defaults))
    begin = load_checkpoint(first.folder / "checkpoints/last.ckpt").model
    heads = task_dimensions_of(begin)
    arguments = [*arguments, "--init_from", str(first.folder / "checkpoints/last.ckpt")]
    frozen = weights(train(parse([*arguments, "--freeze_trunk", "true"], defaults)))
    assert changed(begin.state_dict(), frozen) == heads
    until = [*arguments, "--unfreeze_at", "2"]
    assert changed(begin.state_dict(), weights(train(parse(until, defaults)))) == heads
    after = weights(train(parse([*until, "--max_epochs", "2"], defaults)))
    assert {"norm.weight", "norm.running_mean", "heads.0.1.weight"} <= changed(
        begin.state_dict(), after
    )


def task_dimensions_of(model):
    chosen = {"model_class": "motifnet", "model": {"n_motifs": 2, "hidden": 8, "n_heads": 1}}
    same = find_model("motifnet")(model.n_tasks, model.sequence_length, **chosen["model"])
    same.save_hyperparameters(chosen)
    return set(task_dimensions(same))


def changed(before, after):
    return {name for name in before if not torch.equal(before[name], after[name])}
