"""A genome by its store or its FASTA."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nucleotides.errors import FastaError, InputError, StoreError
from nucleotides.genome.open_genome import open_genome
from nucleotides.genome.store import GenomeStore
from tests import toy


def test_a_store_is_opened(tmp_path: Path) -> None:
    store = toy.genome_store(tmp_path)
    assert open_genome(str(store.path)).contigs == toy.CONTIGS


def test_a_fasta_gets_a_store_beside_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fasta = toy.write_fasta(tmp_path / "toy.fa.gz", packing="bgzip")
    made = open_genome(fasta)
    assert made.path == tmp_path / "toy.fa.gz.store"
    monkeypatch.setattr(GenomeStore, "build", None)
    again = open_genome(fasta)
    np.testing.assert_array_equal(again.sequence, made.sequence)


def test_a_changed_fasta_gets_another(tmp_path: Path) -> None:
    fasta = toy.write_fasta(tmp_path / "toy.fa")
    open_genome(fasta)
    toy.write_fasta(fasta, {"chr9": "ACGT"})
    assert open_genome(fasta).contigs == {"chr9": 4}


def test_what_is_no_genome_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no nucleotides genome store at"):
        open_genome(tmp_path / "nowhere")
    (tmp_path / "text.fa").write_text("hello")
    with pytest.raises(FastaError, match="is it a FASTA"):
        open_genome(tmp_path / "text.fa")
    assert not (tmp_path / "text.fa.store").exists()


def test_where_nothing_can_be_written_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    fasta = toy.write_fasta(tmp_path / "toy.fa")
    monkeypatch.setattr(GenomeStore, "build", denied)
    with pytest.raises(InputError, match=r"toy.fa.store cannot be written \(Permission denied\)"):
        open_genome(fasta)
