"""The bigWig that goes with an experiment's peaks."""

from __future__ import annotations

import pytest

from tests.encode.rows import accession, choose, row


def bigwig(number: int, **changes: str) -> dict[str, str]:
    signal = {"file_type": "bigWig", "format_type": "", "output_type": "fold change over control"}
    return row(number, **(signal | changes))


@pytest.mark.parametrize(
    ("others", "chosen"),
    [
        ([{}], 1),
        ([{"assembly": "hg19"}], None),
        ([{"status": "archived"}], None),
        ([{"analysis_status": "archived"}], None),
        ([{"output_type": "raw signal"}], None),
        ([{"experiment": "ENCSR000AAB"}], None),
        ([{"audit_error": "bad"}], 1),
        ([{"output_type": "signal p-value"}, {}], 2),
        ([{"biological_replicates": "1"}, {"output_type": "signal p-value"}], 2),
        ([{"biological_replicates": "1, 2, 3"}, {}], 2),
        ([{"biological_replicates": "1"}, {"biological_replicates": "1, 3"}], 2),
        ([{}, {}], 1),
    ],
)
def test_choice(others: list[dict[str, str]], chosen: int | None) -> None:
    rows = [row(0), *(bigwig(i, **change) for i, change in enumerate(others, 1))]
    signals = choose(*rows).signals
    assert signals["accession"].tolist() == ([accession(chosen)] if chosen else [])
    assert signals["task"].tolist() == (["k562_ctcf"] if chosen else [])


def test_an_assay_has_its_own_order_and_dropped_peaks_have_no_signal() -> None:
    dnase = {"target": "", "assay": "DNase-seq", "experiment": "ENCSR000AAB"}
    rows = [
        row(0, **dnase),
        bigwig(1, **dnase),
        bigwig(2, **dnase, output_type="read-depth normalized signal"),
        row(3, status="archived"),
        bigwig(4),
    ]
    signals = choose(*rows).signals
    assert signals["accession"].tolist() == [accession(2)]
    assert signals["same"].tolist() == [True]
