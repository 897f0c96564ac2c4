"""The JSON API for other systems: /api/v1, its OpenAPI document, and a page that documents it.

Each area is a module with its operations; they use the same functions as the console.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request as HTTPRequest
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from dispatch.api import (
    actions,
    arrival_actions,
    arrivals,
    calendar,
    calendar_import,
    coverage,
    desk,
    docs_page,
    messages,
    openapi,
    reports,
    requests,
    roster,
    roster_work,
    shift_entries,
    tasks,
    webhooks,
)
from dispatch.api.door import Door, Endpoint
from dispatch.api.operations import Operation, Parts
from dispatch.api.problems import ApiProblem, response
from dispatch.console.visits import HEADERS
from dispatch.settings import Settings

OPERATIONS: tuple[Operation, ...] = (
    *requests.OPERATIONS,
    *actions.OPERATIONS,
    *messages.OPERATIONS,
    *roster.OPERATIONS,
    *roster_work.OPERATIONS,
    *calendar.OPERATIONS,
    *calendar_import.OPERATIONS,
    *shift_entries.OPERATIONS,
    *arrivals.OPERATIONS,
    *arrival_actions.OPERATIONS,
    *tasks.OPERATIONS,
    *coverage.OPERATIONS,
    *reports.OPERATIONS,
    *desk.OPERATIONS,
    *webhooks.OPERATIONS,
)


def routes(parts: Parts, also: Sequence[Operation] = ()) -> list[BaseRoute]:
    """The API's addresses. `also`: operations that other packages bring along."""
    operations = (*OPERATIONS, *also)
    described = _Described(operations, parts.settings)
    door = Door(parts)

    async def description(request: HTTPRequest) -> Response:
        return Response(await run_in_threadpool(lambda: described.written), media_type="application/json")

    async def page(request: HTTPRequest) -> Response:
        return HTMLResponse(await run_in_threadpool(lambda: described.page), headers=HEADERS)

    inside: list[BaseRoute] = [Route("/openapi.json", description), *_addresses(door, operations)]
    app = Starlette(routes=inside, middleware=_origins(parts), exception_handlers={HTTPException: _refused})
    app.router.redirect_slashes = False
    mounted = Mount("/api/v1", app)
    # An address with a line break in it is answered here too, and not by whatever stands around the API.
    mounted.path_regex = re.compile(mounted.path_regex.pattern, re.DOTALL)
    return [Route("/api/docs", page), mounted]


class _Described:
    """The API's document and its page: made when first asked for, as both together take longer than all else that a web
    process makes before it answers the carrier."""

    def __init__(self, operations: Sequence[Operation], settings: Settings) -> None:
        self._operations = operations
        self._settings = settings

    @cached_property
    def document(self) -> dict[str, Any]:
        return openapi.document(self._operations, self._settings.agency, self._settings.public_url)

    @cached_property
    def written(self) -> bytes:
        return json.dumps(self.document, ensure_ascii=False).encode()

    @cached_property
    def page(self) -> str:
        return docs_page.drawn(self.document, self._operations, self._settings)


def _addresses(door: Door, operations: Sequence[Operation]) -> list[BaseRoute]:
    """One route for each address, so that 405 names all its methods; fixed ones before those with names in them."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for one in operations:
        by_path.setdefault(one.path, {})[one.method] = door.endpoint(one)
    return [_address(path, by_path[path]) for path in sorted(by_path, key=lambda path: ("{" in path, path))]


def _address(path: str, ways: Mapping[str, Endpoint]) -> Route:
    async def answered(request: HTTPRequest) -> Response:
        return await ways["GET" if request.method == "HEAD" else request.method](request)

    return Route(path, answered, methods=list(ways))


def _origins(parts: Parts) -> list[Middleware]:
    """Browsers on other pages may call only where the agency has named these pages."""
    if not parts.settings.api_origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=parts.settings.api_origins,
            allow_methods=["*"],
            allow_headers=["authorization", "content-type", "idempotency-key"],
        )
    ]


async def _refused(request: HTTPRequest, error: Exception) -> Response:
    """No such address, or no such method there."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 405:
        headers = dict(getattr(error, "headers", None) or {})
        return response(ApiProblem("no-method", f"{request.method} is not possible here.", headers=headers))
    if status == 404:
        return response(ApiProblem("not-found", "There is nothing at this address; see /api/docs."))
    return response(ApiProblem("fault", "This could not be answered."))
