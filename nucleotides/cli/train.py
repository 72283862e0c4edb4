"""`nucleotides train`: everything after the command goes to the parser of train/arguments.py."""

from __future__ import annotations

import typer

CONTEXT_SETTINGS = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    "help_option_names": [],
}


def train(context: typer.Context) -> None:
    """Train a model; takes every Lightning Trainer argument.

    `nucleotides train --help` lists all arguments, `--model_class deepsea --help` those of that
    model too; `--print_config` prints them as YAML, `--config FILE.yaml` reads them back. The
    data are those of `nucleotides pre-process` unless `--genome` and `--targets` name others; with
    that genome goes the setting BLACKLIST, if the file is there.
    """
    from nucleotides.cli.train_config import configure

    config = configure(context.args)

    if config.options.find:
        from nucleotides.train.find import find

        typer.echo(find(config))
        return

    from nucleotides.cli.tables import print_summary
    from nucleotides.train.run import train as run

    done = run(config)
    if done is None:  # finished before, or not the first process of a distributed run
        return
    print_summary(done.validation.table, f"validation, best of {done.folder.name}")
    typer.echo(f"checkpoint: {done.best}")
    typer.echo(f"next: nucleotides test --checkpoint {done.best}")
