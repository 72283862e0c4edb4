"""The queue: who has a job, and when another may have it."""

from __future__ import annotations

import os
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nucleotides.errors import NoSuchJobError, OverloadedError, StoreError
from nucleotides.hold import alone_in
from nucleotides.jobs.job import File, Job
from nucleotides.jobs.queue import Limits, Queue
from nucleotides.jobs.tidy import make_room, tidy


def waiting(queue: Queue, owner: str = "", size: int = 0) -> Job:
    job = queue.begin("designs", "m", owner)
    queue.folder_of(job.id).mkdir()
    queue.submit(job.id, size)
    return queue.get(job.id, owner)


def done(queue: Queue, size: int) -> Job:
    job = waiting(queue)
    mine = queue.claim(0)
    assert mine is not None
    queue.finish(mine, [File("a", 1)], size)
    return queue.get(job.id, "")


def test_no_job_is_claimed_twice_or_lost(tmp_path: Path) -> None:
    queue = Queue.open(tmp_path)
    made = {waiting(queue).id for _ in range(20)}
    with ThreadPoolExecutor(8) as pool:
        claimed = [job.id for job in pool.map(queue.claim, range(24)) if job]
    assert sorted(claimed) == sorted(made)
    assert queue.claim(0) is None


def test_who_has_least_at_work_is_next_and_then_the_oldest(tmp_path: Path) -> None:
    queue = Queue.open(tmp_path)
    made = [waiting(queue, owner).id for owner in ("a", "a", "b")]
    order = [queue.claim(slot) for slot in range(3)]
    assert [job.id for job in order if job] == [made[0], made[2], made[1]]


def test_a_lease_ends_and_who_had_it_can_say_no_more(tmp_path: Path) -> None:
    queue = Queue.open(tmp_path, Limits(lease=0.0))
    waiting(queue)
    first = queue.claim(0)
    second = queue.claim(1)
    assert first is not None
    assert second is not None
    assert (second.id, second.attempts) == (first.id, 2)
    assert not queue.beat(first, "x", 1, 2, 3)
    queue.finish(first, [], 0)
    queue.fail(first, "no")
    assert queue.get(first.id, "").state == "running"
    assert queue.beat(second, "x", 1, 2, 3)
    queue.finish(second, [File("f", 5)], 7, "well")
    found = queue.get(first.id, "")
    assert (found.state, found.files, found.size, found.message) == (
        ("done", (File("f", 5),), 7, "well")
    )


def test_with_a_lease_nobody_else_has_it(tmp_path: Path) -> None:
    queue = Queue.open(tmp_path)
    waiting(queue)
    assert queue.claim(0) is not None
    assert queue.claim(1) is None
    queue.release(1)
    assert queue.claim(1) is None
    queue.release(0, told_to_stop=True)
    again = queue.claim(1)
    assert again is not None
    assert again.attempts == 1


def test_versions_grow_with_what_is_new_only(tmp_path: Path) -> None:
    queue = Queue.open(tmp_path)
    waiting(queue)
    job = queue.claim(0)
    assert job is not None
    queue.beat(job, "x", 0, None, 1)
    known = queue.get(job.id, "").version
    queue.beat(job, "x", 0, None, 2)
    assert queue.get(job.id, "").version == known > job.version
    queue.beat(job, "x", 1, None, 2)
    assert queue.get(job.id, "").version == known + 1


def test_jobs_are_seen_by_their_owner_only(tmp_path: Path) -> None:
    queue = Queue.open(tmp_path)
    job = waiting(queue, "a")
    for owner in ("", "b", "A", "a' OR 1=1 --"):
        with pytest.raises(NoSuchJobError, match="another key's"):
            queue.get(job.id, owner)
    assert (tmp_path.stat().st_mode & 0o777) in (0o700, 0o755)


def test_too_many_wait(tmp_path: Path) -> None:
    queue = Queue.open(tmp_path, Limits(waiting=2))
    queue.begin("designs", "m", "")
    waiting(queue)
    with pytest.raises(OverloadedError, match="2 jobs wait"):
        queue.begin("designs", "m", "")
    assert queue.claim(0) is not None
    queue.begin("designs", "m", "")


def test_the_oldest_results_go_first_and_unfinished_work_never(tmp_path: Path) -> None:
    queue = Queue.open(tmp_path, Limits(size=100))
    first, second = done(queue, 40), done(queue, 40)
    unfinished = waiting(queue, size=30)
    assert make_room(queue)
    assert [job.id for job in queue.jobs()] == [second.id, unfinished.id]
    assert not queue.folder_of(first.id).exists()
    assert make_room(queue, 30)
    assert make_room(queue, 70)
    assert [job.id for job in queue.jobs()] == [unfinished.id]
    assert not make_room(queue, 71)


def test_what_is_old_goes(tmp_path: Path) -> None:
    queue = Queue.open(tmp_path, Limits(days=1e-9))
    job = done(queue, 1)
    tidy(queue)
    assert queue.jobs() == []
    assert not queue.folder_of(job.id).exists()


def test_what_nobody_has_goes_unless_somebody_works_in_it(tmp_path: Path) -> None:
    queue = Queue.open(tmp_path, Limits(lease=-1.0))
    (tmp_path / "stray").mkdir()
    late, kept = queue.begin("variants", "m", ""), waiting(queue)
    gone = waiting(queue)
    queue.folder_of(late.id).mkdir()
    queue.cancel(gone.id)
    with alone_in(queue.folder_of(gone.id)):
        tidy(queue)
        assert queue.folder_of(gone.id).exists()
    tidy(queue)
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {kept.id}
    assert [job.id for job in queue.jobs()] == [kept.id, gone.id]


def test_a_queue_of_another_version_or_that_is_none(tmp_path: Path) -> None:
    Queue.open(tmp_path)
    base = sqlite3.connect(tmp_path / "jobs.sqlite")
    base.execute("PRAGMA user_version = 9")
    base.close()
    with pytest.raises(StoreError, match="version 9"):
        Queue.open(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    (other / "jobs.sqlite").write_bytes(os.urandom(9000))
    with pytest.raises(StoreError, match="cannot be opened"):
        Queue.open(other)


def test_what_was_submitted_is_on_disk(tmp_path: Path) -> None:
    job = waiting(Queue.open(tmp_path))
    found = Queue.open(tmp_path).get(job.id, "")
    assert found == job
    assert abs(found.created - time.time()) < 60
