"""Reference sequence: a FASTA as a memory-mapped store, and the types for places on it."""

from nucleotides.genome.alphabet import decode, encode, one_hot, reverse_complement
from nucleotides.genome.interval import Interval, Variant
from nucleotides.genome.store import GenomeStore

__all__ = [
    "GenomeStore",
    "Interval",
    "Variant",
    "decode",
    "encode",
    "one_hot",
    "reverse_complement",
]
