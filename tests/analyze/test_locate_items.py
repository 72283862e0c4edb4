"""Items are told apart, and found on the genome."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nucleotides.analyze.explanations.locate_items import locate_items


def test_no_two_items_have_one_label() -> None:
    facts = pd.DataFrame(
        {
            "name": ["same", "same", "same", "chr1:5-1005", "mine", "chr1:5-1005"],
            "chrom": "chr1",
            "start": [10, 10, 10, 5, -20, 5],
            "end": [1010, 1010, 1010, 1005, 980, 1005],
            "strand": ["+", "-", "-", "-", "+", "+"],
        }
    )
    found = locate_items(facts, np.full(6, 1000), {"chr1": 990})
    assert [item.label for item in found] == [
        "same, chr1:10-990",
        "same, chr1:10-990 (strand −) (number 2)",
        "same, chr1:10-990 (strand −) (number 3)",
        "chr1:5-990 (strand −)",
        "mine",
        "chr1:5-990",
    ]
    assert found[1].coordinates.number(0) == 1009
    assert found[4].coordinates.beyond == "20 N before the contig"


def test_sequences_that_lie_nowhere_count_from_0() -> None:
    found = locate_items(pd.DataFrame({"name": ["a", "a", "b"]}), np.array([50, 60, 70]))
    assert [item.label for item in found] == ["a (number 1)", "a (number 2)", "b"]
    assert [item.coordinates.end for item in found] == [50, 60, 70]
