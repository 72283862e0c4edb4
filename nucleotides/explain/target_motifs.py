"""Which known motifs are those of a task's own target."""

from __future__ import annotations

import re

_WORDS = re.compile(r"[^A-Za-z0-9-]+")


def targets_of(task: str, target: str = "") -> frozenset[str]:
    """Names that the target of a task may have, in capitals: that given, else the task's words.

    `HepG2.HNF4A.DREAM` may be of HEPG2, HNF4A or DREAM; that only one of them is a protein with a
    motif is for the motifs to say.
    """
    names = [target] if target else _WORDS.split(task)
    return frozenset(name.upper() for name in names if name)


def is_motif_of(motif: str, targets: frozenset[str]) -> bool:
    """Whether a motif's name is of one of the targets, by itself or with a partner.

    Args:
        motif: as JASPAR (`MA0114.4 HNF4A`, `MA0065.2 Pparg::Rxra`, `MA0161.2 NFIC(var.2)`) or
            HOCOMOCO (`HNF4A.H12CORE.0.P.B`, `HNF4A_HUMAN.H11MO.0.A`) have them.
        targets: in capitals.
    """
    first, *others = motif.upper().split()
    names = [part.split("(")[0] for word in others for part in word.split("::")]
    return not targets.isdisjoint([*names, first, re.split(r"[._]", first)[0]])
