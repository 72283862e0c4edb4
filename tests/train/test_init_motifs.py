"""`--init_motifs` for a network that has no way of its own."""

import torch

from nucleotides.data.datamodule import DataModule
from nucleotides.train.arguments import parse
from nucleotides.train.prepare import prepare_model
from nucleotides.train.run import train


def first_filters(arguments, defaults, seed):
    config = parse([*arguments, "--init_motifs", "jaspar"], defaults)
    torch.manual_seed(seed)
    return next(prepare_model(config, DataModule(**config.data)).parameters()).detach()


def test_the_seed_decides_which(short_run, capsys):
    arguments, defaults = short_run
    one, again, other = (first_filters(arguments, defaults, seed) for seed in (1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    torch.testing.assert_close(one.mean(1), torch.zeros(16, 8), atol=1e-6, rtol=0)
    says = "16 of 16 filters of convolutions.0 start from 16 motifs"
    assert capsys.readouterr().err.count(says) == 3


def test_a_run_from_a_file_of_ones_own(short_run, tmp_path, capsys):
    arguments, defaults = short_run
    rows = "\n".join([" 0.97 0.01 0.01 0.01"] * 5)
    path = tmp_path / "one.meme"
    path.write_text(f"MEME version 4\n\nMOTIF A5\nletter-probability matrix:\n{rows}\n")
    arguments = [*arguments, "--max_epochs", "1", "--init_motifs", str(path)]
    assert train(parse(arguments, defaults)).best.exists()
    assert "2 of 16 filters" in capsys.readouterr().err
