"""A portal of the demo's experiments: the real files, and made-up ones that must not be chosen."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from nucleotides.assemblies import reference_path
from nucleotides.portal.tables import Row, file_row, write_table

_OUTPUT = {
    "TF ChIP-seq": "IDR thresholded peaks",
    "Histone ChIP-seq": "replicated peaks",
    "DNase-seq": "peaks",
}
_IDS = {"HepG2": "EFO:0001187", "K562": "EFO:0002067", "GM12878": "EFO:0002784"}


def build_demo_portal(folder: Path, peaks: Path, fasta: Path) -> int:
    """Lay out a portal below `folder`: tables, peak files, reference; the number of real files.

    The experiments of `peaks` (a folder with tasks.tsv) that were called on GRCh38 are there with
    their accessions. Beside them every table has made-up rows (accessions ENCFF9..), one for each
    rule that drops files: a signal, another format, single replicates, an archived file, another
    assembly, an experiment with an audit error.
    """
    tasks = pd.read_csv(peaks / "tasks.tsv", sep="\t", dtype=str, keep_default_na=False)
    tasks = tasks[(tasks["assembly_of_source"] == "GRCh38") & (tasks["accession"] != "")]
    tables: dict[str, list[Row]] = {"dnase": [], "chip": []}
    (folder / "files").mkdir(parents=True)
    for number, row in enumerate(tasks.to_dict("records")):
        known = {str(name): str(value) for name, value in row.items()}
        accession = known["accession"]
        path = folder / "files" / f"{accession}.bed.gz"
        shutil.copyfile(peaks / known["file"], path)
        facts = _facts(known, number)
        rows = tables["dnase" if known["assay"] == "DNase-seq" else "chip"]
        rows += [file_row(accession, path, facts), *_companions(facts, number)]
    for name, rows in tables.items():
        write_table(folder / "metadata" / f"{name}.tsv", rows)
    shutil.copyfile(fasta, folder / "files" / Path(str(reference_path("GRCh38"))).name)
    return len(tasks)


def _facts(known: dict[str, str], number: int) -> dict[str, str]:
    return {
        "Output type": _OUTPUT[known["assay"]],
        "Experiment accession": known["experiment"] or f"ENCSR9{number:02d}AAA",
        "Assay": known["assay"],
        "Biosample term id": _IDS.get(known["biosample"], ""),
        "Biosample term name": known["biosample"],
        "Biosample type": "cell line",
        "Experiment target": f"{known['target']}-human" if known["target"] else "",
        "Biological replicate(s)": "1, 2",
        "Technical replicate(s)": "1_1, 2_1",
    }


def _companions(facts: dict[str, str], number: int) -> list[Row]:
    """What a table holds beside a file that is chosen; made up."""
    signal = {"File format": "bigWig", "File type": "bigWig", "File format type": ""}
    signal |= {"suffix": "bigWig", "Output type": "fold change over control"}
    big = {"File format": "bigBed narrowPeak", "File type": "bigBed", "suffix": "bigBed"}
    changes: list[dict[str, str]] = [
        signal,
        big,
        {"Biological replicate(s)": "1"},
        {"Biological replicate(s)": "2"},
        {"File Status": "archived"},
        {"File assembly": "hg19"},
        {"Audit ERROR": "extremely low read depth", "Experiment accession": "ENCSR999ZZZ"},
    ]
    return [
        file_row(f"ENCFF9{number:02d}AA{chr(ord('A') + i)}", None, facts | change)
        for i, change in enumerate(changes)
    ]
