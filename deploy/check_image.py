"""Build the Dockerfile where no container engine runs, serve from what it gives, and measure it.

    make docker-check MODEL=demo/model GENOME=demo/data/genome

Needs root on a Debian machine with the packages buildah and debootstrap. No registry of images is
asked: Debian bookworm with its own Python, made by debootstrap, stands for the image that the
Dockerfile begins with. buildah reads the Dockerfile and runs its steps by chroot; run_image.py runs
what comes out of that. This machine's settings of pip and certificates are lent to the build, and
are not in the image. Everything is kept in one folder, which is removed at the end.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
DOCKERFILE = ROOT / "Dockerfile"
NAME = "localhost/nucleotides:check"
BASE_HAS = "ca-certificates,python3,python3-venv,python-is-python3"
# What Debian's slim images leave out, too.
NOT_IN_SLIM = (
    "usr/share/doc",
    "usr/share/man",
    "usr/share/locale",
    "var/cache/apt",
    "var/lib/apt/lists",
)
NAMESPACES = ("--mount", "--mount-proc", "--pid", "--net", "--fork", "--kill-child")
N_PARTS = 12


@dataclass(frozen=True)
class Buildah:
    """buildah, with all that it keeps in one folder."""

    folder: Path

    def __call__(self, *words: object, quiet: bool = False) -> str:
        """What a command of buildah prints; its log goes to standard error unless `quiet`."""
        places = ["--root", self.folder / "storage", "--runroot", self.folder / "run"]
        command = ["buildah", *places, "--storage-driver", "overlay", *words]
        log = subprocess.DEVNULL if quiet else None
        done = subprocess.run(list(map(str, command)), check=True, stdout=-1, stderr=log, text=True)
        return done.stdout.strip()


def main() -> None:
    """Build, run, measure, remove."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--model", type=Path, default=ROOT / "demo/model")
    asked.add_argument("--genome", type=Path, default=ROOT / "demo/data/genome")
    asked.add_argument("--torch-index", help="in place of the Dockerfile's")
    asked.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "docker-check")
    given = asked.parse_args()
    for path in (given.model, given.genome):
        if not path.is_dir():
            sys.exit(f"{path} is not there: run `make demo`, or name another one")
    buildah = Buildah(given.scratch)
    if (given.scratch / "storage").is_dir():  # of a check that was killed
        remove(buildah)
    given.scratch.mkdir(parents=True)
    try:
        make_base(buildah)
        build(buildah, given.torch_index)
        container = buildah("from", "--pull-never", NAME)
        root = Path(buildah("mount", container))
        tell_sizes(root)
        serve(buildah, root, given.model.resolve(), given.genome.resolve())
    finally:
        remove(buildah)


def make_base(buildah: Buildah) -> None:
    """Debian with Python, under the name that the Dockerfile begins with."""
    container = buildah("from", "scratch")
    base = buildah("mount", container)
    made = ["debootstrap", "--variant=minbase", f"--include={BASE_HAS}", "bookworm", base]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
    for folder in NOT_IN_SLIM:
        shutil.rmtree(Path(base) / folder)
    sys.stdout.write(f"Debian's bookworm in place of {base_name()}: {megabytes(base)} MB\n")
    buildah("umount", container)
    buildah("commit", "--quiet", "--rm", container, f"docker.io/library/{base_name()}")


def base_name() -> str:
    """The image that the Dockerfile begins with."""
    found = re.search(r"^ARG PYTHON_IMAGE=(\S+)$", DOCKERFILE.read_text(encoding="utf-8"), re.M)
    assert found, "the Dockerfile names no PYTHON_IMAGE"
    return found[1]


