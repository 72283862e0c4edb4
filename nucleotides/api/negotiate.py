"""Which of the forms that there are an answer is to have: the header Accept (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

_MOST = 1000  # characters of a header that is looked at


@lru_cache(maxsize=64)
def negotiate(accepted: str, kinds: tuple[str, ...]) -> str:
    """The kind with the highest quality; of several, one that is named before one that fits a
    pattern, and then the first of `kinds`, which is also the one where none is accepted.

    Args:
        accepted: the header, or "" for none.
        kinds: media types in lower case, the one that is best for most first.
    """
    wanted = dict(_ranges(accepted[:_MOST]))

    def rank(kind: str) -> tuple[float, bool]:
        fitting = (kind, f"{kind.partition('/')[0]}/*", "*/*")
        quality = next((wanted[name] for name in fitting if name in wanted), 0.0)
        return quality, kind in wanted

    best = max(kinds, key=rank)
    return best if rank(best)[0] > 0 else kinds[0]


def _ranges(accepted: str) -> Iterator[tuple[str, float]]:
    """Media types and patterns of them, each with its quality; what cannot be read is left out."""
    for word in accepted.lower().split(","):
        name, *parameters = (part.strip() for part in word.split(";"))
        qualities = [text[2:] for text in parameters if text.startswith("q=")]
        try:
            quality = float(qualities[0]) if qualities else 1.0
        except ValueError:
            continue
        if 0 <= quality <= 1:
            yield name, quality
