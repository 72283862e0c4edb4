"""Contigs by the other names that they go by: 20 and chr20, MT and chrM."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping


def match_contigs(names: Iterable[str], contigs: Iterable[str]) -> dict[str, int]:
    """The position in `contigs` of each of `names`, or -1.

    A name itself comes first, then with and without `chr`, then M for MT and MT for M.
    """
    index = {contig: i for i, contig in enumerate(contigs)}
    return {name: _find(name, index) for name in names}


def _find(name: str, index: Mapping[str, int]) -> int:
    return next((index[s] for s in _spellings(name) if s in index), -1)


def _spellings(name: str) -> Iterator[str]:
    yield name
    bare = name[3:] if name[:3].lower() == "chr" else name
    for other in (bare, {"M": "MT", "MT": "M"}.get(bare, bare)):
        yield f"chr{other}"
        yield other
