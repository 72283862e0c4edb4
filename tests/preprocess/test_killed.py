"""Killed at random moments of a whole run, from the first question to the last file."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import numpy as np
import pytest

from nucleotides.portal.server import Portal
from tests import toy
from tests.cli.stop import Stopper
from tests.preprocess.conftest import User

TIMES = 20
NOT_COMPARED = ("preprocessing.log", "lock.json", "rate.json", "downloads.jsonl", "GRCh38.store")


def final(user: User) -> dict[str, bytes]:
    """Files of a finished run whose bytes say neither time nor rate."""
    files = toy.listing(user.top)
    return {
        name: content
        for name, content in files.items()
        if "/metadata/" not in name and not any(part in name for part in NOT_COMPARED)
    }


@pytest.mark.parametrize("kind", ["calls", "files"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_stopped_anywhere_and_run_again(number: int, kind: str, user: User, portal: Portal) -> None:
    stopper = Stopper(user.top.parent, "--validation", "chr1:0-2000", "--test", "chr2")
    assert stopper.run("here")["code"] == 0
    undisturbed = final(user)
    shutil.rmtree(user.top)
    whole = stopper.run(kind)
    assert whole["code"] == 0
    assert final(user) == undisturbed
    times = TIMES // 2 if number == signal.SIGKILL else 4
    moments = np.random.default_rng([number, len(kind)]).integers(1, whole["steps"], times)
    stopped = 0
    for moment in map(int, moments):
        shutil.rmtree(user.top, ignore_errors=True)
        answer = stopper.run(kind, moment, number)
        stopped += answer["code"] != 0
        complete = {path.name for path in user.downloads.glob("*.bed.gz")}
        reference = (user.data / "genomes" / "GRCh38.fasta.gz").exists()
        portal.requests.clear()
        assert stopper.run()["code"] == 0
        assert final(user) == undisturbed, moment
        again = {Path(asked.path).name for asked in portal.requests if asked.sent}
        assert not again & complete, moment
        assert not (reference and any("fasta" in name for name in again)), moment
        assert list(user.top.rglob(".*")) == [], moment
    assert stopped > times // 2
    stopper.close()
