"""A metadata table of the portal's shape and size, made from accessions that exist.

IGV's table of ENCODE files (../shared/data/metadata) gives accession, experiment, assay, target,
biosample, replicates, output type and lab of every released bigBed of peaks. Each gets a bed of
the same peaks; each experiment and set of replicates two bigWigs. What that table lacks (audits,
crosslinking, statuses, sizes, MD5, addresses in the clouds) is drawn, by experiment where the
portal has it by experiment, at rates like those of the portal's tables of 2019 and 2020. The same
seed makes the same bytes.

python benchmarks/portal_tables.py OUT.tsv [--igv FILE] [--seed 0]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

IGV = Path("../shared/data/metadata/igv_encode_table.GRCh38.other.tsv.gz")
ASSAYS = {"ChIP-seq": "TF ChIP-seq", "DNase-seq": "DNase-seq", "ATAC-seq": "ATAC-seq"}
HISTONE = r"^H(?:2[AB]|[134](?!\d))"
NOT_NARROW = {"FDR cut rate": "bed3+", "footprints": "bed3+", "hotspots": "broadPeak"}
PORTAL = "https://www.encodeproject.org/files/"
CONSTANT = {
    "Biosample organism": "Homo sapiens",
    "Biosample type": "cell line",
    "Library made from": "DNA",
    "Library strand specific": "unstranded",
    "Library size range": "200-600",
    "File analysis title": "ENCODE4 v1.6.0 GRCh38",
}
HEADER = """File accession|File format|File type|File format type|Output type|File assembly
Experiment accession|Assay|Donor(s)|Biosample term id|Biosample term name|Biosample type
Biosample organism|Biosample treatments|Biosample treatments amount
Biosample treatments duration|Biosample genetic modifications methods
Biosample genetic modifications categories|Biosample genetic modifications targets
Biosample genetic modifications gene targets|Biosample genetic modifications site coordinates
Biosample genetic modifications zygosity|Experiment target|Library made from
Library depleted in|Library extraction method|Library lysis method
Library crosslinking method|Library strand specific|Experiment date released|Project
RBNS protein concentration|Library fragmentation method|Library size range
Biological replicate(s)|Technical replicate(s)|Read length|Mapped read length|Run type
Paired end|Paired with|Index of|Derived from|Size|Lab|md5sum|dbxrefs|File download URL
Genome annotation|Platform|Controlled by|File Status|s3_uri|Azure URL|File analysis title
File analysis status|Audit WARNING|Audit NOT_COMPLIANT|Audit ERROR"""
COLUMNS = HEADER.replace("\n", "|").split("|")
Cells = NDArray[np.object_]


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--igv", type=Path, default=IGV)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    write_portal_table(arguments.out, arguments.igv, arguments.seed)


def write_portal_table(out: Path, igv: Path = IGV, seed: int = 0) -> pd.DataFrame:
    """Make the table and write it as TSV; see the module."""
    table = make_portal_table(igv, seed)
    table.to_csv(out, sep="\t", index=False)
    return table


def make_portal_table(igv: Path = IGV, seed: int = 0) -> pd.DataFrame:
    """The table, its rows shuffled."""
    if not igv.exists():
        raise SystemExit(f"no table at {igv}: give IGV's ENCODE table with --igv")
    rng = np.random.default_rng(seed)
    real = read_igv(igv)
    bed = real.assign(kind="bed")
    pairs = real.drop_duplicates(["experiment", "replicates"])
    signals = [
        pairs.assign(kind="bigWig", output=output)
        for output in ("fold change over control", "signal p-value")
    ]
    files = pd.concat([real, bed, *signals], ignore_index=True)
    taken = set(real["accession"])
    made = new_accessions(len(files) - len(real), taken, rng)
    files["accession"] = [*real["accession"], *made]
    files = files.iloc[rng.permutation(len(files))].reset_index(drop=True)
    return pd.DataFrame(columns_of(files, rng), columns=COLUMNS).fillna("")


def read_igv(path: Path) -> pd.DataFrame:
    """IGV's rows for bigBed files of the four assays."""
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    table = table[table["AssayType"].isin(ASSAYS) & (table["Format"] == "bigBed")]
    target = table["Target"].str.strip()
    assay = table["AssayType"].map(ASSAYS)
    described = table["Biosample"].str.removeprefix("Homo sapiens ")
    more = (
        " (?:male|female|embryo|adult|child|newborn|tissue|genetically|treated|originated|stably).*"
    )
    return pd.DataFrame(
        {
            "accession": table["Accession"],
            "experiment": table["Experiment"],
            "assay": assay.mask(target.str.contains(HISTONE), "Histone ChIP-seq"),
            "target": (target + "-human").where(target != "", ""),
            "biosample": described.str.replace(more, "", regex=True),
            "described": described,
            "replicates": table["BioRep"].str.replace(",", ", "),
            "technical": table["TechRep"].str.replace(",", ", "),
            "output": table["OutputType"],
            "lab": table["Lab"],
            "kind": "bigBed",
        }
    ).reset_index(drop=True)


