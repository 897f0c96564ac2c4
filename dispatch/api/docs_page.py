"""The API's documentation as a page: drawn on the server from the OpenAPI document, with no script of anybody's."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from dispatch.announcing import KIND_WORDS
from dispatch.api.openapi import tag
from dispatch.api.operations import Operation
from dispatch.api.problems import KINDS
from dispatch.integrations import SCOPE_WORDS
from dispatch.settings import Settings


def drawn(document: Mapping[str, Any], operations: Sequence[Operation], settings: Settings) -> str:
    """The page as HTML. It tells nothing that is not in the document, so it needs no token."""
    environment = Environment(
        loader=PackageLoader("dispatch.api"), autoescape=select_autoescape(), undefined=StrictUndefined
    )
    environment.filters["pretty"] = _pretty
    environment.filters["code"] = _code
    chapters: dict[str, list[dict[str, Any]]] = {}
    for one in operations:
        chapters.setdefault(tag(one), []).append(_told(document, one))
    return environment.get_template("docs.html").render(
        agency=settings.agency,
        address=settings.public_url,
        about=str(document["info"]["description"]).split("\n\n"),
        chapters=chapters,
        scopes=SCOPE_WORDS,
        kinds=KIND_WORDS,
        problems=KINDS,
        schemas={name: _fields(document, schema) for name, schema in document["components"]["schemas"].items()},
    )


def _pretty(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _code(text: str) -> Markup:
    """Words in backticks as code, everything escaped."""
    parts = text.split("`")
    return Markup("").join(Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in enumerate(parts))


def _told(document: Mapping[str, Any], one: Operation) -> dict[str, Any]:
    described = document["paths"][one.path][one.method.lower()]
    body = described.get("requestBody", {}).get("content", {}).get(one.takes, {})
    good = described["responses"][str(one.status)]["content"][one.sends]
    return {
        "id": one.id,
        "method": one.method,
        "path": one.path,
        "summary": one.summary,
        "description": described["description"],
        "parameters": [{**parameter, "type": _type(parameter["schema"])} for parameter in described["parameters"]],
        "body": _type(body["schema"]) if one.body is not None else one.takes if one.has_body else "",
        "examples": list(body.get("examples", {}).values()),
        "answer": _type(good["schema"]) if one.answer is not None else one.sends,
        "status": one.status,
        "problems": [status for status in described["responses"] if int(status) >= 400],
    }


def _fields(document: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    needed = schema.get("required", ())
    fields = [
        {"name": name, "type": _type(one), "words": one.get("description", ""), "needed": name in needed}
        for name, one in schema.get("properties", {}).items()
    ]
    return {"words": schema.get("description", ""), "fields": fields, "type": "" if fields else _type(schema)}


def _type(schema: Mapping[str, Any]) -> str:
    """A schema in a few words; names of others as they are."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    several = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if several:
        return " | ".join(dict.fromkeys(_type(one) for one in several))
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    told = " | ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{told} ({schema['format']})" if "format" in schema else told
