"""The API's own description, OpenAPI 3.1, made from the operations and their models."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from dispatch.announcing import KIND_WORDS, Kind
from dispatch.api.operations import PATH_PARTS, Operation
from dispatch.api.problems import KINDS, MEDIA_TYPE, Problem, kinds_of
from dispatch.integrations import SCOPE_WORDS

_Mode = Literal["validation", "serialization"]
_Refs = Mapping[Any, Any]
"""Where a model's schema stands, by model and mode."""
_ALWAYS = (401, 403, 429, 503)
ABOUT = """Ask for interpreters and follow requests from another system.

Every call needs `Authorization: Bearer TOKEN`; tokens are made on the console's Integrations page and are good for the
scopes chosen there. Times are UTC in ISO 8601 and are read with any offset. Languages are ISO 639-3; names and BCP 47
tags are read too. Numbers are E.164, and masked unless revealed. Errors are RFC 9457 problem details with `what_to_do`.
Lists go on with the `cursor` given as `next`. Fields may be added to answers; ignore those you do not know."""


def document(operations: Sequence[Operation], agency: str, address: str) -> dict[str, Any]:
    """The whole OpenAPI document."""
    refs, schemas = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{agency}: interpreters", "version": "1", "description": ABOUT},
        "servers": [{"url": f"{address}/api/v1"}],
        "security": [{"token": []}],
        "tags": [{"name": name} for name in dict.fromkeys(tag(one) for one in operations)],
        "paths": paths,
        "webhooks": {kind.value: _webhook(kind) for kind in Kind},
        "components": {
            "schemas": {**schemas, "Announcement": _ANNOUNCEMENT},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def tag(operation: Operation) -> str:
    """The chapter that an operation belongs to."""
    return operation.path.split("/")[1].partition(".")[0].replace("-", " ")


def _schemas(operations: Sequence[Operation]) -> tuple[_Refs, dict[str, Any]]:
    used: dict[tuple[type[BaseModel], _Mode], None] = {(Problem, "serialization"): None}
    for one in operations:
        if one.answer is not None:
            used[(one.answer, "serialization")] = None
        for sent in (one.body, one.query):
            if sent is not None:
                used[(sent, "validation")] = None
    refs, defined = models_json_schema(list(used), ref_template="#/components/schemas/{model}")
    return dict(refs), defined.get("$defs", {})


def _operation(one: Operation, refs: _Refs) -> dict[str, Any]:
    scope = f"Scope: `{one.scope.value}` ({SCOPE_WORDS[one.scope]})." if one.scope else "Any token will do."
    told: dict[str, Any] = {
        "operationId": one.id,
        "tags": [tag(one)],
        "summary": one.summary,
        "description": " ".join(part for part in (one.description, scope) if part),
        "parameters": list(_parameters(one)),
        "responses": _answers(one, refs),
    }
    if one.has_body:
        text = {"type": "string"} if one.takes.startswith("text/") else {"type": "string", "format": "binary"}
        sent = refs[(one.body, "validation")] if one.body is not None else text
        content: dict[str, Any] = {"schema": sent}
        if one.examples:
            content["examples"] = {
                name.replace(" ", "_"): {"summary": name, "value": value} for name, value in one.examples.items()
            }
        told["requestBody"] = {"required": True, "content": {one.takes: content}}
    return told


def _parameters(one: Operation) -> Iterator[dict[str, Any]]:
    for name in _names(one.path):
        part = PATH_PARTS[name]
        schema = {"type": "string", "pattern": part.pattern}
        yield _parameter(name, "path", schema, part.words, required=True) | {"example": part.example}
    if one.query is not None:
        defined = one.query.model_json_schema(ref_template="#/components/schemas/{model}")
        for name, schema in defined.get("properties", {}).items():
            needed = name in defined.get("required", ())
            yield _parameter(name, "query", schema, schema.get("description", ""), needed)
    if one.status == 201 and one.keyed:
        schema = {"type": "string", "pattern": "^[\\x21-\\x7e]{1,255}$"}
        words = "The same key with the same body does it once; known for 24 hours."
        yield _parameter("Idempotency-Key", "header", schema, words, required=False)


def _parameter(name: str, where: str, schema: Mapping[str, Any], words: str, required: bool) -> dict[str, Any]:
    return {"name": name, "in": where, "required": required, "schema": schema, "description": words}


def _answers(one: Operation, refs: _Refs) -> dict[str, Any]:
    shape = {"schema": refs[(one.answer, "serialization")]} if one.answer is not None else {}
    good: dict[str, Any] = {"description": one.summary, "content": {one.sends: shape}}
    if one.status == 201:
        good["headers"] = {"Location": {"schema": {"type": "string"}, "description": "Where it is."}}
    told = {str(one.status): good}
    for status in problem_statuses(one):
        kinds = kinds_of([status])
        what = "; ".join(f"{KINDS[kind].title}: {KINDS[kind].what_to_do}" for kind in kinds)
        problem = {"schema": refs[(Problem, "serialization")]}
        told[str(status)] = {"description": what, "content": {MEDIA_TYPE: problem}}
        if status == 429:
            told[str(status)]["headers"] = {"Retry-After": {"schema": {"type": "string"}, "description": "Seconds."}}
    return told


def problem_statuses(one: Operation) -> list[int]:
    """Every status of a problem that the operation can answer with."""
    found = {*_ALWAYS, *one.problems}
    if _names(one.path):
        found.add(404)
    if one.has_body:
        found |= {413, 415} | ({400} if one.body is not None else set())
    # An Idempotency-Key, a path or a store's own rules can be wrong with every operation.
    found.add(422)
    if one.method != "GET":
        found.add(409)
    return sorted(found)


def _names(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def _webhook(kind: Kind) -> dict[str, Any]:
    return {
        "post": {
            "operationId": kind.value.replace(".", "_"),
            "summary": KIND_WORDS[kind].capitalize(),
            "description": "Signed by Standard Webhooks (webhook-id, webhook-timestamp, webhook-signature). Answer "
            "with 2xx within ten seconds; anything else is tried again for a day. The same webhook-id may come twice.",
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Announcement"}}}},
            "responses": {"2XX": {"description": "Taken."}, "410": {"description": "No more of these, please."}},
        }
    }


_WHEN = {"type": ["string", "null"], "format": "date-time"}
_ANNOUNCEMENT: dict[str, Any] = {
    "title": "Announcement",
    "description": "What a webhook carries: ids, states, language and times; no names, no numbers, nobody's words.",
    "type": "object",
    "required": ["type", "timestamp", "data"],
    "properties": {
        "type": {"enum": [kind.value for kind in Kind]},
        "timestamp": {"type": "string", "format": "date-time"},
        "data": {
            "type": "object",
            "properties": {
                "request": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "string"},
                        "state": {"type": "string"},
                        "language": {"type": ["string", "null"], "description": "ISO 639-3."},
                        "urgency": {"type": "string"},
                        "reference": {"type": ["string", "null"], "description": "Your own, where you gave one."},
                        "created_at": _WHEN,
                        "connected_at": _WHEN,
                        "ended_at": _WHEN,
                    },
                },
                "alert": {"type": "object", "properties": {"id": {"type": "integer"}}},
                "interpreter": {
                    "type": "object",
                    "properties": {"code": {"type": "string"}, "availability": {"type": "string"}},
                },
                "appointment": {
                    "type": "object",
                    "properties": {
                        "code": {"type": "string"},
                        "language": {"type": "string"},
                        "starts": {"type": "string", "format": "date-time"},
                        "state": {"type": "string"},
                    },
                },
            },
        },
    },
}
