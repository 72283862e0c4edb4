"""Let torch keep its number of threads beside libraries that set it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def torch_keeps_its_threads() -> Iterator[None]:
    """Numba's parallel loops set the number of threads of torch's OpenMP too; this sets it back.

    With another number of threads torch adds up in another order, and a run that was killed would
    not go on to the same bits.
    """
    threads = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(threads)
