"""The demo's data inside the package; nucleotides/demo/data/LICENSES.md says where from."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

DATA = Path(str(resources.files("nucleotides.demo"))) / "data"
RECIPE = DATA.parent / "recipe.yaml"
FASTA = DATA / "GRCh38.chr20.first10Mb.fa.gz"
PEAKS = DATA / "peaks"
BASELINES = DATA / "baselines.json"
