"""The report of motifs: what a model uses, task by task, as one HTML file."""

from nucleotides.analyze.motifs.write_motif_report import write_motif_report

__all__ = ["write_motif_report"]
