"""What lies in a bundle, in which format, and how large it may be.

A version has two numbers (docs/decisions/0018-bundles.md). Within a major version, minor
ones only add files and keys: whoever reads a minor version reads the older ones, and passes over
what a newer one added.
"""

from __future__ import annotations

FORMAT, VERSION, MINOR = "nucleotides model bundle", 1, 1

MANIFEST = "manifest.json"
WEIGHTS, TASKS, METRICS = "weights.safetensors", "tasks.tsv", "metrics.json"
CALIBRATION = "calibration.safetensors"
GENOME, GC_MATCHED = "background.safetensors", "background_gc_matched.safetensors"
CARD, LICENCE, LOCK, ONNX = "README.md", "LICENSE", "lock.json", "model.onnx"

WHOLE = (WEIGHTS, TASKS, METRICS)
"""What every bundle has."""

KNOWN = {*WHOLE, CALIBRATION, GENOME, GC_MATCHED, CARD, LICENCE, LOCK, ONNX}
"""What a bundle of this version may have, its manifest apart."""

MB = 1_000_000
MOST_BYTES = {
    MANIFEST: 1 * MB,
    TASKS: 64 * MB,
    METRICS: 128 * MB,
    CARD: 16 * MB,
    LICENCE: 1 * MB,
    LOCK: 64 * MB,
    CALIBRATION: 1024 * MB,
    GENOME: 256 * MB,
    GC_MATCHED: 256 * MB,
}
"""Largest files that are read as a whole or unpacked: room for tens of thousands of tasks."""
