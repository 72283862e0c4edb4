"""`nucleotides optimize`: sequences that do what is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nucleotides.cli.many_words import ManyWords
from nucleotides.cli.of_a_run import Device, TrustCode

COMMAND_CLASS = ManyWords


def optimize(
    objective: Annotated[
        Path,
        typer.Option(help="YAML: positive and negative tasks, terms, scale, others, constraints."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the results.")],
    model: Annotated[
        list[Path] | None,
        typer.Option(
            help="Bundle, checkpoint or run; several as one. [default: setting INFERENCE_MODEL]"
        ),
    ] = None,
    fasta: Annotated[
        Path | None, typer.Option(help="Starts: sequences (plain, gzip, bgzip).")
    ] = None,
    bed: Annotated[Path | None, typer.Option(help="Starts: regions of --genome.")] = None,
    random: Annotated[
        int | None, typer.Option(min=1, help="Starts: so many random sequences.")
    ] = None,
    gc: Annotated[float, typer.Option(help="Share of G and C of random starts.")] = 0.41,
    genome: Annotated[
        Path | None,
        typer.Option(help="Genome store or FASTA: for --bed, and to tell how new designs are."),
    ] = None,
    method: Annotated[
        str, typer.Option(help="substitute, combine, gradient, implant, evolve or anneal.")
    ] = "substitute",
    options: Annotated[
        list[str] | None,
        typer.Option("--set", help="Options of the method: NAME=VALUE, such as population=100."),
    ] = None,
    budget: Annotated[
        int, typer.Option(min=1, help="Forward passes for each design, at most.")
    ] = 10_000,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Steps of the method for each design, at most.")
    ] = None,
    copies: Annotated[int, typer.Option(min=1, help="Designs of each start.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Of all random numbers.")] = 0,
    max_edits: Annotated[
        int | None, typer.Option(min=1, help="Bases that may differ from the start.")
    ] = None,
    protect: Annotated[
        list[str] | None,
        typer.Option(help="Positions that stay: FIRST-END, 0-based and half-open."),
    ] = None,
    protect_lower_case: Annotated[
        bool, typer.Option("--protect-lower-case", help="Lower-case letters of a start stay.")
    ] = False,
    allow: Annotated[
        str | None, typer.Option(help="An IUPAC letter for each position: bases allowed there.")
    ] = None,
    gc_range: Annotated[
        str | None, typer.Option(help="LOW-HIGH: share of G and C, such as 0.35-0.65.")
    ] = None,
    forbid: Annotated[
        list[str] | None,
        typer.Option(help="IUPAC words that must not occur on either strand, such as GAATTC."),
    ] = None,
    longest_homopolymer: Annotated[
        int | None, typer.Option(min=1, help="How often a base may be repeated.")
    ] = None,
    distance_penalty: Annotated[
        float | None, typer.Option(help="The score less this x edits / length.")
    ] = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Change starts that break the constraints.")
    ] = False,
    check: Annotated[
        list[Path] | None,
        typer.Option(help="Other models: by how much they disagree about a design."),
    ] = None,
    disagreement_penalty: Annotated[
        float, typer.Option(min=0, help="What a unit of disagreement costs in the score.")
    ] = 0.0,
    shown: Annotated[int, typer.Option(min=0, help="Designs explained on the page.")] = 10,
    attribution: Annotated[
        str, typer.Option(help="Of the page: a method of `nucleotides explain`.")
    ] = "input_x_gradient",
    trust_code: TrustCode = False,
    device: Device = None,
) -> None:
    """Design sequences: change starts until a model predicts what is asked.

    Give one of --fasta, --bed and --random. Constraints hold for every sequence on the way; those
    given here replace those of the objective's file. No design is worse than its start. Writes
    designs.fasta, tables of designs, starts, edits and optimisation curves, and a page
    (index.html). A command that was stopped goes on where it was when it is given again.
    """
    from nucleotides.design.find_starts import Given, find_starts
    from nucleotides.design.methods import open_method
    from nucleotides.design.optimize import Designer
    from nucleotides.design.read_objective import read_objective
    from nucleotides.design.read_words import changed_constraints, read_options
    from nucleotides.design.search import Budget
    from nucleotides.design.tell_recipe import facts_of
    from nucleotides.design.write_designs import write_designs
    from nucleotides.design.write_page import Told
    from nucleotides.errors import InputError
    from nucleotides.explain.methods import How
    from nucleotides.genome.open_genome import open_genome
    from nucleotides.load_settings import load_settings
    from nucleotides.predict import load
    from nucleotides.train.allocator import keep_freed_memory
    from nucleotides.train.evaluate import pick_device

    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file: give a folder for the results, --out")
    keep_freed_memory()
    settings = load_settings()
    asked = read_objective(objective)
    rules = changed_constraints(
        asked.constraints,
        protected=protect,
        protect_lower_case=protect_lower_case or None,
        allowed=allow,
        gc=gc_range,
        max_edits=max_edits,
        forbidden=forbid,
        longest_homopolymer=longest_homopolymer,
        distance_penalty=distance_penalty,
    )
    way, given = open_method(method, read_options(options)), Given(fasta, bed, random, gc, genome)
    How(attribution)
    place = pick_device(device or settings.DEVICE)
    first, second = (
        None
        if not paths
        else load(list(paths) if len(paths) > 1 else paths[0], trust_code=trust_code)
        for paths in (model or [Path(str(settings.INFERENCE_MODEL))], check)
    )
    assert first is not None
    for opened in (first, second):
        if opened is not None:
            opened.network.to(place)
    designer = Designer(
        first, asked.objective, way, rules, Budget(budget, steps), seed, second,
        disagreement_penalty, repair,
    )  # fmt: skip
    starts = find_starts(given, first.sequence_length, rules, seed)
    told = Told(facts_of(designer, given.in_words(), copies), shown, attribution)
    store = None if genome is None else open_genome(genome)
    made = write_designs(
        designer, starts.letters, out, told, copies=copies, places=starts.places, genome=store
    )
    table = made.table()
    typer.echo(
        f"{len(made):,} design{'s' * (len(made) != 1)}, median score "
        f"{table['score_before'].median():.3f} before, {table['score'].median():.3f} after: "
        f"{out / 'index.html'}"
    )
