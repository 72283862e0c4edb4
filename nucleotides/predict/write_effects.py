"""Score a VCF of any size into a file, chunk by chunk; what was done is not done again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from nucleotides import __version__
from nucleotides.files import replacing, write_json
from nucleotides.genome import GenomeStore
from nucleotides.predict.check_reference import Mismatch, check_mismatch
from nucleotides.predict.choose_columns import Columns
from nucleotides.predict.choose_output import Output, choose_output, is_vcf
from nucleotides.predict.identify import identify
from nucleotides.predict.keep_parts import Parts, keep_parts
from nucleotides.predict.model import Model
from nucleotides.predict.place_alleles import place_alleles
from nucleotides.predict.rank_tasks import COLUMNS, keep_strongest, rank_tasks, strongest
from nucleotides.predict.score_alleles import AlleleScorer, Reading, windows_on
from nucleotides.predict.score_variants import Effects, check_scores
from nucleotides.predict.stream_vcf import Chunk, VcfStream, stream_vcf
from nucleotides.predict.tell_alleles import Totals
from nucleotides.predict.variant_effects import score_table
from nucleotides.predict.write_vcf import copy_parts
from nucleotides.progress import track

_ALLELES = 1024  # of a part
_SHOWN = 20  # alleles of `Told.strongest`

Score = Callable[[Chunk], tuple[pd.DataFrame, Effects]]


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
        top: how many tasks of each allele `Told.strongest` and `top_out` have.
        top_out: where to write a TSV of these for all alleles, or None.
    """

    columns: Columns
    reading: Reading
    mismatch: Mismatch = "flag"
    left_align: bool = False
    skip_bad: bool = False
    top: int = 0
    top_out: Path | None = None


@dataclass(frozen=True)
class Told:
    """What was done.

    Attributes:
        totals: of the alleles.
        strongest: the 20 alleles that change most, each with rows of `rank_tasks.COLUMNS`.
    """

    totals: Totals
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
        InputError: an unknown suffix, scores or passes that the model does not have, before any
            work; a record that cannot be, once all before it are kept.
        BusyError: another process is making `out`.
        OutOfSpaceError: the disk is full; what is kept stays.
    """
    is_vcf(out)
    check_mismatch(job.mismatch)
    scorer = AlleleScorer(model, job.reading)
    known = model.background is not None
    check_scores(job.columns.scores, background=known, spread=scorer.finds_spread)
    who = identify(model)
    stream = stream_vcf(
        variants, genome, size=_ALLELES, left_align=job.left_align, skip_bad=job.skip_bad
    )
    output = choose_output(out, job.columns, who, stream.header)
    work = _Work(output, _scoring(scorer, genome, job), job, list(genome.contigs))
    with keep_parts(out, _recipe(model, who, genome, job, output)) as parts:
        for chunk in track(
            _chunks(stream, genome, job.left_align), f"variants, in parts of {_ALLELES:,} alleles"
        ):
            work.do(chunk, parts)
        output.join(parts.paths())
        if job.top_out:
            copy_parts(work.tops, ("\t".join(COLUMNS) + "\n").encode(), job.top_out)
    return work.told


class _Work:
    """Makes parts, and gathers what is told of them."""

    def __init__(self, output: Output, score: Score, job: Job, contigs: Sequence[str]) -> None:
        self._output, self._score, self._job, self._contigs = output, score, job, contigs
        self._totals, self._strongest = Totals(), list[list[dict[str, Any]]]()
        self.tops: list[Path] = []

    @property
    def told(self) -> Told:
        """Of all chunks so far."""
        return Told(self._totals, self._strongest)

    def do(self, chunk: Chunk, parts: Parts) -> None:
        """Make the part of a chunk, unless it is there."""
        digest = chunk.digest
        facts, top = (parts.folder / f"{digest}.{kind}" for kind in ("json", "top"))
        self._output.see(chunk)
        if not parts.has(digest):
            with parts.writing(digest) as path:
                table, effects = self._score(chunk)
                self._output.write(path, chunk, table, effects)
                self._tell(chunk, table, effects, facts, top)
        told = json.loads(facts.read_text())
        self._totals.add_plain(told["totals"])
        self._strongest = keep_strongest([*self._strongest, *told["strongest"]], _SHOWN)
        self.tops.append(top)

    def _tell(
        self, chunk: Chunk, table: pd.DataFrame, effects: Effects, facts: Path, top: Path
    ) -> None:
        """Keep what is told of a chunk beside its part, and before it counts as made."""
        totals = Totals().add(table, self._contigs, len(chunk.lines), chunk.bad)
        columns, told = self._job.columns, dict[str, Any](totals=totals.plain(), strongest=[])
        if self._job.top:
            chosen = effects.of_tasks(columns.chosen.tolist())
            ranked = rank_tasks(table, chosen, columns.names, self._job.top)
            told["strongest"] = strongest(ranked, _SHOWN)
            with replacing(top) as path:
                shown = ranked[list(COLUMNS)]
                shown.to_csv(path, sep="\t", header=False, index=False, float_format="%.6g")
        write_json(facts, told)


def _chunks(stream: VcfStream, genome: GenomeStore, left_align: bool) -> Iterator[Chunk]:
    """The chunks; of a VCF without records an empty one, for an output needs a part."""
    chunk = None
    for chunk in stream:
        yield chunk
    if chunk is None:
        yield Chunk([], 1, place_alleles([], genome, str, left_align=left_align), [])


def _scoring(scorer: AlleleScorer, genome: GenomeStore, job: Job) -> Score:
    windows = windows_on(genome, scorer.model.sequence_length, job.reading.anchor)
    return lambda chunk: score_table(scorer, chunk.table, genome, windows, job.mismatch)


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
        "top": job.top,
        "output": output.recipe,
    }
