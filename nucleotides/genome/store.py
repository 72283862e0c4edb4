"""The genome store: a FASTA as one byte a base, memory-mapped."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucleotides import __version__
from nucleotides.arrays import open_arrays, save_arrays
from nucleotides.errors import (
    CoordinateError,
    CorruptStoreError,
    StaleStoreError,
    StoreError,
    UnknownNameError,
)
from nucleotides.files import read_manifest, replacing, sha256, write_json
from nucleotides.genome.alphabet import UNKNOWN
from nucleotides.genome.fasta import FastaReader
from nucleotides.genome.gather import gather
from nucleotides.genome.known import UnknownBases
from nucleotides.genome.ranges import Integers, Ranges, merge
from nucleotides.mapped_memory import ArrayFile, let_go
from nucleotides.read_whole import read_whole

FORMAT, VERSION = "nucleotides genome store", 2
_NO_ROOM = np.empty((0, 4, 0), np.float32)


class GenomeStore:
    """All contigs of a FASTA behind one another, as codes A C G T N = 0 1 2 3 4.

    On disk a folder: `codes.u8` (one byte a base), `unknown.safetensors` (runs of N) and
    `manifest.json` (contigs, checksums of the FASTA and of the files). Opening reads no sequence.

    Attributes:
        path: the folder.
        contigs: {name: length}, in the order of the FASTA.
        lengths: of the contigs (n,), int64.
        offsets: of the contigs in `sequence`, and its end (n + 1,), int64.
        sequence: codes of all contigs, uint8, memory-mapped.
        unknown: runs of N in `sequence`.
        sha256: checksum of the FASTA's own bytes.
    """

    def __init__(self, path: Path, manifest: dict[str, Any]) -> None:
        self.path = path
        self.contigs: dict[str, int] = dict(manifest["contigs"])
        self.sha256: str = manifest["sha256"]
        self.fasta = Path(manifest["fasta"])
        self._manifest = manifest
        self._index = {name: i for i, name in enumerate(self.contigs)}
        self.lengths = np.array(list(self.contigs.values()), np.int64)
        self.offsets = np.concatenate([[0], np.cumsum(self.lengths)])
        self.sequence = self._map_codes()
        self.unknown = Ranges(**open_arrays(path / "unknown.safetensors"))
        self._unknown = UnknownBases(self.unknown)
        self._file: ArrayFile | None = None

    @classmethod
    def build(cls, fasta: str | Path, out: str | Path) -> Self:
        """Make a store from a FASTA (plain, gzip or bgzip), replacing the one at `out`.

        Raises:
            FastaError: the FASTA cannot be read; nothing is written.
            OutOfSpaceError: the disk is full; what was at `out` is unchanged.
        """
        fasta, out = Path(fasta).absolute(), Path(out)
        with replacing(out) as folder:
            reader = FastaReader(fasta)
            folder.mkdir()
            lengths, unknown = _write_codes(reader, folder / "codes.u8")
            save_arrays(folder / "unknown.safetensors", unknown._asdict())
            status = fasta.stat()
            manifest = {
                "format": FORMAT,
                "version": VERSION,
                "package": __version__,
                "fasta": str(fasta),
                "fasta_bytes": status.st_size,
                "fasta_mtime_ns": status.st_mtime_ns,
                "sha256": reader.sha256,
                "contigs": lengths,
                "files": {path.name: sha256(path) for path in sorted(folder.iterdir())},
            }
            write_json(folder / "manifest.json", manifest)
        return cls.open(out)

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a store without reading its sequence.

        Raises:
            StoreError: there is no store at `path`, or it is of another version.
            CorruptStoreError: a file of it is missing or has another size than was written.
        """
        path = Path(path)
        return read_whole(path, lambda: cls(path, read_manifest(path, FORMAT, VERSION)))

    @classmethod
    def open_or_build(cls, fasta: str | Path, out: str | Path) -> Self:
        """The store of this very FASTA at `out`: opened if it is there and whole, else made."""
        fasta, out = Path(fasta).absolute(), Path(out)
        with suppress(StoreError):
            store = cls.open(out)
            if store.fasta == fasta and store.is_current():
                return store
        return cls.build(fasta, out)

    def is_current(self) -> bool:
        """Whether the FASTA is still the file that this store was made from.

        Size and time of change are compared first; only if they differ, the checksum.
        """
        if not self.fasta.exists():
            return True
        status, manifest = self.fasta.stat(), self._manifest
        if (status.st_size, status.st_mtime_ns) == (
            manifest["fasta_bytes"],
            manifest["fasta_mtime_ns"],
        ):
            return True
        return status.st_size == manifest["fasta_bytes"] and sha256(self.fasta) == self.sha256

    def check_current(self) -> None:
        """Refuse a store whose FASTA has changed since.

        Raises:
            StaleStoreError: the FASTA has other contents now.
        """
        if not self.is_current():
            raise StaleStoreError(
                f"{self.fasta} has changed since {self.path} was made from it: "
                "run `nucleotides pre-process` again"
            )

    def contig_index(self, contig: str) -> int:
        """Position of a contig in `contigs`.

        Raises:
            UnknownNameError: no such contig; the message names the nearest.
        """
        try:
            return self._index[contig]
        except KeyError:
            raise UnknownNameError("contig", contig, self.contigs, f"(in {self.path})") from None

    def codes(
        self,
        contig: str,
        starts: ArrayLike,
        length: int,
        strand: Literal["+", "-"] = "+",
    ) -> NDArray[np.uint8]:
        """Windows of one contig.

        Args:
            contig: name of the contig.
            starts: (n,) 0-based first bases; windows may reach beyond either end of the contig.
            length: bases a window.
            strand: "-" gives the reverse complement of each window.

        Returns:
            uint8 (n, length), A C G T N = 0 1 2 3 4, N beyond the contig's ends.

        Raises:
            UnknownNameError: no such contig.
            CoordinateError: a length below 1, or an unknown strand.
        """
        if strand not in ("+", "-"):
            raise CoordinateError(f"strand {strand!r} is neither '+' nor '-'")
        starts = np.atleast_1d(np.asarray(starts, np.int64))
        contigs = np.full(starts.size, self.contig_index(contig))
        return self.windows(contigs, starts, length, np.full(starts.size, strand == "-"))

    def windows(
        self,
        contigs: Integers,
        starts: Integers,
        length: int,
        reverse: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.uint8]:
        """Windows anywhere: contigs (n,) as positions in `contigs`, starts (n,), reverse (n,).

        Returns uint8 (n, length) as `codes` does; rows with `reverse` are reverse complements.
        """
        rows = np.empty((starts.size, _checked(length)), np.uint8)
        self._gather(contigs, starts, reverse, rows, _NO_ROOM)
        return rows

    def one_hot_windows(
        self,
        contigs: Integers,
        starts: Integers,
        length: int,
        reverse: NDArray[np.bool_] | None = None,
        out: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """The one-hot of the same windows, written at once: float32 (n, 4, length).

        Channels are A C G T, an unknown base is 0.25 in each. With `out`, C-contiguous and of
        that shape, it is filled and returned.
        """
        if out is None:
            out = np.empty((starts.size, 4, _checked(length)), np.float32)
        self._gather(contigs, starts, reverse, np.empty((1, length), np.uint8), out)
        return out

    def read_from_now_on(self) -> None:
        """Read windows from the file instead of looking into the mapping (see mapped_memory)."""
        if self._file is None and self.sequence.size:
            self._file = ArrayFile(self.sequence)
        let_go([self.sequence])

    def known_bases(self, contigs: Integers, starts: Integers, length: int) -> Integers:
        """Bases that are A, C, G or T in each window: int64 (n,), places as in `windows`."""
        lows, highs = self.offsets[contigs], self.offsets[contigs + 1]
        return self._unknown.known(lows, highs, lows + starts, length)

    def _gather(
        self,
        contigs: Integers,
        starts: Integers,
        reverse: NDArray[np.bool_] | None,
        rows: NDArray[np.uint8],
        encoded: NDArray[np.float32],
    ) -> None:
        if reverse is None:
            reverse = np.zeros(starts.size, np.bool_)
        if self._file is None:
            gather(
                self.sequence, self.offsets, self.lengths, contigs, starts, reverse, rows, encoded
            )
        else:
            where = self._read(self._file, contigs, starts, rows.shape[1])
            gather(*where, reverse, rows, encoded)

    def _read(
        self, file: ArrayFile, contigs: Integers, starts: Integers, length: int
    ) -> tuple[NDArray[np.uint8], Integers, Integers, Integers, Integers]:
        """Windows read into a piece of memory, each as a contig of its own."""
        n, lengths = np.arange(starts.size), self.lengths[contigs]
        codes = np.empty(starts.size * length, np.uint8)
        low = np.clip(-starts, 0, length)
        high = np.clip(lengths - starts, low, length)
        first = self.offsets[contigs] + starts + low
        file.read(first, high - low, n * length + low, codes)
        return codes, n * length - starts, lengths, n, starts

    def _map_codes(self) -> NDArray[np.uint8]:
        path = self.path / "codes.u8"
        expected = int(self.offsets[-1])
        if not path.exists() or path.stat().st_size != expected:
            raise CorruptStoreError(
                f"{path} should have {expected} bytes: run `nucleotides pre-process` again"
            )
        return np.memmap(path, np.uint8, mode="r").view(np.ndarray)


def _checked(length: int) -> int:
    if length < 1:
        raise CoordinateError(f"a window of {length} bases cannot be: ask for 1 or more")
    return length


def _write_codes(reader: FastaReader, path: Path) -> tuple[dict[str, int], Ranges]:
    """Write all codes; return contig lengths and the runs of N."""
    lengths: dict[str, int] = {}
    starts, ends = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    total = 0
    with path.open("wb") as file:
        for name, codes in reader:
            file.write(codes.data)
            edge = np.diff((codes == UNKNOWN).astype(np.int8), prepend=0, append=0)
            starts.append(np.flatnonzero(edge == 1) + total)
            ends.append(np.flatnonzero(edge == -1) + total)
            lengths[name] = lengths.get(name, 0) + codes.size
            total += codes.size
    return lengths, merge(np.concatenate(starts), np.concatenate(ends))
