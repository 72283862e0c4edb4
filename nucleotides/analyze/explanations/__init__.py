"""Explanations as files: what is explained, HDF5, tracks, logos, heatmaps and a page."""
