"""Settings: where things live and which device computes.

A setting called NAME takes its value from, in this order,

1. the environment variable `NUCLEOTIDES_NAME`,
2. a line `NUCLEOTIDES_NAME=value` in the file `.env` of the working directory,
3. the default below; most paths are derived from TOP_DIR or DATA_DIR and move with them.

Case does not matter, an empty value counts as unset, and a path may be remote (`s3://bucket/key`).
Importing this module reads nothing; `load_settings` does.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from dotenv.parser import Original, parse_stream
from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    PrivateAttr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from nucleotides.errors import SettingsError, UnknownNameError, nearest

PREFIX = "NUCLEOTIDES_"

Source = Literal["environment", ".env", "derived", "default"]


def to_path(value: object) -> Path:
    """A local path with `~` expanded, or a UPath (which has Path's methods) for `scheme://...`."""
    text = str(value)
    if "://" in text:
        from upath import UPath  # heavy, and only remote paths need it

        return UPath(text)  # type: ignore[return-value]
    return Path(text).expanduser()


AnyPath = Annotated[Path, PlainValidator(to_path), PlainSerializer(str)]
Device = Annotated[
    Annotated[str, Field(pattern=r"^(cpu|mps|cuda(:\d+)?|xpu(:\d+)?)$")] | None,
    BeforeValidator(lambda value: None if value == "auto" else value),
]


def below(parent: str, name: str, description: str) -> Any:
    """A path that is `name` under the setting `parent` unless it is set itself."""

    def value(known: dict[str, Any]) -> Path:
        in_production = parent == "TOP_DIR" and known["ENVIRONMENT"] == "production"
        base: Path = known["DEPLOY_PATH" if in_production else parent]
        return base / name

    return Field(
        default_factory=value,
        description=description,
        json_schema_extra={"derived": f"{parent}/{name}"},
    )


PORTAL_QUERY = (
    "metadata/?type=Experiment{assays}&status=released&assembly=GRCh38"
    "&replicates.library.biosample.donor.organism.scientific_name=Homo+sapiens"
    "&files.file_type=bigWig"
    "&files.file_type=bed+narrowPeak&files.file_type=bigBed+narrowPeak"
)
DNASE_QUERY = PORTAL_QUERY.format(assays="&assay_title=DNase-seq&assay_title=ATAC-seq")
CHIP_QUERY = (
    PORTAL_QUERY.format(assays="&assay_title=TF+ChIP-seq&assay_title=Histone+ChIP-seq")
    + "&files.file_type=bed+broadPeak&files.file_type=bigBed+broadPeak"
)
REFERENCE_NAME = "GRCh38_no_alt_analysis_set_GCA_000001405.15"


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
    ENCODE_BASE_URL: str = Field(
        "https://www.encodeproject.org/",
        description="The ENCODE portal, or a mirror; the three URLs below are relative to it.",
    )
    META_DNASE_URL: str = Field(
        DNASE_QUERY, description="Query for the metadata table of DNase-seq and ATAC-seq."
    )
    META_CHIP_URL: str = Field(
        CHIP_QUERY, description="Query for the metadata table of TF and histone ChIP-seq."
    )
    GRCh38_URL: str = Field(
        f"files/{REFERENCE_NAME}/@@download/{REFERENCE_NAME}.fasta.gz",
        description="The reference sequence, gzipped FASTA.",
    )

    TOP_DIR: AnyPath = Field(
        Path("~/data/nucleotides"), description="The folder everything else lies under."
    )
    DEPLOY_PATH: AnyPath = Field(
        default_factory=lambda known: known["TOP_DIR"] / "deploy",
        description="Where `upload-model` copies a deployment to, and TOP_DIR in production.",
        json_schema_extra={"derived": "TOP_DIR/deploy"},
    )
    DATA_DIR: AnyPath = below("TOP_DIR", "data", "Input data and what pre-processing makes of it.")
    TEMP_DIR: AnyPath = below("TOP_DIR", "tmp", "Scratch files; safe to empty between runs.")
    LIGHTNING_LOGS: AnyPath = below(
        "TOP_DIR", "lightning_logs", "Training runs: checkpoints, logs, configuration."
    )
    PREDICTIONS: AnyPath = below("TOP_DIR", "predictions", "Precomputed predictions.")
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

    META_DNASE_FILE: AnyPath = below(
        "DATA_DIR", "metadata/dnase.tsv", "The portal's table of DNase-seq and ATAC-seq files."
    )
    META_CHIP_FILE: AnyPath = below(
        "DATA_DIR", "metadata/chip.tsv", "The portal's table of ChIP-seq files."
    )
    GENOME_DIR: AnyPath = below("DATA_DIR", "genomes", "Reference sequences.")
    GRCh37: AnyPath = below("GENOME_DIR", "GRCh37.fasta.gz", "The GRCh37 (hg19) reference.")
    GRCh38: AnyPath = below("GENOME_DIR", "GRCh38.fasta.gz", "The GRCh38 (hg38) reference.")
    GENOME_STORE: AnyPath = below(
        "GENOME_DIR", "GRCh38.store", "The memory-mapped reference, a folder made from GRCh38."
    )
    HG38_SIZES: AnyPath = below("GENOME_DIR", "hg38.chrom.sizes", "Contig lengths of GRCh38.")
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
        """Where each value came from; empty unless made by `load_settings`."""
        return self._sources


@dataclass(frozen=True)
class UnknownVariable:
    """A `NUCLEOTIDES_*` name that no setting reads."""

    name: str
    where: str
    suggestion: str | None

    def __str__(self) -> str:
        text = f"{self.name} ({self.where}) is not a setting and has no effect"
        return f"{text}; did you mean {self.suggestion}?" if self.suggestion else text


def load_settings(env_file: str | Path | None = ".env") -> Settings:
    """The settings of this process, from the environment and `env_file`.

    Raises:
        SettingsError: a value is not allowed (named, with its source and the choices), or
            `env_file` cannot be read.
    """
    in_file = _names_in_file(env_file)
    try:
        settings = Settings(_env_file=env_file)  # type: ignore[call-arg]
    except ValidationError as error:
        raise SettingsError(_explain(error, in_file)) from None
    settings._sources.update({name: _source(name, settings) for name in Settings.model_fields})
    return settings


def setting_name(name: str) -> str:
    """The setting meant by `name`, regardless of case and with or without the prefix.

    Raises:
        UnknownNameError: there is none; the message suggests the nearest.
    """
    bare = _bare(name) or name
    for known in Settings.model_fields:
        if known.lower() == bare.lower():
            return known
    raise UnknownNameError(
        "setting", name, Settings.model_fields, "(`nucleotides settings` lists all)"
    )


def unknown_variables(env_file: str | Path | None = ".env") -> list[UnknownVariable]:
    """Variables and lines of `env_file` that look like settings but are none."""
    places = dict.fromkeys(os.environ, "environment") | {
        name: f"{env_file} line {line}" for name, line in _names_in_file(env_file).items()
    }
    known = {name.lower() for name in Settings.model_fields}
    return [
        UnknownVariable(name, where, _suggestion(bare))
        for name, where in places.items()
        if (bare := _bare(name)) is not None and bare.lower() not in known
    ]


def _bare(name: str) -> str | None:
    """`name` without the prefix, or None if it has none."""
    return name[len(PREFIX) :] if name.upper().startswith(PREFIX) else None


def _suggestion(bare: str) -> str | None:
    near = nearest(bare, Settings.model_fields)
    return PREFIX + near if near else None


def _names_in_file(env_file: str | Path | None) -> dict[str, int]:
    """Names set in `env_file` with their line numbers; none if there is no such file."""
    if env_file is None or not Path(env_file).is_file():
        return {}
    try:
        with Path(env_file).open(encoding="utf-8") as stream:
            return {b.key: _line(b.original) for b in parse_stream(stream) if b.key and b.value}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read {env_file}: {error}") from None


def _line(original: Original) -> int:
    """The line of the name itself; the parser counts blank lines before it as part of it."""
    text = original.string
    return original.line + text[: len(text) - len(text.lstrip())].count("\n")


def _source(name: str, settings: Settings) -> Source:
    if name == "TOP_DIR" and settings.ENVIRONMENT == "production":
        return "derived"
    if name not in settings.model_fields_set:
        return "derived" if Settings.model_fields[name].default_factory else "default"
    return "environment" if _in_environment(name) else ".env"


def _in_environment(name: str) -> bool:
    variable = (PREFIX + name).lower()
    return any(key.lower() == variable and value for key, value in os.environ.items())


def _explain(error: ValidationError, in_file: Mapping[str, int]) -> str:
    """One sentence a wrong value; values that could not be derived from it are not mentioned."""
    lines = {name.lower(): line for name, line in in_file.items()}
    sentences = []
    for problem in error.errors():
        if problem["type"] == "default_factory_not_called":
            continue
        name = str(problem["loc"][0])
        line = lines.get((PREFIX + name).lower())
        where = "environment" if _in_environment(name) or not line else f".env line {line}"
        value = problem["input"]
        sentences.append(f"{PREFIX}{name} ({where}) is '{value}', {_allowed(name, problem)}")
    return "; ".join(sentences)


def _allowed(name: str, problem: Mapping[str, Any]) -> str:
    if name == "DEVICE":
        return "but must be auto, cpu, mps, cuda or cuda:NUMBER"
    expected = problem.get("ctx", {}).get("expected")
    return f"but must be {expected}" if expected else f"which is not valid: {problem['msg']}"
