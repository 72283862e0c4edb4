"""What can go wrong, as a tree.

    NucleotidesError                 every error that this package raises on purpose
    |-- InputError                   a file or value given by the user is wrong
    |   |-- FastaError               a FASTA that cannot be read as sequence
    |   |-- PeakFileError            a peak file that cannot be read as intervals
    |   |-- MotifFileError           a motif file that cannot be read as matrices
    |   |-- MetadataError            a metadata table, cart or list that cannot be read as one
    |   |-- PolicyError              a selection policy with a key or value that means nothing
    |   |-- UntrustedCodeError       a model whose code would have to be run to open it
    |   |-- CoordinateError          an interval, position or variant that cannot exist
    |   `-- UnknownNameError         a contig, task, setting, model or loss nobody knows
    |-- SettingsError                settings that contradict each other or the machine
    |-- StoreError                   a genome or target store that cannot be used
    |   |-- StaleStoreError          a store made from a file that has changed since
    |   `-- CorruptStoreError        a store whose bytes are not what was written
    |-- MismatchError                two things that do not belong together, as tasks and model
    |-- DownloadError                something that could not be fetched, or not whole
    |-- UploadError                  something that could not be sent, or not whole
    |-- BusyError                    another process is writing there
    |-- MissingDependencyError       an optional package that is not installed
    |-- OutOfSpaceError              the disk is full
    `-- ServiceError                 a server does not fulfil a request
        |-- NotServedError           it lacks what that takes
        |-- OverloadedError          it has too much to do
        |-- TooLateError             the time for it is up
        |-- TooLargeError            it is larger than the server takes
        |-- NoSuchJobError           there is no such job, or not for who asks
        |-- NoResultError            a job has no result, or none yet
        `-- RefusedError             who asks has not shown a key that counts

Every message says what is wrong, where, and what to do. The command line prints it
without a traceback and exits with `exit_code`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable


def printable(text: str) -> str:
    """A message in which what a terminal would obey, or not show, is written out, as in `repr`.

    Names in files may come from anyone. Line ends and tabs stay.
    """
    if text.isprintable():
        return text
    kept = {"\n", "\t"}
    return "".join(c if c.isprintable() or c in kept else repr(c)[1:-1] for c in text)


class NucleotidesError(Exception):
    """Base of every error raised on purpose; its message can be shown on a terminal."""

    exit_code = 1

    def __str__(self) -> str:
        return printable(super().__str__())


class InputError(NucleotidesError, ValueError):
    """A file or value given by the user is wrong."""

    exit_code = 2


class FastaError(InputError):
    """A FASTA that cannot be read as sequence."""


class PeakFileError(InputError):
    """A peak file that cannot be read as intervals."""


class MotifFileError(InputError):
    """A motif file that cannot be read as matrices."""


class MetadataError(InputError):
    """A metadata table, a cart's files.txt or a list of accessions that cannot be read as one."""


class PolicyError(InputError):
    """A selection policy with a key or value that means nothing."""


class UntrustedCodeError(InputError):
    """A model whose code would have to be run to open it, which nobody allowed."""


class CoordinateError(InputError):
    """An interval, position or variant that cannot exist."""


class UnknownNameError(InputError, KeyError):
    """A name nobody knows; the message suggests the nearest known one."""

    def __init__(self, kind: str, name: str, known: Iterable[str], hint: str = "") -> None:
        known = list(known)
        near = nearest(name, known)
        text = f"unknown {kind} '{name}'"
        if near:
            text += f"; did you mean '{near}'?"
        elif known:
            shown = ", ".join(known[:10]) + (", ..." if len(known) > 10 else "")
            text += f"; known: {shown}"
        super().__init__(f"{text} {hint}".rstrip())

    def __str__(self) -> str:
        return printable(str(self.args[0]))


class SettingsError(NucleotidesError):
    """Settings that contradict each other or the machine."""

    exit_code = 2


class StoreError(NucleotidesError):
    """A genome or target store that cannot be used."""

    exit_code = 3


class StaleStoreError(StoreError):
    """A store made from a file that has changed since."""


class CorruptStoreError(StoreError):
    """A store whose bytes are not what was written."""


class MismatchError(NucleotidesError):
    """Two things that do not belong together, such as a task list and a checkpoint."""

    exit_code = 2


class DownloadError(NucleotidesError):
    """Something that could not be fetched, or not whole; what is complete is kept."""

    exit_code = 5


class UploadError(NucleotidesError):
    """Something that could not be sent, or not whole; what is complete is kept."""

    exit_code = 5


class BusyError(NucleotidesError):
    """Another process is writing there."""

    exit_code = 6


class MissingDependencyError(NucleotidesError, ImportError):
    """An optional package is not installed; the message names the extra that brings it."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed: pip install 'nucleotides[{extra}]'")


class OutOfSpaceError(NucleotidesError, OSError):
    """The disk is full; what was there before is unchanged."""

    exit_code = 4


class ServiceError(NucleotidesError):
    """A server does not fulfil a request."""

    exit_code = 7


class NotServedError(ServiceError):
    """The server lacks what it takes: a model, a genome, a background."""


class OverloadedError(ServiceError):
    """The server has too much to do; `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TooLateError(ServiceError):
    """The time that a request may take is up."""


class TooLargeError(ServiceError):
    """A request is larger than the server takes."""


class NoSuchJobError(ServiceError):
    """There is no such job, or it is another key's."""

    @classmethod
    def named(cls, name: str) -> NoSuchJobError:
        """The error of a job's id."""
        return cls(
            f"no job {name[:40]}: it never was, is another key's, or was removed (results are kept "
            "for a time, and while there is room)"
        )


class NoResultError(ServiceError):
    """A job has no result, or none yet."""


class RefusedError(ServiceError):
    """Who asks has not shown a key that counts."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, regardless of case, or None if none is near.

    If none is, one that begins much like it, as a task without its accession; or the one whose
    words begin with its letters, `ig` being `integrated_gradients`.
    """
    by_lower = {candidate.lower(): candidate for candidate in known}
    short = name.lower()
    found = difflib.get_close_matches(short, by_lower, n=1, cutoff=0.6)
    if not found and len(short) >= _ENOUGH:
        begins = {candidate[: len(short)]: candidate for candidate in reversed(by_lower)}
        alike = difflib.get_close_matches(short, begins, n=1, cutoff=0.75)
        found = [begins[one] for one in alike]
    if not found and len(short) > 1:
        found = [one for one in by_lower if short == "".join(_FIRST_LETTERS.findall(one))][:1]
    return by_lower[found[0]] if found else None


_ENOUGH = 4
_FIRST_LETTERS = re.compile(r"(?<![a-z0-9])[a-z0-9]")
