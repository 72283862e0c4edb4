"""Where items lie and what they are called, so that no two are taken for one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.explain.coordinates import Coordinates


class Located(NamedTuple):
    """An item: what it is called, its name or its place, and its coordinates."""

    label: str
    coordinates: Coordinates


def locate_items(
    facts: pd.DataFrame, lengths: NDArray[np.int64], contigs: Mapping[str, int] | None = None
) -> list[Located]:
    """Labels and coordinates of items, in their order.

    A label is the item's name, of one without a name its place; where two have the same name, the
    place is added, or else the number from 1.

    Args:
        facts: as of `Items`.
        lengths: bases of each.
        contigs: {name: length} of the genome, where known.
    """
    if "chrom" not in facts:
        places = [Coordinates(0, int(length)) for length in lengths]
        labels = [str(name) for name in facts["name"]]
    else:
        columns = facts[["chrom", "start", "end", "strand"]].itertuples(index=False)
        places = [
            Coordinates(start, end, str(chrom), str(strand), (contigs or {}).get(str(chrom)))
            for chrom, start, end, strand in columns
        ]
        labels = [_label(*one) for one in zip(facts["name"], places, strict=True)]
        labels = [
            f"{label}, {place.told}" if double and place.told not in label else label
            for label, place, double in zip(labels, places, _doubles(labels), strict=True)
        ]
    labels = [
        f"{label} (number {i + 1})" if double else label
        for i, (label, double) in enumerate(zip(labels, _doubles(labels), strict=True))
    ]
    return [Located(*one) for one in zip(labels, places, strict=True)]


def _label(name: object, at: Coordinates) -> str:
    """The name, or the place if that is all that the name tells."""
    return at.told if str(name) == f"{at.contig}:{at.start}-{at.end}" else str(name)


def _doubles(labels: list[str]) -> list[bool]:
    count = Counter(labels)
    return [count[label] > 1 for label in labels]
