"""Known motifs as filters: MEME files to log-odds matrices."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nucleotides.errors import MotifFileError

SHIPPED_MOTIFS = Path(__file__).parent / "data" / "JASPAR2024.vertebrates.meme.gz"


@dataclass(frozen=True)
class Motif:
    """A position probability matrix.

    Attributes:
        name: identifier and, where given, its alternative name.
        probabilities: (width, 4), columns A C G T, rows sum to 1.
    """

    name: str
    probabilities: NDArray[np.float64]

    @property
    def information(self) -> float:
        """Bits over a uniform background."""
        p = np.clip(self.probabilities, 1e-9, 1)
        return float((p * np.log2(p * 4)).sum())

    def log_odds(self, pseudocount: float = 0.01) -> NDArray[np.float32]:
        """log2 odds over a uniform background: (4, width)."""
        p = (self.probabilities + pseudocount) / (1 + 4 * pseudocount)
        return np.log2(p * 4).T.astype(np.float32)


def read_meme(path: str | Path) -> list[Motif]:
    """Motifs of a MEME file (minimal format, gzipped or not), in its order.

    Raises:
        MotifFileError: a missing or damaged file, one without motifs, or a matrix whose rows are
            not four probabilities. The message names file and motif.
    """
    path = Path(path)
    motifs: list[Motif] = []
    name, rows = "", list[list[float]]()
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode(errors="replace")
    except (OSError, EOFError, zlib.error) as error:
        raise MotifFileError(f"{path} cannot be read: {error}") from error
    for line in [*text.splitlines(), "MOTIF"]:
        words = line.split()
        if words[:1] == ["MOTIF"]:
            if rows:
                motifs.append(_motif(path, name, rows))
            name, rows = " ".join(words[1:]), []
        elif name and len(words) == 4 and _numbers(words):
            rows.append([float(word) for word in words])
    if not motifs:
        raise MotifFileError(f"{path} holds no motif: is it a MEME file?")
    return motifs


def known_as(path: Path) -> str:
    """What the motifs of a file are called, in words."""
    return "JASPAR 2024, vertebrates" if path == SHIPPED_MOTIFS else path.name


def centred(motif: Motif, width: int) -> NDArray[np.float32]:
    """The motif's log odds (4, width), in the middle; cut to its most informative part."""
    odds = motif.log_odds(pseudocount=0.02)
    if odds.shape[1] > width:
        p = motif.probabilities
        bits = 2 + (p * np.log2(np.clip(p, 1e-9, 1))).sum(1)
        first = int(np.argmax(np.convolve(bits, np.ones(width), "valid")))
        odds = odds[:, first : first + width]
    out = np.zeros((4, width), np.float32)
    begin = (width - odds.shape[1]) // 2
    out[:, begin : begin + odds.shape[1]] = odds
    return out


def _numbers(words: list[str]) -> bool:
    return all(word[:1].isdigit() or word[:1] in ".-" for word in words)


def _motif(path: Path, name: str, rows: list[list[float]]) -> Motif:
    matrix = np.array(rows)
    if (matrix < 0).any() or (abs(matrix.sum(1) - 1) > 0.02).any():
        raise MotifFileError(f"{path}, motif {name}: rows are not probabilities that sum to 1")
    return Motif(name, matrix / matrix.sum(1, keepdims=True))
