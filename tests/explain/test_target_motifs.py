"""Which motifs are those of a task's target."""

from __future__ import annotations

import pytest

from nucleotides.explain.target_motifs import is_motif_of, targets_of
from nucleotides.model.motifs import SHIPPED_MOTIFS, read_meme


@pytest.mark.parametrize(
    ("motif", "target"),
    [
        ("MA0114.5 HNF4A", "HNF4A"),
        ("MA0592.4 Esrra", "ESRRA"),
        ("MA0065.3 Pparg::Rxra", "RXRA"),
        ("MA0161.3 NFIC(var.2)", "NFIC"),
        ("MA0124.3 Nkx3-1", "NKX3-1"),
        ("HNF4A.H12CORE.0.P.B", "HNF4A"),
        ("HNF4A_HUMAN.H11MO.0.A", "HNF4A"),
    ],
)
def test_a_motif_is_that_of_its_protein(motif: str, target: str) -> None:
    assert is_motif_of(motif, targets_of("cell.x", target))
    assert is_motif_of(motif, targets_of(f"HepG2.{target.lower()}.ENCFF1"))
    assert not is_motif_of(motif, targets_of("x", target[:-1]))
    assert not is_motif_of(motif, targets_of(f"HepG2.{target}", "CTCF"))


def test_cell_lines_have_no_motif() -> None:
    cells = targets_of("HepG2 K562 GM12878 A549 MCF-7 H1-hESC HeLa-S3 HCT116 IMR-90 SK-N-SH")
    assert not [motif.name for motif in read_meme(SHIPPED_MOTIFS) if is_motif_of(motif.name, cells)]
