"""Whether the records of a VCF are in order, chunk by chunk."""

from __future__ import annotations

from nucleotides.errors import InputError
from nucleotides.predict.variants.stream_vcf import Chunk


class OrderCheck:
    """Refuses records that are not in order: contig by contig, places ascending.

    Args:
        who: what needs them in order, in a message.
    """

    def __init__(self, who: str) -> None:
        self._who = who
        self._seen, self._last = set[object](), (object(), 0)

    def __call__(self, chunk: Chunk) -> None:
        """Check the next records.

        Raises:
            InputError: one comes after a later place, or after another contig.
        """
        names = ("contig", "chrom", "start", "record")
        columns = (chunk.table[name].tolist() for name in names)
        for contig, chrom, start, record in zip(*columns, strict=True):
            name = chrom if contig < 0 else contig
            before, place = self._last
            if name != before:
                if name in self._seen:
                    raise self._unordered(
                        chunk, record, f"{chrom}:{start + 1} comes after another contig"
                    )
                self._seen.add(name)
            elif start < place:
                raise self._unordered(
                    chunk, record, f"{chrom}:{start + 1} comes after a later place"
                )
            self._last = name, start

    def _unordered(self, chunk: Chunk, record: int, what: str) -> InputError:
        return InputError(
            f"{chunk.where(record)}: {what}, but {self._who} records in order: sort them with "
            "`bcftools sort`"
        )
