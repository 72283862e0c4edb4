"""Run an image's commands as a container engine would, and compare what its server answers.

Run by check_image.py, as root, in mount, process and network namespaces of its own:

    unshare --mount --mount-proc --pid --net --fork --kill-child python deploy/run_image.py ...

Loopback is the only network. Namespaces end with their first process, and with them all mounts
and servers. confine.py says how commands are run.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
from confine import Image, mount_all
from stand_in import environment_of, services, store_of, until

ADDRESS = "http://127.0.0.1:8893"
N_PREDICTIONS = 100
# Of several kinds, as packages are trimmed in the image; a.bed and a.vcf are made in its /data.
AT = "--model /model --genome /genome"
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
COMMANDS = (
    "--help",
    "doctor",
    "train --help",
    f"predict --bed a.bed {AT} --out a.parquet",
    f"variants a.vcf {AT} --out a.h5",
    f"explain --bed a.bed {AT} --out explained",
)


def main() -> None:
    """Serve a model from a folder, and from a store as compose.yaml says; print figures as JSON."""
    asked = argparse.ArgumentParser()
    for name in ("root", "config", "state", "model", "genome"):
        asked.add_argument(f"--{name}", type=Path, required=True)
    given = asked.parse_args()
    image = Image(given.root, json.loads(given.config.read_text(encoding="utf-8")))
    mount_all(image, given.state, {"model": given.model, "genome": given.genome})
    assert image.run(["touch", "/opt/nucleotides/new"]) != 0, "the root can be written to"
    run_commands(image, given.genome, given.state / "data")
    known = services()
    deployed = environment_of(known["server"])
    threads = {"OMP_NUM_THREADS": deployed["OMP_NUM_THREADS"]}
    os.environ.update(threads)  # bits depend on their number
    sequences = draw_sequences(given.model, N_PREDICTIONS)
    expected = predict_here(given.model, sequences)
    local = {"NUCLEOTIDES_MODELS": "model=/model", "NUCLEOTIDES_GENOME_STORE": "/genome"}
    figures = {"from a folder": serve_and_compare(image, local | threads, sequences, expected)}
    with store_of(known):
        upload = image.start(known["upload"]["command"], **environment_of(known["upload"]))
        assert upload.wait() == 0, "upload-model failed"
        figures["from a store"] = serve_and_compare(image, deployed, sequences, expected)
    sys.stdout.write(json.dumps(figures) + "\n")


def run_commands(image: Image, genome: Path, data: Path) -> None:
    """COMMANDS, on a place of the genome."""
    from nucleotides.genome import GenomeStore

    contig, length = next(iter(GenomeStore.open(genome).contigs.items()))
    (data / "a.bed").write_text(f"{contig}\t{length // 2}\t{length // 2 + 1}\n", encoding="utf-8")
    record = f"{contig}\t{length // 2}\t.\tA\tC\t.\t.\t."
    (data / "a.vcf").write_text(f"##fileformat=VCFv4.2\n{COLUMNS}\n{record}\n", encoding="utf-8")
    for command in COMMANDS:
        assert image.start(command.split()).wait() == 0, f"`nucleotides {command}` failed"


def serve_and_compare(
    image: Image, environment: dict[str, str], sequences: list[str], expected: Any
) -> dict[str, float]:
    """Start a server, ask it, stop it; figures of it, by unit and name."""
    server = image.start([], **environment)
    began = time.monotonic()
    until(server, image.is_healthy)
    healthy = time.monotonic() - began
    until(server, lambda: ask("/ready")["ready"])
    figures = {"s to healthy": healthy, "s to ready": time.monotonic() - began}
    figures["MB at rest"] = memory_of_all(image)
    answers = [ask("/predictions_for_sequence", sequence=one)["predictions"] for one in sequences]
    off = max(abs(a[t] - e[t]) for a, e in zip(answers, expected, strict=True) for t in e)
    figures[f"MB after {len(sequences)} predictions"] = memory_of_all(image)
    figures["the largest difference to the Python API"] = off
    server.terminate()
    server.wait(timeout=90)
    assert off < 1e-6, f"predictions are off the Python API's by {off:g}"
    return figures


def ask(path: str, **body: Any) -> Any:
    """The server's answer."""
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(ADDRESS + path, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def memory_of_all(image: Image) -> float:
    """Memory of the image's processes, shared pages shared out between them (PSS), in MB."""
    all_processes = Path("/proc").glob("[0-9]*")
    ours = [one for one in all_processes if (one / "root").readlink() == image.root]
    rolled_up = [(one / "smaps_rollup").read_text(encoding="ascii") for one in ours]
    return sum(int(text.partition("\nPss:")[2].split()[0]) for text in rolled_up) * 1024 / 1e6


def draw_sequences(model: Path, number: int) -> list[str]:
    """Random sequences of the model's length, the same every time."""
    length = json.loads((model / "manifest.json").read_text(encoding="utf-8"))["sequence_length"]
    letters = np.random.default_rng(0).choice(list("ACGT"), (number, length))
    return ["".join(row) for row in letters]


def predict_here(model: Path, sequences: list[str]) -> list[dict[str, float]]:
    """What the Python API of this checkout says, by sequence and task."""
    import nucleotides

    table = nucleotides.load(str(model)).predict(sequences)
    return [dict(row) for _, row in table.iterrows()]


if __name__ == "__main__":
    main()
