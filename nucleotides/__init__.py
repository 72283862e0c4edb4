"""From ENCODE peaks to a trained and tested network that reads DNA."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nucleotides.predict import Model, load

__version__ = "0.1.0"
__all__ = ["Model", "__version__", "load"]


def __getattr__(name: str) -> Any:
    """`nucleotides.load` and `nucleotides.Model`, imported on first use: they bring torch."""
    if name in ("load", "Model"):
        import nucleotides.predict

        return getattr(nucleotides.predict, name)
    raise AttributeError(f"module 'nucleotides' has no attribute {name!r}")
