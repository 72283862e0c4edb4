"""Options that take all words up to the next option."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from typer.core import TyperCommand


class ManyWords(TyperCommand):
    """A command whose repeatable options may be given once: `--name a b c`.

    Where the command takes arguments, these come first: until all are there, an option takes one
    word.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Give every word an option of its own, then parse as always."""
        options = [p for p in self.params if p.param_type_name == "option"]
        flags = {
            name
            for p in options
            if getattr(p, "is_flag", False)
            for name in (*p.opts, *p.secondary_opts)
        }
        many = {name for p in options if p.multiple for name in p.opts}
        return super().parse_args(ctx, spread(args, many, flags, len(self.params) - len(options)))


def spread(
    words: list[str], repeatable: Collection[str], flags: Collection[str] = (), arguments: int = 0
) -> list[str]:
    """`--name a b` becomes `--name a --name b` for names in `repeatable`.

    Args:
        words: of a command line.
        repeatable: options that may be given again.
        flags: options that take no word.
        arguments: how many words are no option's; the first such words are these.
    """
    out: list[str] = []
    option, takes = "", False
    for word in words:
        if word.startswith("-") and word[1:2].strip("0123456789"):
            option = word if word in repeatable else ""
            takes = word not in flags and "=" not in word
        elif takes:
            takes = False
        elif arguments:
            arguments -= 1
        elif option:
            out.append(option)
        out.append(word)
    return out
