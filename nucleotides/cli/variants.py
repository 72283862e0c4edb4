"""`nucleotides variants`: what a model says of each allele of a VCF, in a VCF or a table."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nucleotides.cli.many_words import ManyWords
from nucleotides.cli.of_a_run import Device, TrustCode

COMMAND_CLASS = ManyWords

if TYPE_CHECKING:
    from nucleotides.predict import Model
    from nucleotides.predict.effects.score_alleles import Reading
    from nucleotides.predict.effects.write_effects import Told
    from nucleotides.settings import Settings

_SHOWN = 5  # tasks of an allele in --top-out


class OnMismatch(StrEnum):
    """What is done with a REF that the genome does not have."""

    FLAG = "flag"
    SKIP = "skip"
    STOP = "stop"


class OnBad(StrEnum):
    """What is done with a record that cannot be."""

    STOP = "stop"
    SKIP = "skip"


class Place(StrEnum):
    """What of an allele stands in the middle of its windows."""

    CENTRE = "centre"
    LEFT = "left"
    RIGHT = "right"
    ALT_CENTRE = "alt_centre"


class Numbers(StrEnum):
    """How finely the network computes."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


def variants(
    vcf: Annotated[
        str, typer.Argument(metavar="VCF", help="A VCF, plain, gzipped or bgzipped; - for stdin.")
    ],
    out: Annotated[
        Path,
        typer.Option(
            help="What to write: .vcf, .vcf.gz, .parquet, .h5, .tsv, .tsv.gz or .effects."
        ),
    ],
    model: Annotated[
        list[Path] | None,
        typer.Option(
            help="Bundle, checkpoint or run; several predict their mean. "
            "[default: setting INFERENCE_MODEL]"
        ),
    ] = None,
    genome: Annotated[
        Path | None,
        typer.Option(help="Genome store or FASTA. [default: setting GENOME_STORE]"),
    ] = None,
    tasks: Annotated[
        list[str] | None,
        typer.Option(help="Names of tasks, or patterns such as '*CTCF*'. [default: all]"),
    ] = None,
    scores: Annotated[
        str | None,
        typer.Option(
            help="By task: diff, logit_diff, log_fold_change, ref, alt, z_score, ref_tail, "
            "alt_tail, diff_std, parted by commas; none. [default: diff in a VCF if --tasks is "
            "given or there are at most 50, diff,logit_diff,ref,alt in a table]"
        ),
    ] = None,
    aggregates: Annotated[
        str | None,
        typer.Option(
            help="Over tasks: max_abs, mean_abs, mean, max_increase, max_decrease, max_ref, "
            "max_alt, parted by commas; none. [default: all in .effects, else max_abs,mean_abs,"
            "max_increase,max_decrease]"
        ),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(help="Aggregate by assay, or by biosample, too; repeat it."),
    ] = None,
    both_strands: Annotated[
        bool, typer.Option("--both-strands", help="Average the logits of both strands.")
    ] = False,
    mismatch: Annotated[
        OnMismatch, typer.Option(help="Of a REF that the genome does not have.")
    ] = OnMismatch.FLAG,
    bad_records: Annotated[
        OnBad, typer.Option(help="Of records that cannot be: stop, or count them and go on.")
    ] = OnBad.STOP,
    left_align: Annotated[
        bool, typer.Option("--left-align", help="Shift indels left before they are scored.")
    ] = False,
    anchor: Annotated[
        Place, typer.Option(help="What of the allele stands in the middle of its windows.")
    ] = Place.CENTRE,
    shifts: Annotated[
        str,
        typer.Option(help="Bases to move windows by, such as -10,0,10; logits are averaged."),
    ] = "0",
    phased: Annotated[
        str | None,
        typer.Option(
            metavar="SAMPLE",
            help="Score what this sample carries, in windows of its own phased haplotypes.",
        ),
    ] = None,
    dropout_passes: Annotated[
        int,
        typer.Option(min=0, help="Thinned networks to compare; adds the score diff_std."),
    ] = 0,
    precision: Annotated[
        Numbers, typer.Option(help="Of convolutions and large layers; bfloat16 is faster on some.")
    ] = Numbers.FLOAT32,
    top: Annotated[
        int,
        typer.Option(
            min=0, help="Print the 20 alleles that change most, with so many tasks of each."
        ),
    ] = 0,
    top_out: Annotated[
        Path | None,
        typer.Option(help="Write such a table of all alleles, a TSV. [5 tasks unless --top]"),
    ] = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Alleles a step.")] = 256,
    trust_code: TrustCode = False,
    device: Device = None,
) -> None:
    """Score the alleles of a VCF: predictions for ALT against those for REF, task by task.

    A VCF comes back as it was, with INFO fields NT_...; a table has a row an allele; .effects is
    a folder that answers by region and task (setting PREDICTIONS). Parts are kept while it runs:
    after an interruption or an error, run the same command again.
    """
    from nucleotides.genome.open_genome import open_genome
    from nucleotides.load_settings import load_settings
    from nucleotides.predict.effects.choose_output import is_vcf
    from nucleotides.predict.effects.name_columns import name_columns, names_of
    from nucleotides.predict.effects.write_effects import Job, write_effects
    from nucleotides.train.allocator import keep_freed_memory

    keep_freed_memory()

    is_vcf(out)
    settings = load_settings()
    reading = _reading(both_strands, anchor, shifts, dropout_passes, scores, batch_size, precision)
    opened = open_genome(genome or Path(str(settings.GENOME_STORE)))
    found = _open_model(model or [], device, settings, trust_code)
    columns = name_columns(
        found.tasks,
        out,
        tasks=tasks or [],
        scores=names_of(scores),
        aggregates=names_of(aggregates),
        by=by or [],
        spread=dropout_passes > 0,
    )
    shown = top or (_SHOWN if top_out else 0)
    skip = bad_records is OnBad.SKIP
    job = Job(columns, reading, mismatch.value, left_align, skip, phased, shown, top_out)
    told = write_effects(found, None if vcf == "-" else Path(vcf), opened, out, job)
    _report(told, out, top)


