"""The report of a run, its figures, tables and model card, from what was found out."""
