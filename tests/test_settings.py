"""Settings: precedence, derived paths, and what is said about mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from nucleotides.errors import SettingsError, UnknownNameError
from nucleotides.load_settings import load_settings, setting_name, unknown_variables
from nucleotides.settings import Settings

FROM_THE_SPECIFICATION = """
ENVIRONMENT ENCODE_BASE_URL META_DNASE_URL META_CHIP_URL GRCh38_URL TOP_DIR DATA_DIR TEMP_DIR
LIGHTNING_LOGS PREPROCESSING_LOG HG38_SIZES TRAINING_DIR META_DNASE_FILE META_CHIP_FILE
SELECTED_EXPERIMENTS DISTINCT_FEATURES TARGET INTERVALS GENOME_DIR GRCh37 GRCh38 BED_DIR
BED_DOWNLOAD_DIR BED_MANUALLY_ADDED_DIR BED_PREPROCESSED_DIR POSITIVE_WEIGHTS PREDICTIONS
DISTINCT_FEATURES_UMAP MEAN_PREDICTIONS DEPLOY_PATH INFERENCE_MODEL DEVICE
"""

PARENTS = {
    name: str(field.json_schema_extra["derived"]).split("/")[0]
    for name, field in Settings.model_fields.items()
    if isinstance(field.json_schema_extra, dict) and "derived" in field.json_schema_extra
}
"""Every derived path and the setting it is derived from, itself."""

WORDS = st.text("abcdefghij_0123456789", min_size=1, max_size=8)

pytestmark = pytest.mark.usefixtures("empty_folder")


def ancestors(name: str) -> list[str]:
    """The settings that `name` follows, nearest first."""
    return [PARENTS[name], *ancestors(PARENTS[name])] if name in PARENTS else []


def test_every_name_of_the_specification_exists() -> None:
    assert set(FROM_THE_SPECIFICATION.split()) <= set(Settings.model_fields)


def test_every_setting_is_described() -> None:
    assert [n for n, field in Settings.model_fields.items() if not field.description] == []


def test_every_path_but_three_is_derived() -> None:
    values = load_settings(None)
    paths = {n for n in Settings.model_fields if isinstance(getattr(values, n), Path)}
    by_assembly = {"REFERENCE", "GENOME_STORE", "CHROM_SIZES", "BLACKLIST"}
    assert paths - set(PARENTS) - by_assembly == {"TOP_DIR", "CACHE_DIR", "JOBS_DIR"}


@pytest.mark.parametrize(
    ("assembly", "reference", "url", "query"),
    [
        ("GRCh38", "GRCh38.fasta.gz", "GRCh38_no_alt_analysis_set", "assembly=GRCh38&repl"),
        ("hg19", "GRCh37.fasta.gz", "files/male.hg19/@@download/male.hg19.fa", "=Homo+sapiens"),
        ("mm10", "mm10.fasta.gz", "files/mm10_no_alt_analysis_set_EN", "=Mus+musculus&files"),
        ("mine", "mine.fasta.gz", "None", "assembly=mine&"),
    ],
)
def test_the_assembly_moves_what_belongs_to_it(
    assembly: str, reference: str, url: str, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUCLEOTIDES_ASSEMBLY", assembly)
    monkeypatch.setenv("NUCLEOTIDES_GENOME_DIR", "/genomes")
    settings = load_settings()
    assert Path("/genomes") / reference == settings.REFERENCE
    assert Path("/genomes") / f"{assembly}.store" == settings.GENOME_STORE
    assert url in str(settings.REFERENCE_URL)
    assert query in settings.META_DNASE_URL
    assert (settings.BLACKLIST_URL is None) == (assembly == "mine")
    name = "hg38.chrom.sizes" if assembly == "GRCh38" else f"{assembly}.chrom.sizes"
    assert Path("/genomes") / name == settings.CHROM_SIZES


def test_a_reference_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUCLEOTIDES_GRCh38", "/a.fa")
    assert Path("/a.fa") == load_settings().REFERENCE
    monkeypatch.setenv("NUCLEOTIDES_REFERENCE", "/b.fa")
    monkeypatch.setenv("NUCLEOTIDES_BLACKLIST_URL", "none")
    assert Path("/b.fa") == load_settings().REFERENCE
    assert load_settings().BLACKLIST_URL is None


def test_the_portal_by_its_bare_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCODE_BASE_URL", "http://127.0.0.1:1")
    assert load_settings().ENCODE_BASE_URL == "http://127.0.0.1:1"
    monkeypatch.setenv("NUCLEOTIDES_ENCODE_BASE_URL", "http://mirror/")
    assert load_settings().ENCODE_BASE_URL == "http://mirror/"
    monkeypatch.setenv("NUCLEOTIDES_ENCODE_BASE_URL", "mirror")
    with pytest.raises(SettingsError, match=r"NUCLEOTIDES_ENCODE_BASE_URL .* is 'mirror'"):
        load_settings()


@pytest.mark.parametrize("moved", ["TOP_DIR", "DATA_DIR", "TRAINING_DIR", "GENOME_DIR", "BED_DIR"])
def test_moving_a_folder_moves_exactly_what_is_derived_from_it(
    moved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load_settings()
    monkeypatch.setenv(f"NUCLEOTIDES_{moved}", "/elsewhere")
    after = load_settings()
    for name in PARENTS:
        old, new = getattr(before, name), getattr(after, name)
        if moved in ancestors(name):
            assert new == Path("/elsewhere") / old.relative_to(getattr(before, moved))
        elif name != moved:
            assert new == old


@hypothesis_settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(top=WORDS, explicit=st.dictionaries(st.sampled_from(sorted(PARENTS)), WORDS))
def test_an_explicit_path_stays_and_the_rest_follows_its_nearest_set_ancestor(
    top: str, explicit: dict[str, str]
) -> None:
    default = load_settings()
    chosen = {"TOP_DIR": f"/{top}"} | {name: f"/set/{path}" for name, path in explicit.items()}
    with pytest.MonkeyPatch.context() as patch:
        for name, path in chosen.items():
            patch.setenv(f"NUCLEOTIDES_{name}", path)
        settings = load_settings()
    for name in PARENTS:
        if name in explicit:
            assert getattr(settings, name) == Path(chosen[name])
            assert settings.sources[name] == "environment"
        else:
            root = next(a for a in ancestors(name) if a in chosen)
            relative = getattr(default, name).relative_to(getattr(default, root))
            assert getattr(settings, name) == Path(chosen[root]) / relative
            assert settings.sources[name] == "derived"


def test_environment_beats_file_beats_default(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert empty_folder / "home/data/nucleotides" == load_settings().TOP_DIR
    assert load_settings().sources["TOP_DIR"] == "default"
    Path(".env").write_text("NUCLEOTIDES_TOP_DIR=/from/file\n")
    assert Path("/from/file") == load_settings().TOP_DIR
    assert load_settings().sources["TOP_DIR"] == ".env"
    monkeypatch.setenv("NUCLEOTIDES_TOP_DIR", "/from/environment")
    assert Path("/from/environment") == load_settings().TOP_DIR
    assert load_settings().sources["TOP_DIR"] == "environment"


def test_empty_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUCLEOTIDES_TOP_DIR", "")
    assert load_settings().sources["TOP_DIR"] == "default"


@pytest.mark.parametrize("where", ["environment", ".env line 2"])
def test_an_empty_deployment_is_refused_in_production(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a variable that another one was to fill: what is served would be anything."""
    monkeypatch.setenv("NUCLEOTIDES_ENVIRONMENT", "production")
    load_settings()
    if where == "environment":
        monkeypatch.setenv("nucleotides_deploy_path", "")
    else:
        Path(".env").write_text("\nNUCLEOTIDES_DEPLOY_PATH=\n")
    with pytest.raises(SettingsError, match=rf"(?i)DEPLOY_PATH \({where}\) is empty"):
        load_settings()
    monkeypatch.setenv("NUCLEOTIDES_ENVIRONMENT", "develop")
    load_settings()


