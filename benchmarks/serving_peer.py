"""A peer's server of the same network; driven by serving.py.

WAY FOLDER PORT: `plain` is FastAPI with a call of the network for each request, in its pool of
threads; `litserve` is LitServe with its own batches. FOLDER holds network.pt2 (`torch.export`) and
tasks.txt. Both take {"sequence": ...} at /predict and answer {"predictions": {task: probability}}.
Needs torch, fastapi and litserve, not this package.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

CODES = np.full(256, 4, np.uint8)
CODES[np.frombuffer(b"ACGT", np.uint8)] = range(4)
BATCH, WAIT = 32, 0.01


class Network:
    """Probabilities of sequences."""

    def __init__(self, folder: Path) -> None:
        torch.set_num_threads(1)
        self.module = torch.export.load(folder / "network.pt2").module()
        self.tasks = (folder / "tasks.txt").read_text().split()

    def encoded(self, sequence: str) -> Tensor:
        """One-hot (4, length)."""
        codes = torch.from_numpy(CODES[np.frombuffer(sequence.encode(), np.uint8)])
        return (codes == torch.arange(4)[:, None]).float()

    def probabilities(self, x: Tensor) -> Tensor:
        """(n, tasks) of (n, 4, length)."""
        with torch.inference_mode():
            return torch.as_tensor(torch.sigmoid(self.module(x)))

    def named(self, row: Tensor) -> dict[str, Any]:
        """The answer."""
        return {"predictions": dict(zip(self.tasks, row.tolist(), strict=True))}


def plain(folder: Path, port: int) -> None:
    """FastAPI, one call a request."""
    import uvicorn
    from fastapi import FastAPI
    from pydantic import BaseModel

    network, app = Network(folder), FastAPI()

    class Asked(BaseModel):
        sequence: str

    def predict(asked: Asked) -> dict[str, Any]:
        return network.named(network.probabilities(network.encoded(asked.sequence)[None])[0])

    predict.__annotations__["asked"] = Asked
    app.post("/predict")(predict)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


def litserve(folder: Path, port: int) -> None:
    """LitServe, batches of up to 32."""
    import litserve as ls
    from serving_litserve import API

    api = API(folder, max_batch_size=BATCH, batch_timeout=WAIT)
    server = ls.LitServer(api, accelerator="cpu", workers_per_device=1)
    server.run(host="127.0.0.1", port=port, generate_client_file=False, log_level="warning")


if __name__ == "__main__":
    {"plain": plain, "litserve": litserve}[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
