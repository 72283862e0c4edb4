"""Which commands there are, and where each lives: a table, so that listing them imports none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A command: the function `function` of `nucleotides.cli.<module>`, and what it does.

    The function has typer's annotations. Its module may set CONTEXT_SETTINGS, which go to the
    command as they are, and COMMAND_CLASS, which the command is made of.
    """

    module: str
    function: str
    summary: str


COMMANDS: dict[str, Entry] = {
    "version": Entry("version", "version", "Print the installed version."),
    "settings": Entry("settings", "settings", "Show all settings, or one, and where they are set."),
    "doctor": Entry("doctor", "doctor", "Check this installation, machine and data."),
    "demo": Entry("demo", "demo", "Run the whole main job on real data inside the package."),
    "portal": Entry("portal", "portal", "Serve a portal of your own on loopback, to try things."),
    "pre-process": Entry(
        "preprocess", "pre_process", "Turn ENCODE's peak files and your own into targets."
    ),
    "data": Entry("data", "data", "Show what is in the stores, or check that they are whole."),
    "train": Entry("train", "train", "Train a model; takes every Lightning Trainer argument."),
    "tune": Entry("tune", "tune", "Search for hyperparameters by many short trainings."),
    "clean-experiments": Entry(
        "clean_experiments", "clean_experiments", "Remove runs that left no checkpoint."
    ),
    "show-hyperparameters": Entry(
        "show_hyperparameters", "show_hyperparameters", "Compare runs: what was chosen, what came."
    ),
    "test": Entry("test", "test", "Evaluate a trained model on the held-out split."),
    "post-process": Entry(
        "post_process", "post_process", "Report how good a model is, and what its predictions mean."
    ),
    "predict": Entry("predict", "predict", "Predict sequences, regions or whole contigs."),
    "variants": Entry("variants", "variants", "Score the variants of a VCF with a trained model."),
    "explain": Entry("explain", "explain", "Find out which bases predictions depend on, and why."),
    "upload-model": Entry(
        "upload_model", "upload_model", "Send a model to where it is served from."
    ),
    "deployed": Entry(
        "deployed", "deployed", "List deployed versions, roll back, check or prune them."
    ),
    "serve": Entry("serve", "serve", "Serve a trained model over REST."),
    "start-over": Entry(
        "start_over", "start_over", "Move to an archive what the next round must make anew."
    ),
    "archive": Entry("archive", "archive", "List what start-over moved away, or bring it back."),
}
"""In natural order of use, which is the order of `nucleotides --help`."""