def test_case_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("nucleotides_grch38", "/a.fa")
    monkeypatch.setenv("NUCLEOTIDES_TOP_DIR", "/x")
    assert load_settings().GRCh38 == Path("/a.fa")
    assert unknown_variables() == []
    assert setting_name("grch38") == setting_name("NUCLEOTIDES_GRCH38") == "GRCh38"


def test_in_production_top_dir_is_deploy_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUCLEOTIDES_TOP_DIR", "/work")
    assert Path("/work/deploy") == load_settings().DEPLOY_PATH
    monkeypatch.setenv("NUCLEOTIDES_ENVIRONMENT", "production")
    assert Path("/work/deploy") == load_settings().TOP_DIR
    monkeypatch.setenv("NUCLEOTIDES_DEPLOY_PATH", "/served")
    settings = load_settings()
    assert Path("/served") == settings.TOP_DIR
    assert settings.sources["TOP_DIR"] == "derived"
    assert Path("/served/model") == settings.INFERENCE_MODEL
    assert settings.GRCh38 == Path("/served/data/genomes/GRCh38.fasta.gz")


def test_remote_paths_stay_remote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUCLEOTIDES_DATA_DIR", "memory://bucket/data")
    settings = load_settings()
    assert str(settings.TARGET) == "memory://bucket/data/training/target.bed.gz"
    settings.TARGET.parent.mkdir(parents=True, exist_ok=True)
    settings.TARGET.write_text("peaks")
    assert settings.TARGET.read_text() == "peaks"
    assert isinstance(settings.LIGHTNING_LOGS, Path)


