"""What all networks have in common; free of Lightning, which takes longer to import than torch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nucleotides.errors import InputError
from nucleotides.model.encoding import one_hot, reverse_complement
from nucleotides.model.motifs import Motif
from nucleotides.progress import say


@dataclass(frozen=True)
class Start:
    """What a model may look at before its first step.

    Attributes:
        rates: (tasks,) part of the training samples that is positive.
        codes: uint8 (n, length) of some training windows.
        motifs: those of `--init_motifs`, or none.
    """

    rates: Tensor
    codes: Tensor
    motifs: list[Motif] | None = None


class Network(nn.Module):
    """From sequence to the logits of every task: `forward(x: (batch, 4, length))`.

    Networks of the zoo derive from it; to be trained, they become a `FunctionalModel` as well
    (`lightning_model.trainable`). A model of one's own derives from `FunctionalModel`.

    Args:
        n_tasks: number of tasks.
        sequence_length: bases of a window.

    Attributes:
        both_strands: whether evaluation averages the logits of a window and of its reverse
            complement.

    Raises:
        InputError: no task.
    """

    def __init__(self, n_tasks: int, sequence_length: int = 1000) -> None:
        super().__init__()
        if n_tasks < 1:
            raise InputError(f"a model of {n_tasks} tasks cannot be: give 1 or more")
        self.n_tasks, self.sequence_length = n_tasks, sequence_length
        self.both_strands = False

    @property
    def device(self) -> torch.device:
        """Where its weights are."""
        tensors = (*self.parameters(), *self.buffers())
        return tensors[0].device if tensors else torch.device("cpu")

    def initialise(self, start: Start) -> None:
        """Set initial weights from what training will see; a model may do so in its own way.

        By default those of the first convolution, where motifs were given.

        Raises:
            InputError: motifs were given, and this model cannot start from them.
        """
        if start.motifs:
            from nucleotides.model.start_from_motifs import start_from_motifs

            say(start_from_motifs(self, start.motifs, start.codes))

    def logits(self, codes: Tensor) -> Tensor:
        """Evaluation's logits (batch, tasks) of codes uint8 (batch, length)."""
        x = one_hot(codes)
        logits: Tensor = self(x)
        if self.both_strands:
            logits = (logits + self(reverse_complement(x))) / 2
        return logits

    def training_logits(self, codes: Tensor) -> Tensor:
        """What the loss is taken of: logits (k n, tasks), k in a row for each window of n."""
        logits: Tensor = self(one_hot(codes))
        return logits
