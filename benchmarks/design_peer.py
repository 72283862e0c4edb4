"""Sequence design by a peer, in an environment of its own; driven by design.py.

FOLDER THREADS: sets up, then reads lines of JSON, each an order (`Order`), and answers each with
one: the sequence made, passes, processor seconds. FOLDER/network.pt2 is the network as
`torch.export` writes it. Needs torch, tangermeme and ledidi, not this package.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore")
import torch  # noqa: E402
from torch import Tensor, nn  # noqa: E402

Order = dict[str, Any]  # way, start, positive, negative, max_edits, passes, settings, seed
_ENDLESS = 10**9


class SpentError(Exception):
    """There are no passes left."""


class Oracle(nn.Module):
    """The objective, (n, 1) of one-hot sequences (n, 4, length), as the peers' network.

    It counts sequences, stops at the budget, and keeps the best sequence that is permitted, so
    that a peer is credited with the best of all that it looked at.
    """

    def __init__(self, network: nn.Module, order: Order) -> None:
        super().__init__()
        self._hidden = [network]  # an exported network has no eval(), which peers call
        self.start = encoded(order["start"])
        self.order, self.passes = order, 0
        self.best, self.score = self.start, -float("inf")

    def forward(self, x: Tensor) -> Tensor:
        room = self.order["passes"] - self.passes
        if not room:
            raise SpentError
        logits = self._hidden[0](x)
        score = logits[:, self.order["positive"]].mean(1)
        if self.order["negative"]:
            score = score - logits[:, self.order["negative"]].mean(1)
        self._keep(x[:room].detach(), score[:room].detach())
        self.passes += min(len(x), room)
        return score[:, None]

    def _keep(self, x: Tensor, score: Tensor) -> None:
        most = self.order["max_edits"]
        if most is not None:
            edits = ((x - self.start).abs().sum(1) > 0.5).sum(1)
            score = score.masked_fill(edits > most, -float("inf"))
        best = int(score.argmax())
        if float(score[best]) > self.score:
            self.best, self.score = x[best : best + 1].round().clone(), float(score[best])


def main() -> None:
    """Set up, answer."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what peers print is no answer
    logging.disable(logging.WARNING)
    torch.set_num_threads(int(sys.argv[2]))
    network = torch.export.load(Path(sys.argv[1]) / "network.pt2").module()
    import ledidi  # noqa: F401
    import tangermeme.design  # noqa: F401

    for line in sys.stdin:
        order = json.loads(line)
        torch.manual_seed(order["seed"])
        oracle = Oracle(network, order)
        worked = time.process_time()
        with contextlib.suppress(SpentError):
            WAYS[order["way"]](oracle, order)
        facts = {
            "seconds": time.process_time() - worked,
            "sequence": "".join("ACGT"[i] for i in oracle.best[0].argmax(0).tolist()),
            "passes": oracle.passes,
        }
        answers.write(json.dumps(facts) + "\n")
        answers.flush()
    os._exit(0)


def use_ledidi(oracle: Oracle, order: Order) -> None:
    """Ledidi, its loss minus the objective, until passes are spent."""
    from ledidi import Ledidi

    designer = Ledidi(
        oracle,
        tuple(oracle.start.shape[1:]),
        output_loss=lambda found, _: -found.mean(),
        max_iter=_ENDLESS,
        early_stopping_iter=_ENDLESS,
        verbose=False,
        random_state=order["seed"],
        **order["settings"],
    )
    designer.fit_transform(oracle.start, torch.zeros(1, 1))


def use_greedy(oracle: Oracle, order: Order) -> None:
    """tangermeme's greedy_substitution: of motifs, if there are, then of single bases."""
    from tangermeme.design import greedy_substitution

    substitute(oracle, order, greedy_substitution)


def use_beam(oracle: Oracle, order: Order) -> None:
    """tangermeme's beam_substitution, the same way."""
    from tangermeme.design import beam_substitution

    substitute(oracle, order, beam_substitution, beam_size=order["settings"]["beam"])


def substitute(oracle: Oracle, order: Order, method: Any, **options: Any) -> None:
    """A method of tangermeme at the positions about the middle that the settings name.

    settings: `width`, positions about the middle where bases are exchanged; `motifs`, put at every
    `stride`-th of the middle `around` positions, at most `rounds` of them.
    """
    asked = order["settings"]
    x = oracle.start.to(torch.int8)
    common = {"batch_size": 32, "device": "cpu", "tol": 1e-6, **options}
    if asked.get("motifs"):
        mask = middle(x, asked["around"], asked["stride"])
        x = method(
            oracle, x, motifs=asked["motifs"], input_mask=mask, max_iter=asked["rounds"], **common
        )
    done = int((x != oracle.start).any(1).sum())
    most = _ENDLESS if order["max_edits"] is None else order["max_edits"] - done
    if asked["width"]:
        method(oracle, x, input_mask=middle(x, asked["width"]), max_iter=most, **common)


def middle(x: Tensor, width: int, stride: int = 1) -> Tensor:
    """bool (length,): every stride-th of the middle positions."""
    mask = torch.zeros(x.shape[2], dtype=torch.bool)
    first = (x.shape[2] - width) // 2
    mask[first : first + width : stride] = True
    return mask


def encoded(text: str) -> Tensor:
    """(1, 4, length)."""
    codes = torch.tensor(["ACGT".index(base) for base in text])
    return nn.functional.one_hot(codes, 4).T[None].float().contiguous()


WAYS = {"ledidi": use_ledidi, "greedy": use_greedy, "beam": use_beam}

if __name__ == "__main__":
    main()