@pytest.mark.parametrize("name", ["cpu", "cuda", "cuda:1", "mps"])
def test_devices(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().DEVICE is None
    monkeypatch.setenv("NUCLEOTIDES_DEVICE", name)
    assert name == load_settings().DEVICE


def test_device_auto_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUCLEOTIDES_DEVICE", "auto")
    assert load_settings().DEVICE is None


@pytest.mark.parametrize(
    ("name", "value", "choices"),
    [("ENVIRONMENT", "prod", "'develop' or 'production'"), ("DEVICE", "gpu", "cpu, mps, cuda")],
)
def test_a_bad_value_names_variable_value_source_and_choices(
    name: str, value: str, choices: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(".env").write_text(f"\nNUCLEOTIDES_{name}={value}\n")
    with pytest.raises(SettingsError, match=rf"^NUCLEOTIDES_{name} \(.env line 2\) is '{value}'"):
        load_settings()
    monkeypatch.setenv(f"NUCLEOTIDES_{name}", value)
    with pytest.raises(SettingsError, match=choices) as caught:
        load_settings()
    assert str(caught.value).startswith(f"NUCLEOTIDES_{name} (environment) is '{value}'")
    assert "DATA_DIR" not in str(caught.value)


def test_an_unreadable_file_is_named() -> None:
    Path(".env").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"cannot read \.env"):
        load_settings()


def test_unknown_variables_are_reported_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUCLEOTIDES_TOPDIR", "/x")
    Path(".env").write_text("# a comment\nNUCLEOTIDES_ZZZZ=1\nTOPDIR=of another program\n")
    assert [str(unknown) for unknown in unknown_variables()] == [
        "NUCLEOTIDES_TOPDIR (environment) is not a setting and has no effect; "
        "did you mean NUCLEOTIDES_TOP_DIR?",
        "NUCLEOTIDES_ZZZZ (.env line 2) is not a setting and has no effect",
    ]


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'GENOME_DIR'"):
        setting_name("genomedir")
