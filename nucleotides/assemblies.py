"""What is known of assemblies: how the portal is asked for their peaks, and where sequence lies."""

from __future__ import annotations

PORTAL = "https://www.encodeproject.org/"

_REFERENCES = {
    "GRCh38": "GRCh38_no_alt_analysis_set_GCA_000001405.15",
    "hg19": "male.hg19",
    "mm10": "mm10_no_alt_analysis_set_ENCODE",
}
_BLACKLISTS = {"GRCh38": "hg38", "hg19": "hg19", "mm10": "mm10"}
_BLACKLIST_REPOSITORY = "https://github.com/Boyle-Lab/Blacklist/raw/master/lists"
_QUERY = (
    "metadata/?type=Experiment{assays}&status=released&assembly={assembly}"
    "&replicates.library.biosample.donor.organism.scientific_name={organism}"
    "&files.file_type=bigWig"
    "&files.file_type=bed+narrowPeak&files.file_type=bigBed+narrowPeak"
)
_DNASE = "&assay_title=DNase-seq&assay_title=ATAC-seq"
_CHIP = "&assay_title=TF+ChIP-seq&assay_title=Histone+ChIP-seq"
_BROAD = "&files.file_type=bed+broadPeak&files.file_type=bigBed+broadPeak"


def organism(assembly: str) -> str:
    """The organism of an assembly, as the portal names it; human where nothing else is known."""
    return "Mus musculus" if assembly.startswith("mm") else "Homo sapiens"


def dnase_query(assembly: str, organism: str) -> str:
    """The portal's path and query for the metadata of DNase-seq and ATAC-seq."""
    return _QUERY.format(assays=_DNASE, assembly=assembly, organism=organism.replace(" ", "+"))


def chip_query(assembly: str, organism: str) -> str:
    """The portal's path and query for the metadata of TF and histone ChIP-seq."""
    query = _QUERY.format(assays=_CHIP, assembly=assembly, organism=organism.replace(" ", "+"))
    return query + _BROAD


def reference_path(assembly: str) -> str | None:
    """The portal's path of the assembly's FASTA, or None where it has none."""
    name = _REFERENCES.get(assembly)
    return f"files/{name}/@@download/{name}.fasta.gz" if name else None


def blacklist_url(assembly: str) -> str | None:
    """Where version 2 of the assembly's blacklist lies, or None where there is none."""
    name = _BLACKLISTS.get(assembly)
    return f"{_BLACKLIST_REPOSITORY}/{name}-blacklist.v2.bed.gz" if name else None
