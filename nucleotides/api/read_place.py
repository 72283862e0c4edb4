"""The bases of a region that a request names."""

from __future__ import annotations

import pandas as pd

from nucleotides.api.served import Served
from nucleotides.errors import TooLargeError
from nucleotides.genome import decode
from nucleotides.predict.of_one import of_one
from nucleotides.predict.regions.read_regions import read_regions
from nucleotides.retell import retell
from nucleotides.schemas.sequence import SequenceRequest


def read_place(served: Served, asked: SequenceRequest) -> str:
    """Letters of a region, upper case; of strand "-", the reverse complement.

    A region that is padded begins within its contig; N stands for bases behind the contig's end.

    Raises:
        NotServedError: there is no genome.
        UnknownNameError, CoordinateError: no such contig; or the region is not within it.
        TooLargeError: it is longer than the server takes.
    """
    genome = served.reference()
    end = min(asked.end, asked.start + 1) if asked.pad else asked.end
    table = pd.DataFrame({"chrom": [asked.chrom], "start": [asked.start], "end": [end]})
    read, meant = (f":{asked.start}-{one} " for one in (end, asked.end))
    with of_one(), retell(lambda message: message.replace(read, meant)):
        region = read_regions(table, genome).iloc[0]
    length = asked.end - asked.start
    if length > served.config.max_sequence_length:
        raise TooLargeError(
            f"{length:,} bases: this server takes {served.config.max_sequence_length:,}"
        )
    contig = list(genome.contigs)[region["contig"]]
    return decode(genome.codes(contig, [asked.start], length, asked.strand)[0])
