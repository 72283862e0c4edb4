"""A trained model as users hold it: sequences in, probabilities by task out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.special import expit

from nucleotides.bundle import read_bundle
from nucleotides.errors import InputError
from nucleotides.explain.explain_sequences import explain
from nucleotides.explain.explanation import Explanation
from nucleotides.genome import GenomeStore
from nucleotides.genome.haplotypes import Anchor
from nucleotides.metrics.background import Background
from nucleotides.metrics.monotone import Calibration
from nucleotides.model.checkpoint import load_checkpoint
from nucleotides.model.encoding import one_hot, reverse_complement
from nucleotides.model.full_precision import full_precision
from nucleotides.model.local import LocalEvaluator, open_reader, trust_changes
from nucleotides.model.network import Network
from nucleotides.predict.check_numbers import check_numbers
from nucleotides.predict.cut_sequences import cut_sequences
from nucleotides.predict.effects.score_alleles import Reading
from nucleotides.predict.effects.score_pairs import Precision
from nucleotides.predict.effects.variant_effects import VariantEffects, measure_effects
from nucleotides.predict.regions.predict_rows import How, Join, predict_regions
from nucleotides.predict.variants.check_reference import Mismatch

_BATCH = 256


class Model:
    """A trained model.

    Attributes:
        tasks: a table with a row an output, column `task`.
        sequence_length: bases of the model's window.
        network: the torch module.
        calibration: what `predict(recalibrated=True)` applies, or None.
        background: what the genome scores, or None; bundles of `post-process` have it.
        precision_costs: what reduced precision was found to cost, a sentence each.
    """

    def __init__(
        self,
        network: Network,
        tasks: pd.DataFrame,
        step: int,
        calibration: Calibration | None = None,
        background: Background | None = None,
    ) -> None:
        self.network, self.tasks = network, tasks
        self.calibration, self.background = calibration, background
        self.sequence_length = network.sequence_length
        self._step = step
        self._evaluators: dict[str, LocalEvaluator | None] = {}
        self.precision_costs: dict[str, str] = {}

    def predict(
        self,
        sequences: str | Sequence[str] | Mapping[str, str],
        *,
        recalibrated: bool = False,
    ) -> pd.DataFrame:
        """Probabilities of every task.

        A sequence longer than the model's window is read window by window, a bin apart, first and
        last included; its probability is the maximum over them, task by task.

        Args:
            sequences: one, several, or several by name; letters in any case, N allowed.
            recalibrated: whether to give probabilities that agree with frequencies on the
                validation part of the genome, whatever mixture of samples and whatever loss the
                model was trained with.

        Returns:
            (n, tasks), rows by name or number, columns by task.

        Raises:
            InputError: a sequence shorter than the window, or with letters that are none; or no
                calibration is known.
        """
        names, windows, edges = self._cut(sequences)
        highest = np.maximum.reduceat(self._scores(windows, recalibrated), edges, axis=0)
        return pd.DataFrame(expit(highest), names, list(self.tasks["task"]))

    def genome_tail(self, sequences: str | Sequence[str] | Mapping[str, str]) -> pd.DataFrame:
        """The part of the genome's windows that score as high or higher, task by task.

        0.001 says: in the top 0.1 % of the genome. Of a sequence longer than the window, that of
        its highest window.

        Returns:
            (n, tasks), as `predict`.

        Raises:
            InputError: as `predict`; or the model knows no background.
        """
        if self.background is None:
            raise InputError(
                "this model knows no background: use the bundle that `post-process` leaves"
            )
        names, windows, edges = self._cut(sequences)
        highest = np.maximum.reduceat(self._scores(windows, recalibrated=False), edges, axis=0)
        return pd.DataFrame(self.background.tail(highest), names, list(self.tasks["task"]))

    def predict_regions(
        self,
        regions: str | Path | pd.DataFrame,
        genome: GenomeStore | str | Path,
        *,
        recalibrated: bool = False,
        both_strands: bool = False,
        join: Join = "max",
    ) -> pd.DataFrame:
        """Probabilities of every task for regions of a genome.

        The window of a region that is not longer than the model's is centred on it: it begins at
        (start + end) // 2 - sequence_length // 2, with N beyond the contig. A longer region is read
        window by window, a bin apart, first and last included.

        Args:
            regions: path of a BED, or a table with chrom, start, end (0-based, half-open); strand
                by choice: "-" is read as the reverse complement.
            genome: a genome store, its folder, or a FASTA (`genome.open_genome`).
            recalibrated: as `predict`.
            both_strands: whether to average the logits of both strands.
            join: of a longer region, the windows' maximum or their mean, task by task.

        Returns:
            (n, tasks), the index that of the table given or numbers from 0.

        Raises:
            InputError: regions that cannot be read or are not on the genome's contigs, told by
                line or row; or no calibration is known.
            StoreError: there is no genome store.
        """
        how = How(recalibrated=recalibrated, both_strands=both_strands, join=join)
        return predict_regions(self, regions, genome, how)

    def variant_effects(
        self,
        variants: str | Path | pd.DataFrame,
        genome: GenomeStore | str | Path,
        *,
        both_strands: bool = False,
        batch_size: int = _BATCH,
        mismatch: Mismatch = "flag",
        left_align: bool = False,
        anchor: Anchor = "centre",
        shifts: int | Sequence[int] = (0,),
        spread: bool = False,
        dropout_passes: int = 0,
        precision: Precision = "float32",
    ) -> VariantEffects:
        """Predictions for the alternate window of each allele against its reference window.

        Both windows begin at the same place (`genome.haplotypes.variant_windows`).

        Args:
            variants: path of a VCF, or a table with chrom, pos (1-based), ref, alt.
            genome: a genome store, its folder, or a FASTA (`genome.open_genome`).
            both_strands: whether to average the logits of both strands.
            batch_size: alleles a step; the network is given at most 256 windows at once.
            mismatch: for a REF that the genome does not have, `flag` scores ALT in its place,
                `skip` leaves it unscored, `stop` refuses.
            left_align: whether to shift indels left as far as the genome allows before scoring.
            anchor: what of the allele stands in the middle of the windows.
            shifts: bases by which windows are moved; logits are averaged over them.
            spread: whether to find the standard deviation over an ensemble's members, for
                `.score("diff_std")`.
            dropout_passes: the same over so many passes of dropout (`thin_network`).
            precision: of convolutions and large layers; the notes tell what bfloat16 costs.

        Returns:
            Tables with a row an allele, those that cannot be scored included.

        Raises:
            InputError: variants that cannot be read or are not on the genome's contigs; an option
                that means nothing, or dropout passes of a model without dropout.
            StoreError: there is no genome store.
        """
        moved = (shifts,) if isinstance(shifts, int) else tuple(shifts)
        reading = Reading(
            both_strands, anchor, moved, spread, dropout_passes, batch_size, precision
        )
        return measure_effects(self, variants, genome, reading, mismatch, left_align=left_align)

    def explain(
        self,
        sequences: str | Sequence[str] | Mapping[str, str] | NDArray[np.uint8],
        method: str = "mutagenesis",
        tasks: Sequence[str] | None = None,
        *,
        scale: str = "logit",
        step: int | None = None,
        precision: str = "float32",
        seed: int = 0,
    ) -> Explanation:
        """What each base of sequences contributes to predictions: see `explain.explain`.

        Args:
            sequences: as `predict`, or codes uint8 (n, length); longer ones than the window too.
            method: mutagenesis, saliency, input_x_gradient, integrated_gradients, deep_lift_shap.
            tasks: names or patterns; by default all.
            scale: of mutagenesis, differences of "logit" or "probability".
            step: bases from window to window; by default a quarter of one.
            precision: of mutagenesis, float32 or bfloat16.
            seed: of the shuffles of DeepLIFT/SHAP.

        Raises:
            InputError: as `predict`; options that mean nothing.
            UnknownNameError: a task or method that there is not.
        """
        return explain(
            self,
            sequences,
            method,
            tasks,
            scale=scale,
            step=step,
            precision=precision,
            seed=seed,
        )

    def logits(self, sequences: NDArray[Any]) -> NDArray[np.float32]:
        """Logits (n, tasks) of windows: codes uint8 (n, length) or one-hot (n, 4, length).

        Raises:
            InputError: an array of another shape.
            StoreError: the model answers values that are no numbers.
        """
        array = np.asarray(sequences)
        one_hot_given = array.ndim == 3 and array.shape[1] == 4
        if not (one_hot_given or array.ndim == 2) or array.shape[-1] != self.sequence_length:
            raise InputError(
                f"an array of shape {array.shape} is neither codes (n, {self.sequence_length}) "
                f"nor one-hot (n, 4, {self.sequence_length})"
            )
        out = [self._batch(array[i : i + _BATCH]) for i in range(0, len(array), _BATCH)]
        return np.concatenate(out) if out else np.empty((0, len(self.tasks)), np.float32)

    def beside(self) -> Model:
        """Another of the same network, to use on another thread at the same time.

        It shares the network and what was prepared of it, but not what evaluators note while they
        work. Its answers are the same, to the bit.
        """
        other = Model(self.network, self.tasks, self._step, self.calibration, self.background)
        other.__dict__["_reader"] = self._reader
        return other

    def evaluator(self, precision: str = "float32") -> LocalEvaluator | None:
        """What computes differences between windows that are alike; None if nothing can.

        Made when first asked for, and kept: the network must not change after that.

        Args:
            precision: of convolutions and large layers, float32 or bfloat16.
        """
        if precision not in self._evaluators:
            reader = self._reader
            self._evaluators[precision] = reader and trust_changes(
                reader, self.network, getattr(torch, precision)
            )
        return self._evaluators[precision]

    @cached_property
    def _reader(self) -> LocalEvaluator | None:
        """What reads windows one by one; None if only the network can."""
        return open_reader(self.network)

    def _cut(
        self, sequences: str | Sequence[str] | Mapping[str, str]
    ) -> tuple[list[Any], NDArray[np.uint8], NDArray[np.int64]]:
        """Names of sequences, all of their windows, and where each one's begin."""
        return cut_sequences(sequences, self.sequence_length, self._step)

    def _scores(self, windows: NDArray[Any], recalibrated: bool) -> NDArray[np.float64]:
        """Logits (n, tasks) whose probabilities are the prediction; the larger, the more likely."""
        return self.calibrated(self._quick_logits(windows), recalibrated)

    def calibrated(
        self, logits: NDArray[np.float32], recalibrated: bool = True
    ) -> NDArray[np.float64]:
        """Logits (n, tasks) of the network as float64, recalibrated if they are to be.

        Raises:
            InputError: they are to be, and no calibration is known.
        """
        if not recalibrated:
            return logits.astype(np.float64)
        if self.calibration is None:
            raise InputError(
                "this model has no calibration: use a run that was finished, or a bundle"
            )
        return self.calibration.apply(logits.astype(np.float64))

    def _quick_logits(self, windows: NDArray[np.uint8]) -> NDArray[np.float32]:
        """As `logits` of codes, by whatever takes less time."""
        reader = self._reader
        if reader is None:
            return self.logits(windows)
        out = np.empty((len(windows), len(self.tasks)), np.float32)
        for i in range(0, len(windows), reader.at_once):
            some = slice(i, i + reader.at_once)
            codes = torch.from_numpy(np.ascontiguousarray(windows[some]))
            out[some] = reader.outputs(one_hot(codes.to(reader.device))).float().cpu().numpy()
        return check_numbers(out)

    def _batch(self, array: NDArray[Any]) -> NDArray[np.float32]:
        device = self.network.device
        with torch.inference_mode(), full_precision():
            tensor = torch.from_numpy(np.ascontiguousarray(array)).to(device)
            x = one_hot(tensor) if array.ndim == 2 else tensor.float()
            z = self.network(x)
            if self.network.both_strands:
                z = (z + self.network(reverse_complement(x))) / 2
        return check_numbers(np.asarray(z.float().cpu().numpy()))


def load(path: str | Path, *, trust_code: bool = False) -> Model:
    """Open a model bundle (a folder) or a checkpoint (a file).

    Raises:
        InputError, StoreError: neither is at `path`; the message says what is.
        UntrustedCodeError: see `open_model.load`.
    """
    path = Path(path)
    if path.is_dir():
        bundle = read_bundle(path, trust_code=trust_code)
        known, step = bundle.known, bundle.facts["bin"]
        return Model(bundle.model, bundle.tasks, step, known.calibration, known.background)
    checkpoint = load_checkpoint(path, trust_code=trust_code)
    tasks = pd.DataFrame({"task": checkpoint.tasks})
    return Model(checkpoint.model, tasks, checkpoint.hyperparameters["bin"])
