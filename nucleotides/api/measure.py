"""What is measured of a server, for Prometheus."""

from __future__ import annotations

from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

Kind = TypeVar("Kind", Gauge, Counter)
_SECONDS = 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60
_WINDOWS = 1, 2, 4, 8, 16, 32, 64, 128, 256


class Meters:
    """Counters of one model.

    Attributes:
        waiting: windows that wait.
        batches: windows of each batch.
        seconds: that each took.
        refused: requests answered 429.
        cached: requests answered from memory.
    """

    def __init__(self, measures: Measures, model: str) -> None:
        self.waiting = measures.waiting.labels(model)
        self.batches = measures.batches.labels(model)
        self.seconds = measures.seconds.labels(model)
        self.refused = measures.refused.labels(model)
        self.cached = measures.cached.labels(model)


class Measures:
    """All that is counted in one process; with several workers each counts its own."""

    def __init__(self) -> None:
        known = self._registry = CollectorRegistry()
        self.requests = Counter(
            "nucleotides_requests", "Requests answered.", ["route", "status"], registry=known
        )
        self.latency = Histogram(
            "nucleotides_request_seconds",
            "From a request's first byte to the answer's last.",
            ["route"],
            registry=known,
            buckets=_SECONDS,
        )
        self.open = Gauge("nucleotides_open_requests", "Requests in work.", registry=known)
        self.waiting = self._of_model(Gauge, "waiting_windows", "Windows that wait.")
        self.refused = self._of_model(Counter, "refused_requests", "Requests answered 429.")
        self.cached = self._of_model(Counter, "cached_requests", "Requests answered from memory.")
        self.batches = Histogram(
            "nucleotides_batch_windows",
            "Windows read together.",
            ["model"],
            registry=known,
            buckets=_WINDOWS,
        )
        self.seconds = Histogram(
            "nucleotides_batch_seconds",
            "Time that a batch, or other work of the model, took.",
            ["model"],
            registry=known,
            buckets=_SECONDS,
        )

    def text(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self._registry)

    def _of_model(self, kind: type[Kind], name: str, says: str) -> Kind:
        return kind(f"nucleotides_{name}", says, ["model"], registry=self._registry)
