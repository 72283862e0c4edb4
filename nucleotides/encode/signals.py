"""The signal (bigWig) that goes with the peaks of an experiment."""

from __future__ import annotations

import pandas as pd

from nucleotides.encode.policy import Policy
from nucleotides.encode.rivals import count_replicates
from nucleotides.encode.rules import SIGNAL_RULES, apply_rules

COLUMNS = ("experiment", "task", "accession", "output_type", "biological_replicates", "same")
_REMOTE = ("size", "md5", "url", "s3_uri", "azure_url")


def choose_signals(
    files: pd.DataFrame, kept: pd.DataFrame, policy: Policy, lacking: dict[str, list[str]]
) -> pd.DataFrame:
    """A bigWig for every experiment that has kept peaks and a signal which the policy lists.

    Of the policy's assembly and statuses; over the same replicates as the peaks if there is one,
    else over the most; then the first output type in the policy's list for the assay; then by
    accession.

    Args:
        files: all files.
        kept: the peak files that were kept, with their task.
        policy: assembly, statuses and output types.
        lacking: as for `apply_rules`.

    Returns:
        The columns COLUMNS (`same`: over the same replicates as the peaks) and where the file
        can be had, sorted by experiment.
    """
    found = files[(files["file_type"] == "bigWig") & files["experiment"].isin(kept["experiment"])]
    found = found[apply_rules(found, policy, lacking, SIGNAL_RULES) == ""]
    wanted = {
        (assay, output): place
        for assay in found["assay"].unique()
        for place, output in enumerate(policy.signals.get(assay, policy.signals["other"]))
    }
    pairs = list(zip(found["assay"], found["output_type"], strict=True))
    found = found.assign(place=[wanted.get(pair, -1) for pair in pairs])
    found = found[found["place"] >= 0]
    peaks = set(zip(kept["experiment"], kept["biological_replicates"], strict=True))
    replicates = zip(found["experiment"], found["biological_replicates"], strict=True)
    found = found.assign(
        same=[pair in peaks for pair in replicates],
        count=count_replicates(found["biological_replicates"]),
        task=found["experiment"].map(
            kept.drop_duplicates("experiment").set_index("experiment")["task"]
        ),
    )
    order = ["experiment", "same", "count", "place", "accession"]
    found = found.sort_values(order, ascending=[True, False, False, True, True])
    found = found.drop_duplicates("experiment")
    return found[[*COLUMNS, *_REMOTE]].reset_index(drop=True)
