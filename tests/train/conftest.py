"""Real stores, small: the demo's peaks and genome, made once a session."""

import pytest

from nucleotides.demo.files import FASTA, PEAKS
from nucleotides.preprocess.local import pre_process_local


@pytest.fixture(scope="session")
def stores(tmp_path_factory):
    """Paths as `parse` takes them for defaults."""
    folder = tmp_path_factory.mktemp("stores")
    pre_process_local(FASTA, PEAKS, folder, "chr20:5000000-6000000", "chr20:3000000-4000000")
    return {"genome": str(folder / "genome"), "targets": str(folder / "targets")}


@pytest.fixture
def short_run(stores, tmp_path):
    """Arguments and defaults of a run of a few seconds."""
    arguments = [
        *("--model_class", "deepsea", "--model.channels", "[16,16,16]", "--model.hidden", "32"),
        *("--validation", "chr20:5000000-6000000", "--test", "chr20:3000000-4000000"),
        *("--background", "0.5", "--samples_per_epoch", "256", "--batch_size", "32"),
        *("--max_epochs", "2", "--validation_size", "256", "--test_size", "256"),
        *("--accelerator", "cpu"),
    ]
    return arguments, {**stores, "logs": str(tmp_path / "logs")}
