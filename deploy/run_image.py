"""Run an image's commands as a container engine would, and compare what its server answers.

Run by check_image.py, as root, in mount, process and network namespaces of its own:

    unshare --mount --mount-proc --pid --net --fork --kill-child python deploy/run_image.py ...

The image's root is read-only; /tmp is in memory; the image's volumes are folders; commands run with
the image's environment, user and working directory, and cannot gain privileges. Loopback is the
only network. Namespaces end with their first process, and with them all mounts and servers.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

COMPOSE = Path(__file__).parent / "compose.yaml"
ADDRESS = "http://127.0.0.1:8893"
PATIENCE = 600.0  # seconds for a server to be well
N_PREDICTIONS = 100


@dataclass(frozen=True)
class Image:
    """An image that lies unpacked.

    Attributes:
        root: its root file system.
        config: `Env`, `User`, `WorkingDir`, `Volumes`, `Entrypoint`, `Cmd`, `Healthcheck`, as OCI
            and Docker have them.
    """

    root: Path
    config: dict[str, Any]

    def start(self, command: list[str], **environment: str) -> subprocess.Popen[bytes]:
        """The command, or the image's own if that is empty, after the entry point."""
        return self._start(self.config["Entrypoint"] + (command or self.config["Cmd"]), environment)

    def run(self, words: list[str], **environment: str) -> int:
        """Exit status of a program of the image."""
        return self._start(words, environment).wait()

    def is_healthy(self) -> bool:
        """Whether the image's own health check succeeds."""
        kind, *words = self.config["Healthcheck"]["Test"]
        assert kind == "CMD", "a health check needs no shell"
        return self._start(words, {}, stderr=subprocess.DEVNULL).wait() == 0

    def _start(
        self, words: list[str], environment: dict[str, str], **popen: Any
    ) -> subprocess.Popen[bytes]:
        user = self.config["User"]
        group = user.partition(":")[2] or "0"
        confined = [
            "setpriv",
            "--no-new-privs",
            "chroot",
            f"--userspec={user}",
            f"--groups={group}",
        ]
        confined += [str(self.root), "env", "-C", self.config["WorkingDir"] or "/"]
        known = dict(pair.split("=", 1) for pair in self.config["Env"])
        return subprocess.Popen(confined + words, env=known | environment, **popen)


def main() -> None:
    """Serve a model from a folder, and from a store as compose.yaml says; print figures as JSON."""
    asked = argparse.ArgumentParser()
    for name in ("root", "config", "state", "model", "genome"):
        asked.add_argument(f"--{name}", type=Path, required=True)
    given = asked.parse_args()
    image = Image(given.root, json.loads(given.config.read_text(encoding="utf-8")))
    mount_all(image, given.state, {"model": given.model, "genome": given.genome})
    assert image.run(["touch", "/opt/nucleotides/new"]) != 0, "the root can be written to"
    sequences = draw_sequences(given.model, N_PREDICTIONS)
    expected = predict_here(given.model, sequences)
    local = {"NUCLEOTIDES_MODELS": "model=/model", "NUCLEOTIDES_GENOME_STORE": "/genome"}
    figures = {"from a folder": serve_and_compare(image, local, sequences, expected)}
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    with store_of(services):
        upload = image.start(services["upload"]["command"], **environment_of(services["upload"]))
        assert upload.wait() == 0, "upload-model failed"
        deployed = environment_of(services["server"])
        figures["from a store"] = serve_and_compare(image, deployed, sequences, expected)
    sys.stdout.write(json.dumps(figures) + "\n")


def mount_all(image: Image, state: Path, given: dict[str, Path]) -> None:
    """The root read-only; what an engine mounts into it; `given` folders by name, read-only too."""
    root = image.root
    for name in given:
        (root / name).mkdir(exist_ok=True)
    _call("mount", "--bind", root, root)
    _call("mount", "-o", "remount,bind,ro", root)
    _call("mount", "--rbind", "/dev", root / "dev")
    _call("mount", "-t", "proc", "proc", root / "proc")
    _call("mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", root / "tmp")
    for volume in image.config["Volumes"]:
        folder = state / volume.strip("/")
        folder.mkdir(parents=True)
        os.chown(folder, *map(int, image.config["User"].split(":")))
        _call("mount", "--bind", folder, root / volume.strip("/"))
    for name, path in given.items():
        _call("mount", "--bind", path, root / name)
        _call("mount", "-o", "remount,bind,ro", root / name)
    hosts = state / "hosts"
    hosts.write_text("127.0.0.1 localhost store\n", encoding="utf-8")
    for place in (root / "etc/hosts", Path("/etc/hosts")):
        _call("mount", "--bind", hosts, place)
    _call("ip", "link", "set", "lo", "up")


def serve_and_compare(
    image: Image, environment: dict[str, str], sequences: list[str], expected: Any
) -> dict[str, float]:
    """Start a server, ask it, stop it; figures of it, times in seconds, sizes in MB."""
    server = image.start([], **environment)
    began = time.monotonic()
    until(server, image.is_healthy)
    healthy = time.monotonic() - began
    until(server, lambda: ask("/ready")["ready"])
    ready, at_rest = time.monotonic() - began, memory_of_all(image)
    answers = [ask("/predictions_for_sequence", sequence=one)["predictions"] for one in sequences]
    off = max(abs(a[t] - e[t]) for a, e in zip(answers, expected, strict=True) for t in e)
    figures = {"healthy": healthy, "ready": ready, "at rest": at_rest, "off": off}
    figures["after predictions"] = memory_of_all(image)
    server.terminate()
    figures["exit status"] = server.wait(timeout=90)
    assert off < 1e-6, f"predictions are off the Python API's by {off:g}"
    return figures


def until(server: subprocess.Popen[bytes], is_so: Any) -> None:
    """Wait for a server to be so, no longer than PATIENCE."""
    began = time.monotonic()
    while True:
        assert server.poll() is None, f"the server stopped with {server.returncode}"
        assert time.monotonic() - began < PATIENCE, "the server is not well in time"
        try:
            if is_so():
                return
        except (OSError, urllib.error.HTTPError):
            pass
        time.sleep(0.2)


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


@contextmanager
def store_of(services: dict[str, Any]) -> Iterator[None]:
    """moto's S3 server in place of compose's store, at its address and with its bucket."""
    address, bucket = _store(environment_of(services["upload"]))
    port = address.rpartition(":")[2]
    moto = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", port],
        stderr=subprocess.DEVNULL,
    )
    try:
        until(moto, lambda: urllib.request.urlopen(address, timeout=5))
        put = urllib.request.Request(f"{address}/{bucket}", method="PUT")
        urllib.request.urlopen(put, timeout=5)
        yield
    finally:
        moto.terminate()
        moto.wait()


def environment_of(service: dict[str, Any]) -> dict[str, str]:
    """Variables of a service of compose.yaml, `${NAME:-default}` by its default."""
    values = {name: str(value) for name, value in service["environment"].items()}
    return {k: v[2:-1].partition(":-")[2] if v.startswith("${") else v for k, v in values.items()}


def _store(environment: dict[str, str]) -> tuple[str, str]:
    bucket = environment["NUCLEOTIDES_DEPLOY_PATH"].removeprefix("s3://").partition("/")[0]
    return environment["NUCLEOTIDES_DEPLOY_ENDPOINT"], bucket


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


def _call(*words: object) -> None:
    subprocess.run([str(word) for word in words], check=True)


if __name__ == "__main__":
    main()
