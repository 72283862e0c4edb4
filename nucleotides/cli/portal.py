"""`nucleotides portal`: a portal of one's own, to try pre-processing without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer


def portal(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Folder with metadata/dnase.tsv, metadata/chip.tsv and files/. "
            "[default: the demo's experiments, in a temporary folder]",
            show_default=False,
        ),
    ] = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 for any that is free.")] = 0,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:KIND[:TIMES[:VALUE]]",
            help="What goes wrong, as ENCFF199YFA:truncate:2 or *:503:5:1; KIND: 429, 500, 503, "
            "403, 404, page, redirect_loop, truncate, wrong_bytes, too_long, too_short, stall, "
            "drip, ignore_range, changed; of the tables dnase.tsv and chip.tsv one_line, cut, "
            "table_page.",
        ),
    ] = None,
) -> None:
    """Serve the ENCODE portal's paths on loopback: metadata tables, files, faults on demand.

    For trying `nucleotides pre-process` without a network, and for testing it. Ctrl-C ends it.
    """
    import tempfile

    from nucleotides.demo.files import FASTA, PEAKS
    from nucleotides.errors import InputError
    from nucleotides.portal.demo import build_demo_portal
    from nucleotides.portal.faults import Fault, Faults
    from nucleotides.portal.server import Portal

    faults = Faults([Fault.parse(text) for text in fault or []])
    with tempfile.TemporaryDirectory() as temporary:
        if folder is None:
            folder = Path(temporary) / "portal"
            build_demo_portal(folder, PEAKS, FASTA)
        elif not (folder / "metadata").is_dir() or not (folder / "files").is_dir():
            raise InputError(f"{folder} needs the folders metadata and files")
        _check_names(faults.names(), folder)
        with _until_ended() as wait, Portal(folder, port, faults) as serving:
            typer.echo(f"serving {folder} at {serving.url} (Ctrl-C ends it); try")
            typer.echo(
                f"  NUCLEOTIDES_ENCODE_BASE_URL={serving.url} NUCLEOTIDES_TOP_DIR=portal-trial "
                "NUCLEOTIDES_BLACKLIST_URL=none nucleotides pre-process"
            )
            wait()


def _check_names(names: list[str], folder: Path) -> None:
    from nucleotides.errors import UnknownNameError

    served = {path.name for part in ("metadata", "files") for path in (folder / part).iterdir()}
    known = served | {name.partition(".")[0] for name in served}
    for name in names:
        if name != "*" and name not in known:
            raise UnknownNameError("file of the portal", name, known, "(in --fault)")


@contextmanager
def _until_ended() -> Iterator[Callable[[], object]]:
    """A function that waits for Ctrl-C or SIGTERM; from here on neither interrupts or is lost."""
    import signal

    ends = {signal.SIGINT, signal.SIGTERM}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    try:
        yield lambda: signal.sigwait(ends)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