def _reading(
    both_strands: bool,
    anchor: Place,
    shifts: str,
    passes: int,
    scores: str | None,
    batch: int,
    precision: Numbers,
) -> Reading:
    from nucleotides.errors import InputError
    from nucleotides.predict.effects.name_columns import names_of
    from nucleotides.predict.effects.score_alleles import Reading

    try:
        moved = tuple(int(shift) for shift in shifts.split(","))
    except ValueError:
        raise InputError(
            f"--shifts {shifts}: whole numbers parted by commas, as -10,0,10"
        ) from None
    spread = "diff_std" in (names_of(scores) or [])
    return Reading(both_strands, anchor.value, moved, spread, passes, batch, precision.value)


def _open_model(
    paths: list[Path], device: str | None, settings: Settings, trust_code: bool
) -> Model:
    from nucleotides.predict import load
    from nucleotides.train.evaluate import pick_device

    model = load(paths or Path(str(settings.INFERENCE_MODEL)), trust_code=trust_code)
    model.network.to(pick_device(device or settings.DEVICE))
    return model


def _report(told: Told, out: Path, top: int) -> None:
    """What was done, once for all alleles."""
    from nucleotides.cli.tables import print_table
    from nucleotides.predict.variants.tell_alleles import many
    from nucleotides.progress import say

    for note in told.notes:
        say(note)
    if top and told.strongest:
        import pandas as pd

        print_table(pd.DataFrame([row for rows in told.strongest for row in rows]))
    n, records = told.totals.alleles, told.totals.records
    typer.echo(f"{out}: {many(n)} of {records:,} record{'s' * (records != 1)}")
