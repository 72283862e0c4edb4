"""From starts to a folder of designs: the work of `nucleotides optimize`."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from nucleotides.analyze.report.save_figure import save_figure
from nucleotides.design.draw_curves import draw_curves
from nucleotides.design.keep_designs import make_designs, recipe_of
from nucleotides.design.novelty import Novelty, novelty
from nucleotides.design.optimize import Designer, Start, gather
from nucleotides.design.write_page import Told, write_page
from nucleotides.files import replacing
from nucleotides.predict.keep_parts import keep_parts
from nucleotides.progress import say, track

if TYPE_CHECKING:
    from nucleotides.design.designs import Designs
    from nucleotides.explain.coordinates import Coordinates
    from nucleotides.genome import GenomeStore


def write_designs(
    designer: Designer,
    sequences: Mapping[str, str],
    out: Path,
    told: Told,
    *,
    copies: int = 1,
    places: Mapping[str, Coordinates] | None = None,
    genome: GenomeStore | None = None,
) -> Designs:
    """Design into the folder `out`.

    `designs.fasta`; `designs.tsv` (`Designs.table`, and of a genome `genome_share` and
    `genome_longest`, see `Novelty`); `starts.tsv` (name; chrom, start, end and strand where known,
    0-based and half-open; sequence, as given); `edits.tsv`; `curves.tsv`; `curves.svg` and `.png`;
    `index.html` with `logos`. What was designed before a stop is kept until all of this is there.
    The same starts and options give the same bytes. What was in the folder before is replaced,
    which is said.

    Args:
        designer: what is asked.
        sequences: starts by name.
        out: the folder.
        told: what the page says.
        copies: designs of each start.
        places: where starts lie that are windows of a genome, by name.
        genome: where to look for what is not new.

    Raises:
        InputError: starts or constraints that cannot be, before any work.
        BusyError: another process is writing there.
        OutOfSpaceError: the disk is full.
    """
    starts = designer.starts(dict(sequences), copies)
    if (out / "designs.tsv").exists():
        say(f"{out} holds designs already: they are replaced")
    with keep_parts(out / "designs.tsv", recipe_of(designer)) as kept:
        steps = make_designs(designer, starts, kept)
        made = list(track(steps, "sequences designed", len(starts)))
        designs = gather(designer.model, designer.asked, made)
        new = None if genome is None else novelty([one.codes for one in made], genome)
        _write_tables(designs, new, out)
        _write_table(out / "starts.tsv", _start_table(sequences, places or {}, starts))
        save_figure(draw_curves(made), out, "curves")
        write_page(designer.model, designs, told, out, new)
    return designs


def _write_tables(designs: Designs, new: Novelty | None, out: Path) -> None:
    table = designs.table()
    if new is not None:
        place = int(table.columns.get_loc("disagreement")) + 1  # type: ignore[arg-type]
        table.insert(place, "genome_share", new.share)
        table.insert(place + 1, "genome_longest", new.longest)
    tables = {
        "designs": table,
        "edits": designs.edit_table(),
        "curves": designs.curve_table(),
    }
    for name, content in tables.items():
        _write_table(out / f"{name}.tsv", content)
    with replacing(out / "designs.fasta") as temporary:
        records = (
            f">{one.name} score={one.score:.6g} edits={len(one.edits)}\n"
            + "\n".join(textwrap.wrap(one.sequence, 60))
            for one in designs.designs
        )
        temporary.write_text("\n".join(records) + "\n", encoding="utf-8")


def _start_table(
    sequences: Mapping[str, str], places: Mapping[str, Coordinates], starts: Sequence[Start]
) -> pd.DataFrame:
    """A row a design; blank where nothing is known."""
    given = [name for name in sequences for _ in range(len(starts) // len(sequences))]
    rows = [
        (start.name, *(place or (None,) * 4), sequences[name])
        for start, name in zip(starts, given, strict=True)
        for at in [places.get(name)]
        for place in [at and (at.contig, at.start, at.end, at.strand)]
    ]
    columns = ["name", "chrom", "start", "end", "strand", "sequence"]
    return pd.DataFrame(rows, columns=columns).astype({"start": "Int64", "end": "Int64"})


def _write_table(path: Path, table: pd.DataFrame) -> None:
    with replacing(path) as temporary:
        table.to_csv(temporary, sep="\t", index=False, float_format="%.6g", lineterminator="\n")
