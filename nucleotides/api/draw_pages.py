"""The page at /docs: without scripts and without outside requests."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse


def page_of_docs(schema: dict[str, Any]) -> HTMLResponse:
    """Every request of an OpenAPI schema: text, fields, example."""
    parts = schema["components"]["schemas"]
    requests = [
        {"path": path, "method": method.upper(), **_request(about, parts)}
        for path, methods in schema["paths"].items()
        for method, about in methods.items()
    ]
    return _page("docs.html.j2", info=schema["info"], requests=requests)


def _request(about: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    """What the page shows of one request."""
    content = about.get("requestBody", {}).get("content", {}).get("application/json", {})
    body = parts.get(content.get("schema", {}).get("$ref", "").rpartition("/")[2], {})
    examples = body.get("examples", [])
    return {
        "summary": about.get("summary", ""),
        "text": about.get("description", "").split("\n\n"),
        "fields": [
            {
                "name": name,
                "needed": name in body.get("required", []),
                "text": field.get("description", ""),
                "default": json.dumps(field["default"]) if "default" in field else "",
            }
            for name, field in body.get("properties", {}).items()
        ],
        "queries": about.get("parameters", []),
        "example": json.dumps(examples[0], indent=2) if examples else _upload(about),
        "answers": {s: a["description"] for s, a in sorted(about["responses"].items())},
    }


def _upload(about: dict[str, Any]) -> str:
    """The example of a body that is no JSON."""
    content = about.get("requestBody", {}).get("content", {})
    return str(content.get("application/octet-stream", {}).get("example", ""))


def _page(template: str, **values: Any) -> HTMLResponse:
    style, policy = _style()
    text = _templates().get_template(template).render(style=style, **values)
    return HTMLResponse(text, headers={"Content-Security-Policy": policy})


@cache
def _style() -> tuple[str, str]:
    """The style sheet, and the policy that lets it and nothing else into a page."""
    style = (files("nucleotides.api") / "pages" / "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    only = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    return style, f"{only}; style-src 'sha256-{digest}'"


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("nucleotides.api", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
