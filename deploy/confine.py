"""An image that lies unpacked, and its programs as a container engine would run them.

The root is read-only; /tmp is in memory; the image's volumes are folders; programs run with the
image's environment, user and working directory, and cannot gain privileges.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any


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


def _call(*words: object) -> None:
    subprocess.run([str(word) for word in words], check=True)
