"""An annotated VCF as an output in parts: plain, or bgzipped with a tabix index."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pysam

from nucleotides.files import replacing
from nucleotides.predict.effects.annotate_vcf import VcfAnnotator
from nucleotides.predict.effects.score_variants import Effects
from nucleotides.predict.variants.stream_vcf import Chunk
from nucleotides.progress import say
from nucleotides.targets.bgzip import BgzipWriter

SUFFIXES = (".vcf", ".vcf.gz")

_PIECE = 1 << 20
_TABIX_ENDS = 1 << 29  # bases of a contig that a .tbi can tell apart


class VcfOutput:
    """The records of the input, in its order, with INFO completed.

    Args:
        out: path of the VCF; with suffix .gz it is bgzipped and, if it is sorted, indexed.
        annotator: what completes INFO.
    """

    by_allele = True

    def __init__(self, out: Path, annotator: VcfAnnotator) -> None:
        self._out, self._annotator = out, annotator
        self._n_columns = 0
        self._order = _Order()

    @property
    def recipe(self) -> Any:
        """What decides the bytes of a part besides the columns."""
        return {"replaced": self._annotator.replaced}

    def see(self, chunk: Chunk) -> None:
        """Take note of a chunk, whether its part is made or was there."""
        if chunk.lines:
            self._n_columns = self._n_columns or chunk.lines[0].count("\t") + 1
        self._order.add(chunk.table)
        if chunk.bad:
            self._order.why_not = "it has bad records"

    def write(self, path: Path, chunk: Chunk, table: pd.DataFrame, effects: Effects) -> None:
        """Write a part: the chunk's lines."""
        with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.writelines(
                f"{line}\n" for line in self._annotator.lines(chunk.lines, table, effects)
            )

    def join(self, paths: Sequence[Path]) -> None:
        """Make the VCF of its parts, and its index."""
        index = self._out.with_name(self._out.name + ".tbi")
        with replacing(self._out) as temporary:
            if not self._out.name.endswith(".gz"):
                with temporary.open("wb") as file:
                    file.writelines(self._pieces(paths))
                return
            with temporary.open("wb") as file:
                packed = BgzipWriter(file)
                for piece in self._pieces(paths):
                    packed.write(piece)
                packed.close()
            index.unlink(missing_ok=True)
            if why := self._order.why_not:
                say(f"no index of {self._out.name}: {why}")
                return
            with replacing(index) as other:
                pysam.tabix_index(str(temporary), preset="vcf", index=str(other), force=True)

    def _pieces(self, paths: Sequence[Path]) -> Iterator[bytes]:
        header = "".join(f"{line}\n" for line in self._annotator.header(self._n_columns))
        yield header.encode("utf-8", "surrogateescape")
        for path in paths:
            with path.open("rb") as file:
                yield from iter(lambda file=file: file.read(_PIECE), b"")  # type: ignore[misc]


class _Order:
    """Whether records are sorted as tabix needs them.

    Attributes:
        why_not: what is wrong with their order, or nothing.
    """

    def __init__(self) -> None:
        self.why_not = ""
        self._contigs: dict[str, int] = {}

    def add(self, table: pd.DataFrame) -> None:
        """Go on with the alleles of the next records."""
        pos = table["written_pos" if "written_pos" in table else "pos"].to_numpy()
        chroms = table["chrom"].to_numpy()
        edges = [0, *(i for i in range(1, len(chroms)) if chroms[i] != chroms[i - 1]), len(chroms)]
        for start, end in pairwise(edges):
            if start < end:
                self._add(str(chroms[start]), pos[start:end])

    def _add(self, chrom: str, pos: Any) -> None:
        last = self._contigs.get(chrom, 0)
        apart = chrom in self._contigs and chrom != next(reversed(self._contigs))
        if apart or (pos[1:] < pos[:-1]).any() or pos[0] < last:
            self.why_not = self.why_not or "the records are not sorted (bcftools sort does that)"
        if pos[-1] >= _TABIX_ENDS:
            self.why_not = "tabix has no room for so long a contig (bcftools index --csi has)"
        self._contigs[chrom] = int(pos[-1])


def copy_parts(paths: Sequence[Path], header: bytes, out: Path) -> None:
    """A header and the parts behind one another, as one file; it is whole or not there."""
    with replacing(out) as temporary, temporary.open("wb") as file:
        file.write(header)
        for path in paths:
            with path.open("rb") as part:
                shutil.copyfileobj(part, file, _PIECE)
