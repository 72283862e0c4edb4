"""Settings: where things live and which device computes.

A setting called NAME takes its value from, in this order,

1. the environment variable `NUCLEOTIDES_NAME`,
2. a line `NUCLEOTIDES_NAME=value` in the file `.env` of the working directory,
3. the default below; most paths are derived from TOP_DIR or DATA_DIR and move with them.

Case does not matter, an empty value counts as unset (DEPLOY_PATH must not be empty in production),
and a path may be remote (`s3://bucket/key`).
Importing this module reads nothing; `nucleotides.load_settings` does.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from nucleotides.assemblies import (
    PORTAL,
    blacklist_url,
    chip_query,
    dnase_query,
    organism,
    reference_path,
)
from nucleotides.setting_kinds import (
    AnyPath,
    Device,
    HttpUrl,
    Keys,
    Md5,
    OptionalUrl,
    Origins,
    below,
    by_assembly,
    computed,
)

PREFIX = "NUCLEOTIDES_"

Source = Literal["environment", ".env", "derived", "default"]


def base_url(_: dict[str, Any]) -> str:
    """The portal; for this one setting the bare name counts too, as others' tools have it."""
    return os.environ.get("ENCODE_BASE_URL") or PORTAL


class Settings(BaseSettings):
    """Every setting; a later path may derive from an earlier one."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )
    _sources: dict[str, Source] = PrivateAttr(default_factory=dict)

    ENVIRONMENT: Literal["develop", "production"] = Field(
        "develop", description="`develop` or `production`; in production TOP_DIR is DEPLOY_PATH."
    )
    DEVICE: Device = Field(
        None,
        description="Where models run: `cpu`, `cuda`, `cuda:1`, `mps`. "
        "Unset or `auto`: the best device present.",
    )
    ENCODE_BASE_URL: HttpUrl = computed(
        base_url,
        f"ENCODE_BASE_URL of the environment, else {PORTAL}",
        "The ENCODE portal, or a mirror; URLs below are relative to it.",
    )
    ASSEMBLY: str = Field(
        "GRCh38",
        pattern=r"^[A-Za-z0-9_.-]+$",
        description="The assembly of peaks and reference: `GRCh38`, `hg19`, `mm10`, or any name "
        "for a FASTA of your own (set REFERENCE).",
    )
    ORGANISM: str = computed(
        lambda known: organism(known["ASSEMBLY"]),
        "by ASSEMBLY",
        "The organism that the portal is asked for.",
    )
    META_DNASE_URL: str = computed(
        lambda known: dnase_query(known["ASSEMBLY"], known["ORGANISM"]),
        "by ASSEMBLY and ORGANISM",
        "Query for the metadata table of DNase-seq and ATAC-seq.",
    )
    META_CHIP_URL: str = computed(
        lambda known: chip_query(known["ASSEMBLY"], known["ORGANISM"]),
        "by ASSEMBLY and ORGANISM",
        "Query for the metadata table of TF and histone ChIP-seq.",
    )
    GRCh38_URL: str = Field(
        str(reference_path("GRCh38")),
        description="The reference sequence of GRCh38, gzipped FASTA.",
    )
    REFERENCE_URL: OptionalUrl = computed(
        lambda known: (
            known["GRCh38_URL"]
            if known["ASSEMBLY"] == "GRCh38"
            else reference_path(known["ASSEMBLY"])
        ),
        "by ASSEMBLY; GRCh38_URL",
        "Where REFERENCE is fetched from if it is not there.",
    )
    REFERENCE_MD5: Md5 = Field(
        None, description="MD5 of the reference; unset, the portal is asked for it."
    )
    BLACKLIST_URL: OptionalUrl = computed(
        lambda known: blacklist_url(known["ASSEMBLY"]),
        "by ASSEMBLY (version 2 of Boyle-Lab/Blacklist)",
        "Where BLACKLIST is fetched from if it is not there; `none` for no blacklist.",
    )
    BLACKLIST_MD5: Md5 = Field(None, description="MD5 of the blacklist, if it is to be checked.")
    S3_URL: str = Field(
        "https://{bucket}.s3.amazonaws.com/{key}",
        description="How an `s3://bucket/key` of the portal's tables is read over HTTP.",
    )
    REQUESTS_PER_SECOND: float = Field(
        10.0, gt=0, description="Requests to one host, at most; the portal asks for 10."
    )
    DOWNLOAD_TIMEOUT: float = Field(
        60.0, gt=0, description="Seconds without a byte after which a request is given up."
    )
    POLICY: AnyPath | None = Field(
        None,
        description="The selection policy, a YAML file; unset, the default one "
        "(`nucleotides pre-process --print-policy`).",
    )

    TOP_DIR: AnyPath = Field(
        Path("~/data/nucleotides"), description="The folder everything else lies under."
    )
    DEPLOY_PATH: AnyPath = Field(
        default_factory=lambda known: known["TOP_DIR"] / "deploy",
        description="Where `upload-model` copies a deployment to, and TOP_DIR in production.",
        json_schema_extra={"derived": "TOP_DIR/deploy"},
    )
    DEPLOY_ENDPOINT: str | None = Field(
        None,
        description="Address of a store that speaks S3 and is not Amazon's; unset, the "
        "environment's AWS_ENDPOINT_URL, if any.",
    )
    DEPLOY_CHECK_SECONDS: float = Field(
        60.0,
        gt=0,
        description="How often a server in production looks whether a newer version is deployed.",
    )
    CACHE_DIR: AnyPath = Field(
        Path("~/.cache/nucleotides"),
        description="Local, verified copies of what is read from a deployment or a store; those "
        "not asked for in seven days are let go.",
    )
    ARCHIVE_DIR: AnyPath = below(
        "TOP_DIR", "archive", "Where `start-over` moves what is to be made anew, by date and time."
    )
    DATA_DIR: AnyPath = below("TOP_DIR", "data", "Input data and what pre-processing makes of it.")
    TEMP_DIR: AnyPath = below("TOP_DIR", "tmp", "Scratch files; safe to empty between runs.")
    LIGHTNING_LOGS: AnyPath = below(
        "TOP_DIR", "lightning_logs", "Training runs: checkpoints, logs, configuration."
    )
    PREDICTIONS: AnyPath = below(
        "TOP_DIR", "predictions.effects", "Precomputed effects of variants, a folder."
    )
    INFERENCE_MODEL: AnyPath = below(
        "TOP_DIR", "model", "The model bundle used for predictions and served."
    )

    TRAINING_DIR: AnyPath = below("DATA_DIR", "training", "What pre-processing writes.")
    PREPROCESSING_LOG: AnyPath = below(
        "TRAINING_DIR", "preprocessing.log", "What pre-processing did and left out, with reasons."
    )
    SELECTED_EXPERIMENTS: AnyPath = below(
        "TRAINING_DIR", "selected_experiments.tsv", "The experiments chosen, one file a row."
    )
    SELECTED_SIGNALS: AnyPath = below(
        "TRAINING_DIR", "selected_signals.tsv", "The bigWig of each experiment chosen."
    )
    DROPPED_FILES: AnyPath = below(
        "TRAINING_DIR", "dropped_files.tsv", "Files that were not chosen, and which rule says so."
    )
    LOCK: AnyPath = below(
        "TRAINING_DIR", "lock.json", "What the target store was made from, to make it again."
    )
    DISTINCT_FEATURES: AnyPath = below(
        "TRAINING_DIR", "distinct_features.txt", "Task names, one a line, in store order."
    )
    TARGET_STORE: AnyPath = below(
        "TRAINING_DIR", "targets", "The binary target store, a folder: labels at any position."
    )
    TARGET: AnyPath = below(
        "TRAINING_DIR", "target.bed.gz", "All peaks by task, sorted, bgzipped, tabix-indexed."
    )
    INTERVALS: AnyPath = below(
        "TRAINING_DIR", "intervals.bed", "The intervals that training positions are drawn from."
    )
    POSITIVE_WEIGHTS: AnyPath = below(
        "TRAINING_DIR", "positive_weights.tsv", "Negatives per positive of each task."
    )
    DISTINCT_FEATURES_UMAP: AnyPath = below(
        "TRAINING_DIR", "distinct_features_umap.tsv", "Tasks as points, by their labels."
    )
    MEAN_PREDICTIONS: AnyPath = below(
        "TRAINING_DIR", "mean_predictions.tsv", "Prediction of each task over background."
    )

    MODELS: str | None = Field(
        None,
        description="The models to serve, `name=path,name=path`, the default first; "
        "unset: INFERENCE_MODEL.",
    )
    HOST: str = Field("localhost", description="The address that `serve` listens on.")
    PORT: int = Field(8893, ge=0, le=65535, description="The port; 0 for any that is free.")
    API_KEYS: Keys | None = Field(
        None,
        description="Keys parted by commas, one of which every request has to show in its header "
        "X-API-Key; unset, nobody needs one.",
    )
    CORS_ORIGINS: Origins | None = Field(
        None,
        description="Origins (scheme://host or scheme://host:port) whose pages may ask the server, "
        "parted by commas; `*` for all.",
    )
    ENGINE: Literal["nucleotides", "eager", "compiled", "openvino"] = Field(
        "nucleotides",
        description="What the server computes predictions with: the package itself, torch as it "
        "is, torch compiled, OpenVINO.",
    )
    PRECISION: Literal["float32", "bfloat16"] = Field(
        "float32", description="In which the server predicts; effects of variants are float32."
    )
    MAX_ERROR: float = Field(
        0.01,
        gt=0,
        description="By how much probabilities of an engine may differ from float32's where the "
        "server compares them at its start.",
    )
    EXACT: bool = Field(
        True,
        description="Whether no bit of a float32 prediction may depend on who else asks; if not, "
        "requests are read together whatever that does to last bits.",
    )
    BATCH_SIZE: int = Field(
        32,
        ge=1,
        le=4096,
        description="Windows that the server reads at once, at most; it measures what is quickest.",
    )
    BATCH_WAIT: float = Field(
        0.01, ge=0, le=1, description="Seconds that a batch waits for more, while there are many."
    )
    MAX_QUEUE: int = Field(
        4096, ge=1, description="Windows that wait, at most; requests beyond are answered 429."
    )
    MAX_REQUEST_BYTES: int = Field(
        4_000_000, ge=1000, description="Bytes of a request's body, at most."
    )
    MAX_SEQUENCE_LENGTH: int = Field(
        10_000, ge=1, description="Bases of a sequence or region in a request, at most."
    )
    MAX_EXPLAINED: int = Field(
        20_000,
        ge=1,
        description="Bases times tasks of an explanation that is not a job, at most.",
    )
    MAX_ITEMS: int = Field(
        100, ge=1, le=10_000, description="Sequences or positions of a request, at most."
    )
    MAX_VARIANTS: int = Field(
        10_000, ge=1, description="Precomputed variants of an answer, at most."
    )
    REQUEST_TIMEOUT: float = Field(
        60.0, gt=0, description="Seconds after which a request is given up; answered 504."
    )
    CACHE_BYTES: int = Field(
        64_000_000, ge=0, description="Memory for answers to requests that are asked again."
    )
    JOBS_DIR: AnyPath = Field(
        Path("~/data/nucleotides/jobs"),
        description="Jobs of the server and their results; a folder of this machine, which "
        "processes of one server share.",
        validate_default=True,
    )
    JOB_WORKERS: int = Field(
        1, ge=0, le=64, description="Processes that work at jobs; 0: the server takes none."
    )
    MAX_JOBS: int = Field(
        100, ge=1, description="Jobs that wait, at most; those beyond are answered 429."
    )
    JOBS_BYTES: int = Field(
        20_000_000_000,
        ge=1_000_000,
        description="Disk for jobs; the oldest results go when there is more.",
    )
    JOBS_DAYS: float = Field(7.0, gt=0, description="Days after which results go.")
    MAX_UPLOAD_BYTES: int = Field(
        1_000_000_000, ge=1000, description="Bytes of an uploaded VCF, at most."
    )
    MAX_UNPACKED_BYTES: int = Field(
        10_000_000_000, ge=1000, description="Bytes of an uploaded VCF once unpacked, at most."
    )
    MAX_JOB_EXPLAINED: int = Field(
        20_000_000, ge=1, description="Bases times tasks of an explanation that is a job, at most."
    )

    META_DNASE_FILE: AnyPath = below(
        "DATA_DIR", "metadata/dnase.tsv", "The portal's table of DNase-seq and ATAC-seq files."
    )
    META_CHIP_FILE: AnyPath = below(
        "DATA_DIR", "metadata/chip.tsv", "The portal's table of ChIP-seq files."
    )
    GENOME_DIR: AnyPath = below("DATA_DIR", "genomes", "Reference sequences.")
    GRCh37: AnyPath = below("GENOME_DIR", "GRCh37.fasta.gz", "The GRCh37 (hg19) reference.")
    GRCh38: AnyPath = below("GENOME_DIR", "GRCh38.fasta.gz", "The GRCh38 (hg38) reference.")
    HG38_SIZES: AnyPath = below("GENOME_DIR", "hg38.chrom.sizes", "Contig lengths of GRCh38.")
    REFERENCE: AnyPath = computed(
        by_assembly(".fasta.gz", GRCh38="GRCh38", hg19="GRCh37"),
        "GENOME_DIR/ASSEMBLY.fasta.gz",
        "The reference FASTA of ASSEMBLY: GRCh38, GRCh37, or a file of its own.",
    )
    GENOME_STORE: AnyPath = computed(
        by_assembly(".store"),
        "GENOME_DIR/ASSEMBLY.store",
        "The memory-mapped reference, a folder made from REFERENCE.",
    )
    CHROM_SIZES: AnyPath = computed(
        by_assembly(".chrom.sizes", GRCh38="HG38_SIZES"),
        "GENOME_DIR/ASSEMBLY.chrom.sizes",
        "Contig lengths of REFERENCE: name, length.",
    )
    BLACKLIST: AnyPath = computed(
        by_assembly(".blacklist.bed.gz"),
        "GENOME_DIR/ASSEMBLY.blacklist.bed.gz",
        "Regions that no sample is drawn from.",
    )
    BED_DIR: AnyPath = below("DATA_DIR", "bed", "Peak files.")
    BED_DOWNLOAD_DIR: AnyPath = below("BED_DIR", "download", "Peak files from the portal.")
    BED_MANUALLY_ADDED_DIR: AnyPath = below(
        "BED_DIR", "manually_added", "Your own peak files; each becomes a task."
    )
    BED_PREPROCESSED_DIR: AnyPath = below("BED_DIR", "preprocessed", "Merged peaks by task.")

    @model_validator(mode="after")
    def _production_reads_the_deployment(self) -> Settings:
        if self.ENVIRONMENT == "production":
            self.__dict__["TOP_DIR"] = self.DEPLOY_PATH
        return self

    @property
    def sources(self) -> Mapping[str, Source]:
        """Where each value came from; empty unless made by `load_settings.load_settings`."""
        return self._sources
