"""Where the files of a deployment lie here, and where they are put in it: as settings have them."""

from __future__ import annotations

from pathlib import Path

from nucleotides.deploy.collect import MODEL
from nucleotides.errors import SettingsError
from nucleotides.settings import Settings
from nucleotides.storage import as_url, check_address

_TABLES = ("DISTINCT_FEATURES_UMAP", "MEAN_PREDICTIONS")


def choose_parts(
    settings: Settings,
    *,
    model: Path | None = None,
    genome: Path | None = None,
    predictions: Path | None = None,
    tables: bool = True,
) -> dict[str, Path]:
    """The bundle, the reference, and what else a server shows.

    A place in a deployment is that of the same setting below TOP_DIR, as in production TOP_DIR is
    the deployment. Tasks with descriptions, the map of tasks and mean predictions are in the
    bundle, too.

    Args:
        settings: where everything lies unless given.
        model: the bundle.
        genome: the genome store: the reference with its index.
        predictions: precomputed effects; none unless given.
        tables: whether the map of tasks and mean predictions go along as tables, if there.

    Returns:
        {place in the deployment: path here}.

    Raises:
        SettingsError: a path here is remote.
    """
    here = {"INFERENCE_MODEL": model or settings.INFERENCE_MODEL}
    here["GENOME_STORE"] = genome or settings.GENOME_STORE
    if predictions:
        here["PREDICTIONS"] = predictions
    if tables:
        known = {name: getattr(settings, name) for name in _TABLES}
        here |= {name: path for name, path in known.items() if path.is_file()}
    for name, path in here.items():
        if url := as_url(path):
            check_address(url)
            raise SettingsError(f"{name} is {url}, but only files of this machine are uploaded")
    return {places(settings.ASSEMBLY)[name]: Path(path) for name, path in here.items()}


def places(assembly: str) -> dict[str, str]:
    """{setting: its place in a deployment}, which is the place below TOP_DIR by default."""
    return {
        "INFERENCE_MODEL": MODEL,
        "GENOME_STORE": f"data/genomes/{assembly}.store",
        "PREDICTIONS": "predictions.effects",
        "DISTINCT_FEATURES_UMAP": "data/training/distinct_features_umap.tsv",
        "MEAN_PREDICTIONS": "data/training/mean_predictions.tsv",
    }
