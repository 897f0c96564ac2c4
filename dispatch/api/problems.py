"""What goes wrong, as RFC 9457 problem details; each says what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, Field, ValidationError
from starlette.responses import Response

from dispatch import errors
from dispatch.api.shapes import Moment
from dispatch.integrations import KeyReused
from dispatch.languages import UnknownLanguage
from dispatch.opening import AlreadyOpen, OfficerUnknown
from dispatch.varieties import UnknownVariety

MEDIA_TYPE = "application/problem+json"


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str = Field(description="Where: names and positions, with dots between.", examples=["requester.number"])
    problem: str = Field(examples=["This is not a phone number; write it like +1 617 555 0100."])


class Change(BaseModel):
    """Something that happened since."""

    at: Moment
    what: str = Field(examples=["102 was asked beside the others"])
    why: str = Field(examples=["dana, at the console"])


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(description="Address that names the kind of problem.", examples=["/api/docs#problem-not-found"])
    title: str = Field(examples=["Not found"])
    status: int = Field(ge=400, le=599, examples=[404])
    detail: str = Field(examples=["There is no such request here any more."])
    what_to_do: str = Field(description="The next step.", examples=["Check the id; list what there is."])
    errors: list[FieldProblem] | None = Field(None, description="With 422: every field that is wrong.")
    version: str | None = Field(None, description="With 409: the version of the request as it is now.")
    changed: list[Change] | None = Field(None, description="With 409: what happened since the version you sent.")
    request_id: str | None = Field(None, description="With 409: the request that is in the way.")


@dataclass
class ApiProblem(Exception):
    """Raised by an operation, or by what stands before it."""

    kind: str
    detail: str
    more: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """A kind of problem."""

    status: int
    title: str
    what_to_do: str


KINDS: dict[str, Known] = {
    "not-json": Known(400, "The body cannot be read", "Send one JSON object, encoded in UTF-8."),
    "no-token": Known(401, "No good token", "Send `Authorization: Bearer ...` with a token of the Integrations page."),
    "not-allowed": Known(403, "Not allowed", "Ask an administrator for a token with this scope."),
    "not-found": Known(404, "Not found", "Check the id or address; the lists show what there is."),
    "no-method": Known(405, "No such method here", "Use one of the methods named in the Allow header."),
    "changed": Known(409, "Changed meanwhile", "Look at what changed, decide anew, and send the new version."),
    "not-possible": Known(409, "Not possible now", "Read the request again: its state tells what can be done."),
    "needs-confirming": Known(409, "Has to be confirmed", "If it is meant all the same, send it with `confirmed`."),
    "in-use": Known(409, "Held by somebody else", "Read again, and choose another."),
    "already-open": Known(409, "There is an open request", "Change or cancel the request named in request_id."),
    "too-large": Known(413, "Too large", "Send less at once; long files go in parts."),
    "not-this-type": Known(
        415, "Another content type", "Send the Content-Type that it takes, mostly `application/json`."
    ),
    "invalid": Known(422, "Something in it cannot be used", "Mend the fields named in errors and send it again."),
    "key-reused": Known(422, "Idempotency-Key used before", "Send a new key with every new request."),
    "too-many": Known(429, "Too many requests", "Wait for the seconds in Retry-After; spread requests out."),
    "fault": Known(500, "A fault in the service", "Try again; tell the agency the time if it happens twice."),
    "no-pdf": Known(503, "No PDF can be made", "Do as the detail says; everything else works."),
    "store-away": Known(503, "The store does not answer", "Try again in a few seconds; nothing was changed."),
}

_OF_ERROR: tuple[tuple[type[errors.DispatchError], str], ...] = (
    (errors.RequestUnknown, "not-found"),
    (errors.UnknownInterpreter, "not-found"),
    (errors.ChangedMeanwhile, "changed"),
    (errors.NotPossibleNow, "not-possible"),
    (errors.NeedsConfirming, "needs-confirming"),
    (AlreadyOpen, "already-open"),
    (KeyReused, "key-reused"),
    (OfficerUnknown, "invalid"),
    (UnknownLanguage, "invalid"),
    (UnknownVariety, "invalid"),
    (errors.InvalidNumber, "invalid"),
    (errors.RosterError, "invalid"),
    (errors.ShiftInvalid, "invalid"),
    (errors.CalendarError, "invalid"),
    (errors.AppointmentInvalid, "invalid"),
    (errors.ConfigurationError, "invalid"),
    (errors.DocumentsUnavailable, "no-pdf"),
    (errors.Conflict, "in-use"),
    (errors.StoreError, "store-away"),
)


def of_error(error: errors.DispatchError) -> ApiProblem:
    """An error raised on purpose, as a problem."""
    kind = next((kind for known, kind in _OF_ERROR if isinstance(error, known)), "invalid")
    more: dict[str, Any] = {}
    if isinstance(error, AlreadyOpen):
        more["request_id"] = error.request_id
    if isinstance(error, errors.RosterError | errors.CalendarError):
        more["errors"] = [_split(problem) for problem in error.problems]
    if isinstance(error, errors.ShiftInvalid):
        more["errors"] = [FieldProblem(field=error.field, problem=error.words)]
    return ApiProblem(kind, str(error), more)


def of_fields(error: ValidationError, where: str) -> ApiProblem:
    """What the model of a body or a query did not take; values are not repeated."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    if any(one["type"] == "json_invalid" for one in found):
        return ApiProblem("not-json", "This is not JSON that can be read.")
    told = [
        FieldProblem(field=".".join(str(part) for part in one["loc"]) or where, problem=_words(one["msg"]))
        for one in found[:50]
    ]
    return ApiProblem("invalid", f"{len(found)} of the fields in the {where} cannot be used.", {"errors": told})


def response(problem: ApiProblem) -> Response:
    """The problem as it is sent."""
    known = KINDS[problem.kind]
    body = Problem(
        type=f"/api/docs#problem-{problem.kind}",
        title=known.title,
        status=known.status,
        detail=problem.detail,
        what_to_do=known.what_to_do,
        **problem.more,
    )
    headers = {"Cache-Control": "no-store", **problem.headers}
    return Response(body.model_dump_json(exclude_none=True), known.status, headers, MEDIA_TYPE)


def kinds_of(statuses: Sequence[int]) -> list[str]:
    """The kinds with one of these statuses."""
    return [kind for kind, known in KINDS.items() if known.status in statuses]


def _split(problem: str) -> FieldProblem:
    where, colon, words = problem.partition(": ")
    return FieldProblem(field=where if colon else "file", problem=words if colon else problem)


def _words(message: str) -> str:
    return message.removeprefix("Value error, ")
