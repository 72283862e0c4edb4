"""`nucleotides train` that kills itself: killed.py BATCH ARGUMENTS..."""

import os
import signal
import sys

from nucleotides.cli.main import main
from nucleotides.train.callbacks import StopAtBatchEnd


def kill_at(batch: int) -> None:
    """Send kill -9 in the middle of the given batch's end, counted over all epochs."""
    real = StopAtBatchEnd.on_train_batch_start
    count = iter(range(1, 10**6))

    def hook(self, *args):
        real(self, *args)
        if next(count) == batch:
            os.kill(os.getpid(), signal.SIGKILL)

    StopAtBatchEnd.on_train_batch_start = hook


if __name__ == "__main__":
    kill_at(int(sys.argv.pop(1)))
    sys.argv.insert(1, "train")
    main()
