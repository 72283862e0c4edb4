"""Predictions for sequences, regions and whole contigs, to files."""
