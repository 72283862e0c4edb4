"""Answers are those of the Python API, to the bit."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from nucleotides.api.config import Config
from nucleotides.api.render import ARROW, PARQUET
from nucleotides.genome import GenomeStore
from nucleotides.predict import Model
from nucleotides.predict.effects.effects_store import EffectsStore
from tests.toy import odd_sequence, sequence

LETTERS = str.maketrans("RYSWKMBDHVXryswkmbdhvx", "N" * 22)
SEQUENCES = {
    "exact": sequence(1000),
    "lower": sequence(1000, 1).lower(),
    "longer": odd_sequence(2350).translate(LETTERS),
    "unknown": "N" * 1001,
}


@pytest.mark.parametrize("recalibrated", [False, True])
def test_sequences(recalibrated: bool, client: TestClient, model: Model) -> None:
    body = {"sequences": SEQUENCES, "recalibrated": recalibrated, "genome_tail": True}
    rows = client.post("/predictions_for_sequences", json=body).json()["predictions"]
    wanted = model.predict(SEQUENCES, recalibrated=recalibrated)
    assert {row["name"]: row["predictions"] for row in rows} == wanted.to_dict("index")
    tails = model.genome_tail(SEQUENCES).to_dict("index")
    assert {row["name"]: row["genome_tail"] for row in rows} == tails


def test_one_sequence_and_the_same_among_many_at_once(client: TestClient, model: Model) -> None:
    texts = [sequence(1000 + 150 * (i % 3), i) for i in range(24)]

    def ask(text: str) -> dict[str, float]:
        answer = client.post("/predictions_for_sequence", json={"sequence": text})
        found: dict[str, float] = answer.json()["predictions"]
        return found

    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(ask, texts))
    assert found == [model.predict(text).iloc[0].to_dict() for text in texts]
    assert "nucleotides_batch_windows_count" in client.get("/metrics").text


def test_places(client: TestClient, model: Model, genome: GenomeStore) -> None:
    places = pd.DataFrame(
        {
            "chrom": ["chr20", "20", "chr20", "chr20", "chr20"],
            "start": [1103961, 5528000, 9_999_999, 300_000, 70_000],
            "end": [1104161, 5532000, 10_000_000, 301_001, 70_001],
            "strand": ["-", "+", "+", "-", "-"],
        }
    )
    asked = places.to_dict("records")
    rows = client.post("/predictions_for_positions", json={"positions": asked}).json()
    wanted = model.predict_regions(places, genome)
    found = [row["predictions"] for row in rows["predictions"]]
    assert found == wanted.to_dict("records")
    one = {"chrom": "chr20", "position": 70_000, "strand": "-"}
    assert client.post("/predictions_for_position", json=one).json()["predictions"] == found[4]
    stop = {"chrom": "20", "start": 5528000, "stop": 5532000}
    assert client.post("/predictions_for_position", json=stop).json()["predictions"] == found[1]


@pytest.mark.parametrize(("ref", "alt"), [("T", "C"), ("T", "TAA"), ("TT", "T"), ("A", "N")])
def test_variants(
    ref: str, alt: str, client: TestClient, model: Model, genome: GenomeStore
) -> None:
    variant = {"chrom": "chr20", "pos": 1104061, "ref": ref, "alt": alt}
    found = client.post("/variant_effect_prediction", json=variant).json()
    wanted = model.variant_effects(pd.DataFrame([variant]), genome)
    facts = wanted.variants.iloc[0]
    assert found["matches_reference_genome"] == bool(facts["matches_reference"])
    assert found["contains_unknown_bases"] == bool(facts["unknown_bases"])
    tables = {
        "ref_prediction": wanted.ref,
        "alt_prediction": wanted.alt,
        "diff": wanted.diff,
        "logit_diff": wanted.logit_diff,
        "ref_tail": wanted.score("ref_tail"),
        "alt_tail": wanted.score("alt_tail"),
    }
    for name, table in tables.items():
        values = {task: effect[name] for task, effect in found["predictions"].items()}
        assert values == table.astype(float).iloc[0].to_dict(), name
    assert model.background is not None
    spread = model.background.z_score(wanted.alt.to_numpy().astype(float))[0]
    assert [e["alt_std"] for e in found["predictions"].values()] == spread.tolist()


def test_alleles_of_the_reverse_strand(client: TestClient) -> None:
    there = {"chrom": "chr20", "pos": 1104061, "ref": "T", "alt": "CAA"}
    back = there | {"ref": "A", "alt": "TTG", "strand": "-"}
    first, second = (
        client.post("/variant_effect_prediction", json=v).json() for v in (there, back)
    )
    assert first == second
    assert first["matches_reference_genome"] is True


@pytest.mark.parametrize("method", ["mutagenesis", "input_x_gradient"])
def test_explanations(method: str, client: TestClient, model: Model) -> None:
    text, tasks = SEQUENCES["longer"][:1100], ["HepG2.CTCF*", "K562.MAX*"]
    body = {"sequence": text, "tasks": tasks, "method": method}
    found = client.post("/explanations_for_sequence", json=body).json()
    scale = "probability" if method == "mutagenesis" else "logit"
    wanted = model.explain(text, method, tasks, scale=scale)
    values = wanted.mean_effect if method == "mutagenesis" else wanted.contributions
    assert list(found) == wanted.tasks
    assert list(found.values()) == values[0].astype(float).tolist()


def test_bases_of_a_region(client: TestClient, genome: GenomeStore) -> None:
    from nucleotides.genome import decode

    for strand in ("+", "-"):
        body = {"chrom": "20", "start": 1_000_000, "end": 1_000_050, "strand": strand}
        codes = genome.codes("chr20", [1_000_000], 50, strand)[0]
        assert client.post("/sequence", json=body).json()["sequence"] == decode(codes)
        last = {"start": 9_999_990, "end": 10_000_020, "pad": True}
        codes = genome.codes("chr20", [9_999_990], 30, strand)[0]
        assert client.post("/sequence", json=body | last).json()["sequence"] == decode(codes)


def test_precomputed_effects(client: TestClient, config: Config) -> None:
    store = EffectsStore.open(str(config.predictions))
    region = {"chrom": "20", "start": 1_104_060, "end": 1_104_201}
    for feature, column in (
        ("aggregate: max difference (abs)", "max_abs"),
        ("aggregate: avg", "mean"),
        (store.tasks[3], f"{store.tasks[3]}:diff"),
    ):
        body = {"region": region, "predicted_feature": feature}
        found = client.post("/variant_effect_prediction_in_region", json=body).json()
        text = body | {"region": "20:1,104,060-1,104,201"}
        again = client.post("/variant_effect_prediction_in_region", json=text).json()
        assert found == again
        wanted = store.region("chr20", 1_104_060, 1_104_201, [column])
        assert [row["value"] for row in found["variants"]] == wanted[column].tolist()
        assert [row["pos"] for row in found["variants"]] == [1104061, 1104061, 1104200]
        named = [row["task"] is not None for row in found["variants"]]
        assert all(named) == (column == "max_abs")


def test_filters_and_top(client: TestClient, model: Model) -> None:
    def ask(**fields: object) -> dict[str, float]:
        body = {"sequence": SEQUENCES["exact"], **fields}
        found: dict[str, float] = client.post("/predictions_for_sequence", json=body).json()
        return found["predictions"]  # type: ignore[return-value]

    everything = ask()
    facts = model.tasks.set_index("task")
    assert list(ask(tasks=["K562.CTCF*", "A549.CTCF.DREAM"])) == [
        "K562.CTCF.DREAM",
        "A549.CTCF.DREAM",
    ]
    chosen = ask(assays=["TF*"], biosamples=["HepG2", "K562"], top=5)
    fitting = facts[(facts["assay"] == "TF ChIP-seq") & facts["biosample"].isin(["HepG2", "K562"])]
    ranked = sorted(fitting.index, key=lambda task: -everything[task])[:5]
    assert chosen == {task: everything[task] for task in ranked}
    assert list(chosen) == ranked


@pytest.mark.parametrize("kind", [ARROW, PARQUET])
def test_tables(kind: str, client: TestClient, model: Model) -> None:
    body = {"sequences": SEQUENCES, "genome_tail": True}
    answer = client.post("/predictions_for_sequences", json=body, headers={"Accept": kind})
    assert answer.headers["content-type"] == kind
    read = pq.read_table if kind == PARQUET else lambda file: pa.ipc.open_stream(file).read_all()
    found = read(io.BytesIO(answer.content))
    assert found.schema.metadata[b"model"] == b"demo"
    table = found.to_pandas()
    for column, wanted in (
        ("prediction", model.predict(SEQUENCES)),
        ("genome_tail", model.genome_tail(SEQUENCES)),
    ):
        wide = table.pivot(index="name", columns="task", values=column)
        np.testing.assert_array_equal(wide.loc[wanted.index, wanted.columns], wanted)


def test_what_was_asked_before_is_remembered(client: TestClient) -> None:
    def remembered() -> float:
        text = client.get("/metrics").text
        line = next(
            one for one in text.splitlines() if one.startswith("nucleotides_cached_requests_total")
        )
        return float(line.split()[-1])

    body = {"sequence": sequence(1000, 77)}
    first, before = client.post("/predictions_for_sequence", json=body).json(), remembered()
    assert client.post("/predictions_for_sequence", json=body).json() == first
    assert remembered() == before + 1
    other = client.post("/predictions_for_sequence", json=body | {"recalibrated": True}).json()
    assert other != first
