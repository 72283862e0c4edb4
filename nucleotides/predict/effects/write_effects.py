"""Score a VCF of any size into a file, chunk by chunk; what was done is not done again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from nucleotides import __version__
from nucleotides.errors import InputError
from nucleotides.files import replacing, write_json
from nucleotides.genome import GenomeStore
from nucleotides.predict.effects.choose_columns import Columns
from nucleotides.predict.effects.choose_output import Output, choose_output, is_vcf
from nucleotides.predict.effects.rank_tasks import COLUMNS, keep_strongest, rank_tasks, strongest
from nucleotides.predict.effects.score_alleles import AlleleScorer, Reading
from nucleotides.predict.effects.score_variants import Effects, check_scores
from nucleotides.predict.effects.variant_effects import score_table
from nucleotides.predict.effects.write_vcf import copy_parts
from nucleotides.predict.identify import identify
from nucleotides.predict.keep_parts import Parts, keep_parts
from nucleotides.predict.model import Model
from nucleotides.predict.variants.check_reference import Mismatch, check_mismatch
from nucleotides.predict.variants.cut_pieces import (
    InHaplotypes,
    OnReference,
    Piece,
    Pieces,
    by_allele,
)
from nucleotides.predict.variants.stream_vcf import Chunk
from nucleotides.predict.variants.tell_alleles import Totals, many
from nucleotides.progress import track
from nucleotides.train.allocator import hand_back_freed_memory

_ALLELES = 1024  # of a part
_SHOWN = 20  # alleles of `Told.strongest`


@dataclass(frozen=True)
class Job:
    """What is done with a VCF.

    Attributes:
        columns: what is written of each allele.
        reading: how alleles are read.
        mismatch: of a REF that the genome does not have: flag, skip, stop.
        left_align: whether alleles are written the normal way before they are scored
            (`align_alleles`).
        skip_bad: whether records that cannot be are counted and left unscored, not refused.
        phased: a sample of the VCF: only alleles that it carries are scored, in windows of its own
            haplotypes (`stream_haplotypes`). None: all alleles, on the reference.
        top: how many tasks of each allele `Told.strongest` and `top_out` have.
        top_out: where to write a TSV of these for all alleles, or None.
    """

    columns: Columns
    reading: Reading
    mismatch: Mismatch = "flag"
    left_align: bool = False
    skip_bad: bool = False
    phased: str | None = None
    top: int = 0
    top_out: Path | None = None


@dataclass(frozen=True)
class Told:
    """What was done.

    Attributes:
        totals: of the alleles.
        notes: what a reader of the numbers must know of them.
        strongest: the 20 alleles that change most, each with rows of `rank_tasks.COLUMNS`.
    """

    totals: Totals
    notes: list[str]
    strongest: list[list[dict[str, Any]]]


def write_effects(
    model: Model, variants: Path | None, genome: GenomeStore, out: Path, job: Job
) -> Told:
    """Score all alleles of a VCF, in memory that does not grow with it.

    A part of the output is kept for each 1,024 alleles until the output is made. Ended in between
    and called again, even with later records changed, it goes on; the bytes are the same.

    Args:
        model: any model.
        variants: path of a VCF, or None for standard input.
        genome: what it is on.
        out: the output; the suffix chooses the format (`choose_output.SUFFIXES`).
        job: what is done.

    Raises:
        InputError: an unknown suffix, `out` is `variants`, scores or passes that the model does
            not have, before any work; a record that cannot be, once all before it are kept.
        BusyError: another process is making `out`.
        OutOfSpaceError: the disk is full; what is kept stays.
    """
    is_vcf(out)
    if variants is not None and out.exists() and variants.exists() and out.samefile(variants):
        raise InputError(f"{out} is the VCF that is read: give another path")
    check_mismatch(job.mismatch)
    scorer = AlleleScorer(model, job.reading)
    known = model.background is not None
    check_scores(job.columns.scores, background=known, spread=scorer.finds_spread)
    who = identify(model)
    pieces = _pieces(model, variants, genome, job)
    output = choose_output(out, job.columns, who, pieces.header, genome, _told(genome, job))
    work = _Work(output, scorer, genome, job)
    with keep_parts(out, _recipe(model, who, genome, job, output)) as parts:
        for piece in track(pieces, f"variants, in parts of {_ALLELES:,} alleles", pieces.total):
            work.do(piece, parts)
        output.join(parts.paths())
        if job.top_out:
            copy_parts(work.tops, ("\t".join(COLUMNS) + "\n").encode(), job.top_out)
    notes = [*work.totals.notes(), *_lacking(pieces), *scorer.notes]
    return Told(work.totals, notes, work.strongest)


class _Work:
    """Makes parts, and gathers what is told of them."""

    def __init__(self, output: Output, scorer: AlleleScorer, genome: GenomeStore, job: Job) -> None:
        self._output, self._scorer, self._genome, self._job = output, scorer, genome, job
        self.totals, self.strongest = Totals(), list[list[dict[str, Any]]]()
        self.tops: list[Path] = []

    def do(self, piece: Piece, parts: Parts) -> None:
        """Make the part of a piece, unless it is there."""
        facts, top = (parts.folder / f"{piece.digest}.{kind}" for kind in ("json", "top"))
        self._output.see(piece.chunk)
        if not parts.has(piece.digest):
            with parts.writing(piece.digest) as path:
                self._make(piece, path, facts, top)
            hand_back_freed_memory()
        told = json.loads(facts.read_text())
        self.totals.add_plain(told["totals"])
        self.strongest = keep_strongest([*self.strongest, *told["strongest"]], _SHOWN)
        self.tops.append(top)

    def _make(self, piece: Piece, path: Path, facts: Path, top: Path) -> None:
        chunk, (scorer, genome) = piece.chunk, (self._scorer, self._genome)
        table, effects = score_table(scorer, piece.table, genome, piece.windows, self._job.mismatch)
        self._tell(chunk, table, effects, facts, top)
        if self._output.by_allele and self._job.phased is not None:
            table, effects = by_allele(chunk, table, effects)
        self._output.write(path, chunk, table, effects)

    def _tell(
        self, chunk: Chunk, table: pd.DataFrame, effects: Effects, facts: Path, top: Path
    ) -> None:
        """Keep what is told of a chunk beside its part, and before it counts as made."""
        totals = Totals().add(table, self._genome.contigs, len(chunk.lines), chunk.bad)
        columns, told = self._job.columns, dict[str, Any](totals=totals.plain(), strongest=[])
        if self._job.top:
            chosen = effects.of_tasks(columns.chosen)
            ranked = rank_tasks(table, chosen, columns.names, self._job.top)
            told["strongest"] = strongest(ranked, _SHOWN)
            with replacing(top) as path:
                shown = ranked[list(COLUMNS)]
                shown.to_csv(path, sep="\t", header=False, index=False, float_format="%.6g")
        write_json(facts, told)


def _pieces(model: Model, source: Path | None, genome: GenomeStore, job: Job) -> Pieces:
    length = model.sequence_length
    if job.phased is None:
        options = {"left_align": job.left_align, "skip_bad": job.skip_bad}
        return OnReference(source, genome, length, job.reading, size=_ALLELES, **options)
    if job.left_align or job.skip_bad:
        raise InputError("--phased reads a VCF as it is: without --left-align and --bad-records")
    return InHaplotypes(source, genome, length, job.reading, size=_ALLELES, sample=job.phased)


def _recipe(
    model: Model, who: str, genome: GenomeStore, job: Job, output: Output
) -> dict[str, Any]:
    """All that decides the bytes of a part besides its records."""
    columns = job.columns
    return {
        "version": __version__,
        "model": who,
        "device": str(model.network.device),
        "genome": genome.sha256,
        "tasks": columns.names,
        "scores": list(columns.scores),
        "aggregates": [list(columns.aggregates), list(columns.by)],
        "reading": asdict(job.reading),
        "mismatch": job.mismatch,
        "left_align": job.left_align,
        "skip_bad": job.skip_bad,
        "phased": job.phased,
        "top": job.top,
        "output": output.recipe,
    }


def _told(genome: GenomeStore, job: Job) -> dict[str, object]:
    """How alleles are read, in words."""
    how = job.reading
    return {
        "genome SHA-256": genome.sha256,
        "anchor": how.anchor,
        "shifts": " ".join(map(str, how.shifts)),
        "strands": "both" if how.both_strands else "as the network",
        "precision": how.precision,
        "dropout passes": how.dropout_passes,
        "REF mismatch": job.mismatch,
        "left-aligned": "yes" if job.left_align else "no",
        "haplotypes of": job.phased or "the reference",
    }


def _lacking(pieces: Pieces) -> list[str]:
    """What the windows of others lack of a sample's haplotypes."""
    return [
        f"{many(n)} in no windows but their own: {reason}" for reason, n in pieces.left_out.items()
    ]
