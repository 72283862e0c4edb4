"""Progress: lines in a log by a made-up clock, a bar on a made-up terminal."""

from __future__ import annotations

import io
import sys

import pytest

from nucleotides.progress import Transfer, said_by, say, track


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_has_files_bytes_rate_and_time_left(clock: Clock) -> None:
    shown = Transfer("fetching", 1200, 10_000_000, clock=clock)
    assert shown.line() == "fetching: 0/1,200 files, 0 B of 10.0 MB, 0 B/s"
    clock.now += 4
    shown.arrived(2_000_000)
    shown.finished()
    assert shown.line() == "fetching: 1/1,200 files, 2.0 MB of 10.0 MB, 500.0 kB/s, 16 s left"
    clock.now += 6
    assert shown.line(at_end=True) == "fetching: 1 file, 2.0 MB, 200.0 kB/s, 10 s"
    assert shown.seconds == 10


def test_what_was_there_is_no_part_of_the_rate(clock: Clock) -> None:
    shown = Transfer("fetching", 2, 10_000, clock=clock)
    shown.arrived(5_000, new=False)
    assert shown.fetched == 0
    clock.now += 1
    shown.arrived(1_000)
    assert shown.line() == "fetching: 0/2 files, 6.0 kB of 10.0 kB, 1.0 kB/s, 4 s left"


def test_what_is_thrown_away_came_all_the_same(clock: Clock) -> None:
    shown = Transfer("fetching", 2, 10_000, clock=clock)
    clock.now += 1
    shown.arrived(1_000)
    shown.arrived(-1_000)
    shown.arrived(500)
    assert shown.fetched == 1_500
    assert shown.line() == "fetching: 0/2 files, 500 B of 10.0 kB, 1.5 kB/s, 6 s left"


def test_an_unknown_total(clock: Clock) -> None:
    shown = Transfer("metadata", 1, None, clock=clock)
    clock.now += 2
    shown.arrived(3_000_000)
    assert shown.line() == "metadata: 0/1 files, 3.0 MB, 1.5 MB/s"


def test_more_than_the_total_leaves_no_time(clock: Clock) -> None:
    shown = Transfer("fetching", 1, 100, clock=clock)
    clock.now += 1
    shown.arrived(200)
    assert shown.line().endswith(", 0 s left")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_234_567, "1.2 MB"),
        (999_999, "1.0 MB"), (2.5e9, "2.5 GB"), (3e12, "3.0 TB"), (4e15, "4,000.0 TB"),
    ],
)  # fmt: skip
def test_units(number: float, text: str, clock: Clock) -> None:
    shown = Transfer("x", 1, None, clock=clock)
    shown.arrived(int(number), new=False)
    assert shown.line() == f"x: 0/1 files, {text}, 0 B/s"


def test_a_log_gets_a_line_every_ten_seconds(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with Transfer("fetching", 3, 3000, clock=clock) as shown:
        for _ in range(30):
            clock.now += 1
            shown.arrived(100)
        shown.finished()
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "fetching: 0/3 files, 1.1 kB of 3.0 kB, 100 B/s, 19 s left",
        "fetching: 0/3 files, 2.2 kB of 3.0 kB, 100 B/s, 8 s left",
        "fetching: 1 file, 3.0 kB, 100 B/s, 30 s",
    ]


def test_the_end_is_told_after_an_error(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> None:
        with Transfer("fetching", 3, None, clock=clock) as shown:
            shown.arrived(100)
            clock.now += 2
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert capsys.readouterr().err == "fetching: 0 files, 100 B, 50 B/s, 2 s\n"


@pytest.mark.parametrize("total", [10_000, None])
def test_a_terminal_gets_a_bar(
    total: int | None, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with Transfer("fetching", 3, total, clock=clock) as shown:
        shown.arrived(4_000, new=False)
        shown.arrived(6_000)
        shown.finished()
        clock.now += 1
    text = terminal.getvalue()
    assert "fetching" in text
    assert "1/3 files" in text
    assert ("10.0/10.0 kB" in text) == (total is not None)
    assert text.endswith("fetching: 1 file, 10.0 kB, 6.0 kB/s, 1 s\n")


def test_nothing_is_said_where_nothing_came(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    """As of a process that waited while another fetched the same."""
    with Transfer("fetching", 3, 10, clock=clock):
        pass
    assert capsys.readouterr().err == ""


def test_lines_are_handed_to_a_speaker_and_there_is_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, heard = Terminal(), list[str]()
    monkeypatch.setattr(sys, "stderr", terminal)
    with said_by(heard.append):
        say("hello")
        assert list(track([1, 2], "counting")) == [1, 2]
    assert heard[0] == "hello"
    assert heard[1].startswith("counting: 2 in ")
    assert terminal.getvalue() == ""
    say("aloud")
    assert terminal.getvalue() == "aloud\n"
