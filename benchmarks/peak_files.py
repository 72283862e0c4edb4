"""Peak files as ENCODE's: narrowPeak, gzipped, by signal or by place, of any number.

Widths and densities are those of the real files of HepG2 (docs/selection.md): a third of the
experiments has one fixed width, the others vary; peaks gather in shared regulatory regions, some
are the same place with another summit. The same bytes for the same seed.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from isal import igzip

GRCH38_LENGTHS = """
248956422 242193529 198295559 190214555 181538259 170805979 159345973 145138636 138394717 133797422
135086622 133275309 114364328 107043718 101991189 90338345 83257441 80373285 58617616 64444167
46709983 50818468 156040895
"""
HUMAN = {
    f"chr{name}": int(length)
    for name, length in zip([*range(1, 23), "X"], GRCH38_LENGTHS.split(), strict=True)
}


def write_peak_files(
    folder: Path,
    n_files: int,
    n_peaks: int,
    contigs: Mapping[str, int] = HUMAN,
    seed: int = 0,
    spread: float = 0.8,
) -> int:
    """Write `n_files` narrowPeak files of `n_peaks` in all; the number of peaks written."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    regions = _regions(rng, contigs)
    sizes = rng.lognormal(0, spread, n_files)
    sizes = np.maximum(20, sizes / sizes.sum() * n_peaks).astype(int)

    def write(number: int) -> None:
        text = _text(np.random.default_rng([seed, number]), int(sizes[number]), regions, contigs)
        path = folder / f"ENCFF{number:06d}.bed.gz"
        path.write_bytes(igzip.compress(text, 1, mtime=0))

    _in_processes(write, n_files)
    return int(sizes.sum())


def _in_processes(write: Callable[[int], None], n: int) -> None:
    """Call `write` for 0 .. n - 1, in as many children as there are cores."""
    children, cores = [], len(os.sched_getaffinity(0))
    for first in range(cores):
        pid = os.fork()
        if pid == 0:
            for number in range(first, n, cores):
                write(number)
            os._exit(0)
        children.append(pid)
    for pid in children:
        assert os.waitpid(pid, 0)[1] == 0


def _regions(
    rng: np.random.Generator, contigs: Mapping[str, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places where peaks gather, on a sixth of the genome, some far busier than others."""
    lengths = np.array(list(contigs.values()))
    n = int(lengths.sum() / 6000)
    contig = rng.choice(lengths.size, n, p=lengths / lengths.sum())
    busy = rng.gamma(0.7, 1.0, n) + 1e-3
    return contig, (rng.random(n) * lengths[contig]).astype(np.int64), np.cumsum(busy / busy.sum())


def _text(
    rng: np.random.Generator,
    n: int,
    regions: tuple[np.ndarray, np.ndarray, np.ndarray],
    contigs: Mapping[str, int],
) -> bytes:
    contig, place, busy = regions
    region = np.minimum(np.searchsorted(busy, rng.random(n)), busy.size - 1)
    fixed, low, high = rng.integers(3), *rng.choice([[150, 150], [150, 500], [200, 900]])
    width = np.full(n, rng.integers(150, 400)) if fixed == 0 else rng.integers(low, high + 1, n)
    middle = place[region] + rng.normal(0, 180, n).astype(np.int64)
    lengths = np.array(list(contigs.values()))[contig[region]]
    start = np.clip(middle - width // 2, 0, lengths - width)
    again = rng.random(n) < 0.05
    again[0] = False
    source = np.maximum.accumulate(np.where(again, 0, np.arange(n)))
    which, start, width = contig[region][source], start[source], width[source]
    signal = np.sort(rng.lognormal(2, 1, n))[::-1]
    order = np.arange(n) if rng.random() < 0.7 else np.lexsort((start, which))
    names = list(contigs)
    rows = zip(
        which[order].tolist(),
        start[order].tolist(),
        (start + width)[order].tolist(),
        signal[order].tolist(),
        (width // 2)[order].tolist(),
        strict=True,
    )
    return "".join(
        f"{names[c]}\t{a}\t{b}\t.\t{min(int(s * 20), 1000)}\t.\t"
        f"{s:.5f}\t-1.00000\t{s / 3:.5f}\t{m}\n"
        for c, a, b, s, m in rows
    ).encode()


def unpack_only(paths: list[Path]) -> int:
    """Bytes of text: what any reader has to do first."""
    return sum(len(igzip.decompress(path.read_bytes())) for path in paths)


def unpack_by_zlib(paths: list[Path]) -> int:
    """The same by Python's own gzip."""
    return sum(len(gzip.decompress(path.read_bytes())) for path in paths)
