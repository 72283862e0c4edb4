"""Options that take all words up to the next option."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand


class ManyWords(TyperCommand):
    """A command whose repeatable options may be given once: `--name a b c`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Give every word an option of its own, then parse as always."""
        return super().parse_args(ctx, spread(args, self._repeatable()))

    def _repeatable(self) -> set[str]:
        return {name for p in self.params if getattr(p, "multiple", False) for name in p.opts}


def spread(words: list[str], repeatable: set[str]) -> list[str]:
    """`--name a b` becomes `--name a --name b` for names in `repeatable`."""
    out: list[str] = []
    option, given = "", False
    for word in words:
        if word.startswith("-"):
            option, given = (word if word in repeatable else ""), False
        elif option and given:
            out.append(option)
        else:
            given = True
        out.append(word)
    return out
