"""A portal of toy experiments on the toy genome, with answers known by hand."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pandas as pd

from nucleotides.portal.tables import Row, file_row, write_table
from tests import toy

REFERENCE = "GRCh38_no_alt_analysis_set_GCA_000001405.15"
ACCESSIONS = {
    # accession: (table, biosample, target, assay, replicates, output type)
    "ENCFF100AAA": ("dnase", "K562", "", "DNase-seq", "1", "peaks"),
    "ENCFF100AAB": ("dnase", "K562", "", "ATAC-seq", "1, 2", "IDR thresholded peaks"),
    "ENCFF200AAA": ("chip", "K562", "CTCF", "TF ChIP-seq", "1, 2", "IDR thresholded peaks"),
    "ENCFF200AAB": ("chip", "K562", "CTCF", "TF ChIP-seq", "1, 2", "IDR thresholded peaks"),
    "ENCFF200AAC": ("chip", "K562", "CTCF", "TF ChIP-seq", "1", "IDR thresholded peaks"),
    "ENCFF300AAA": ("chip", "liver", "H3K4me1", "Histone ChIP-seq", "1, 2", "replicated peaks"),
    "ENCFF300AAB": ("chip", "liver", "H3K27me3", "Histone ChIP-seq", "1", "pseudoreplicated peaks"),
}
CHOSEN = [name for name in ACCESSIONS if name != "ENCFF200AAC"]
TASKS = ["k562_atac-seq", "k562_ctcf", "k562_dnase-seq", "liver_h3k27me3", "liver_h3k4me1"]
FILES_OF = {
    "k562_atac-seq": ["ENCFF100AAB"],
    "k562_ctcf": ["ENCFF200AAA", "ENCFF200AAB"],
    "k562_dnase-seq": ["ENCFF100AAA"],
    "liver_h3k27me3": ["ENCFF300AAB"],
    "liver_h3k4me1": ["ENCFF300AAA"],
}
SLOP_OF = {"liver_h3k27me3": 300, "liver_h3k4me1": 100}


def peaks(accession: str) -> pd.DataFrame:
    """The peaks of a file."""
    return toy.peaks(sum(map(ord, accession)), n=30)


def build(folder: Path, accessions: list[str] | None = None) -> Path:
    """Lay out the portal: tables, files, reference."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "files").mkdir(parents=True)
    toy.write_fasta(folder / "files" / f"{REFERENCE}.fasta.gz", packing="gzip")
    write(folder, accessions or list(ACCESSIONS))
    return folder


def write(folder: Path, accessions: list[str]) -> None:
    """Write the files and tables of these accessions, and a signal for each experiment."""
    tables: dict[str, list[Row]] = {"dnase": [], "chip": []}
    for accession in accessions:
        table, biosample, target, assay, replicates, output = ACCESSIONS[accession]
        path = folder / "files" / f"{accession}.bed.gz"
        if not path.exists():
            text = toy.bed_text(peaks(accession), "\t.\t0\t.\t1.5\t-1\t-1\t5").encode()
            path.write_bytes(gzip.compress(text, mtime=0))
        facts = {
            "Experiment accession": f"ENCSR{accession[5:]}",
            "Biosample term name": biosample,
            "Biosample type": "cell line",
            "Experiment target": f"{target}-human" if target else "",
            "Assay": assay,
            "Biological replicate(s)": replicates,
            "Output type": output,
        }
        signal = {"File format": "bigWig", "File type": "bigWig", "File format type": ""}
        signal |= {"suffix": "bigWig", "Output type": "fold change over control"}
        tables[table].append(file_row(accession, path, facts))
        tables[table].append(
            file_row(f"ENCFF{int(accession[5:8]) + 500}{accession[8:]}", None, facts | signal)
        )
    for name, rows in tables.items():
        write_table(folder / "metadata" / f"{name}.tsv", rows)


def expected_peaks(task: str) -> pd.DataFrame:
    """A task's peaks as they are before merging: of all its files, widened, clipped."""
    table = pd.concat([peaks(accession) for accession in FILES_OF[task]], ignore_index=True)
    table = table[table["end"] > table["start"]]
    slop = SLOP_OF.get(task, 0)
    lengths = table["chrom"].map(toy.CONTIGS)
    table["start"] = (table["start"] - slop).clip(lower=0)
    table["end"] = (table["end"] + slop).clip(upper=lengths)
    return table
