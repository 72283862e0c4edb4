"""The explorer: a page and what it is made of, from this package and nowhere else."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from starlette.responses import HTMLResponse, Response

from nucleotides import __version__
from nucleotides.analyze.report.theme import DARK, LIGHT
from nucleotides.schemas.example import SEQUENCE

_KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""No inline script or style, nothing from elsewhere, and no text that becomes markup."""


@dataclass(frozen=True)
class Parts:
    """Scripts and style sheets by name, and a digest of all of them.

    Their address has the digest, so that a browser may keep them for ever and yet never mixes
    those of two versions.
    """

    files: dict[str, bytes]
    digest: str


def page_of_explorer() -> HTMLResponse:
    """The page at /; it asks the API for all that it shows."""
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"}
    return HTMLResponse(_page(), headers=headers)


def part_of_explorer(digest: str, name: str) -> Response | None:
    """A script or style sheet; None if there is none of this name, or it is of another version."""
    parts = _parts()
    if digest != parts.digest or name not in parts.files:
        return None
    kind = _KINDS[name[name.rindex(".") :]]
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(parts.files[name], media_type=kind, headers=headers)


@cache
def _page() -> str:
    text = (files("nucleotides.api") / "explorer" / "index.html.j2").read_text(encoding="utf-8")
    page = Environment(autoescape=True, undefined=StrictUndefined).from_string(text)
    place = f"explorer/{_parts().digest}"
    modules = sorted(name for name in _parts().files if name.endswith(".js"))
    return page.render(version=__version__, place=place, modules=modules, sequence=SEQUENCE)


@cache
def _parts() -> Parts:
    """All parts, read once: no name of a request is ever looked for on the disk."""
    found = {"theme.css": _theme().encode()}
    for file in (files("nucleotides.api") / "explorer").iterdir():
        if file.name.endswith(tuple(_KINDS)):
            found[file.name] = file.read_bytes()
    digest = hashlib.sha256()
    for name in sorted(found):
        digest.update(name.encode() + b"\0" + found[name] + b"\0")
    return Parts(found, digest.hexdigest()[:16])


def _theme() -> str:
    """The colours of the reports, by day and by night; those of class day are always light."""
    light, dark = (
        " ".join(f"--{name}: {colour};" for name, colour in colours.items())
        for colours in (LIGHT, DARK)
    )
    return (
        f":root, :root.day {{ {light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
    )