def build(buildah: Buildah, torch_index: str | None) -> None:
    """All stages, with what this machine's pip needs mounted while they run."""
    settings = buildah.folder / "pip.conf"
    settings.write_text(settings_of_pip(), encoding="utf-8")
    lent = [(settings, "/etc/pip.conf"), ("/etc/ssl/certs", "/etc/ssl/certs")]
    text = settings.read_text(encoding="utf-8")
    # A folder of wheels; an index's pages, which point to files beside their folder.
    paths = set(re.findall(r"(?:=|\s) ?(/[\w/.-]+)", text))
    paths |= {str(Path(one).parent) for one in re.findall(r"file://(/[\w/.-]+)", text)}
    lent += [(path, path) for path in sorted(paths) if Path(path).is_dir()]
    words = [f"--volume={here}:{there}:ro" for here, there in lent]
    if torch_index:
        words.append(f"--build-arg=TORCH_INDEX={torch_index}")
    how = ("--pull-never", "--isolation=chroot", "--format=docker", "--layers=false")
    sys.stderr.write(buildah("bud", *how, *words, "--tag", NAME, ROOT) + "\n")


def settings_of_pip() -> str:
    """pip's settings here, from files and variables alike, as one file."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], check=True, stdout=-1, text=True
    )
    known: dict[str, str] = {}
    for line in listed.stdout.splitlines():
        name, _, value = line.partition("=")
        section, _, key = name.rpartition(".")
        if section in ("global", ":env:") and key not in ("constraint", "config-file"):
            known[key] = value.strip("'").replace("\\n", " ")
    return "[global]\n" + "".join(f"{key} = {value}\n" for key, value in known.items())


def tell_sizes(root: Path) -> None:
    """Size of the image's files, and of the largest parts."""
    site = next((root / "opt/nucleotides/lib").glob("python3*/site-packages"))
    sizes = sorted(((megabytes(part), part.name) for part in site.iterdir()), reverse=True)
    environment = megabytes(root / "opt/nucleotides")
    sys.stdout.write(f"image: {megabytes(root)} MB, of which /opt/nucleotides {environment} MB\n")
    sys.stdout.writelines(f"{size:8} MB  {name}\n" for size, name in sizes[:N_PARTS])


def serve(buildah: Buildah, root: Path, model: Path, genome: Path) -> None:
    """Run the image and print the figures."""
    image = json.loads(buildah("inspect", "--type", "image", NAME))
    config = buildah.folder / "config.json"
    config.write_text(json.dumps(image["Docker"]["config"]), encoding="utf-8")
    given = {"root": root, "config": config, "state": buildah.folder / "state"}
    given |= {"model": model, "genome": genome}
    options = [f"--{name}={value}" for name, value in given.items()]
    script = str(Path(__file__).with_name("run_image.py"))
    command = ["unshare", *NAMESPACES, sys.executable, script, *options]
    done = subprocess.run(command, check=True, stdout=-1, text=True, cwd=ROOT)
    tell_figures(json.loads(done.stdout.splitlines()[-1]))


def tell_figures(figures: dict[str, dict[str, Any]]) -> None:
    """One line a figure."""
    for where, known in figures.items():
        sys.stdout.write(f"model {where}:\n")
        sys.stdout.writelines(f"{value:12.4g}  {name}\n" for name, value in known.items())


def megabytes(folder: Path | str) -> int:
    """Size of the files of `folder`, each counted once."""
    words = ["du", "--apparent-size", "-x", "-s", "-B1", str(folder)]
    done = subprocess.run(words, check=True, stdout=-1, text=True)
    return int(done.stdout.split()[0]) // 1_000_000


def remove(buildah: Buildah) -> None:
    """Unmount first; then remove, of this file system only."""
    buildah("umount", "--all", quiet=True)
    buildah("rm", "--all", quiet=True)
    buildah("rmi", "--all", "--force", quiet=True)
    mounts = Path("/proc/mounts").read_text(encoding="utf-8")
    below = [line.split()[1] for line in mounts.splitlines() if f"{buildah.folder}/" in line]
    for place in reversed(below):
        subprocess.run(["umount", place], check=True)
    subprocess.run(["rm", "-rf", "--one-file-system", str(buildah.folder)], check=True)


if __name__ == "__main__":
    main()