def new_accessions(number: int, taken: set[str], rng: np.random.Generator) -> list[str]:
    """Accessions of the portal's form that its table does not hold."""
    letters = list("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    out: dict[str, None] = {}
    while len(out) < number:
        digits = rng.integers(0, 1000, number)
        ends = rng.choice(letters, (number, 3))
        names = (f"ENCFF{d:03d}{''.join(e)}" for d, e in zip(digits, ends, strict=True))
        out.update(dict.fromkeys(name for name in names if name not in taken))
    return list(out)[:number]


def columns_of(files: pd.DataFrame, rng: np.random.Generator) -> dict[str, object]:
    """The portal's columns."""
    narrow = files["output"].map(NOT_NARROW).fillna("narrowPeak")
    form = narrow.where(files["kind"] != "bigWig", "")
    ending = files["kind"].replace({"bed": "bed.gz"})
    address = PORTAL + files["accession"] + "/@@download/" + files["accession"] + "." + ending
    day = pd.Series(rng.integers(2010, 2024, len(files)).astype(str))
    key = day + "/05/04/" + [digits(rng) for _ in range(len(files))] + "/" + files["accession"]
    names = files["accession"].to_numpy(dtype=object)
    derived = [", ".join(names[i]) for i in rng.integers(0, len(files), (len(files), 3))]
    return {
        **CONSTANT,
        **of_experiment(files, rng),
        "File accession": files["accession"],
        "File format": (files["kind"] + " " + form).str.strip(),
        "File type": files["kind"],
        "File format type": form,
        "Output type": files["output"],
        "File assembly": draw(rng, len(files), {"GRCh38": 0.75, "hg19": 0.25}),
        "Experiment accession": files["experiment"],
        "Assay": files["assay"],
        "Biosample term name": files["biosample"],
        "Experiment target": files["target"],
        "Biological replicate(s)": files["replicates"],
        "Technical replicate(s)": files["technical"],
        "Derived from": derived,
        "Size": rng.lognormal(13.5, 1.2, len(files)).astype("int64").astype(str),
        "Lab": files["lab"],
        "md5sum": [digits(rng) for _ in range(len(files))],
        "File download URL": address,
        "File Status": draw(rng, len(files), {"released": 0.9, "archived": 0.09, "revoked": 0.01}),
        "s3_uri": "s3://encode-public/" + key + "." + ending,
        "Azure URL": "https://datasetencode.blob.core.windows.net/dataset/" + key + "." + ending,
        "File analysis status": draw(
            rng, len(files), {"released": 0.85, "archived": 0.1, "": 0.05}
        ),
    }


def of_experiment(files: pd.DataFrame, rng: np.random.Generator) -> dict[str, object]:
    """Columns that are the same for all files of an experiment."""
    first = files.drop_duplicates("experiment").set_index("experiment")
    described, size = first["described"], len(first)
    crosslinked = draw(rng, size, {"": 0.75, "formaldehyde": 0.25})
    crosslinked[~first["assay"].str.contains("ChIP").to_numpy()] = ""
    modified = described.str.contains("genetically modified|stably").to_numpy()
    drawn = {
        "Biosample treatments": described.str.extract(r"treated with (.*)")[0].fillna(""),
        "Biosample genetic modifications methods": np.where(modified, "CRISPR", ""),
        "Biosample genetic modifications categories": np.where(modified, "insertion", ""),
        "Library crosslinking method": crosslinked,
        "Experiment date released": draw(rng, size, {"2016-10-27": 0.5, "2021-03-01": 0.5}),
        "Project": draw(rng, size, {"ENCODE": 0.8, "Roadmap": 0.15, "GGR": 0.05}),
        "Donor(s)": [f"/human-donors/ENCDO{i:06d}/" for i in rng.integers(0, 999_999, size)],
        "Biosample term id": [f"EFO:{i:07d}" for i in rng.integers(0, 9_999, size)],
        "Audit WARNING": draw(
            rng, size, {"": 0.3, "low read depth, mild to moderate bottlenecking": 0.7}
        ),
        "Audit NOT_COMPLIANT": draw(rng, size, {"": 0.8, "insufficient read depth": 0.2}),
        "Audit ERROR": draw(rng, size, {"": 0.96, "extremely low read depth": 0.04}),
    }
    table = pd.DataFrame(drawn, index=first.index)
    return {name: table[name].reindex(files["experiment"]).to_numpy() for name in table}


def draw(rng: np.random.Generator, number: int, rates: dict[str, float]) -> Cells:
    """Values at these rates."""
    values = np.array(list(rates), dtype=object)
    return values[rng.choice(len(rates), number, p=list(rates.values()))]


def digits(rng: np.random.Generator) -> str:
    """32 hexadecimal digits."""
    return rng.bytes(16).hex()


if __name__ == "__main__":
    main()
