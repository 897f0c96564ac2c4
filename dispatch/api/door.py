"""The door of the API: who calls, may they, how often, and is what they sent what the operation takes.

Cookies are not looked at, so no page can make a signed-in browser do anything here.
"""

import hashlib
import logging
import re
import threading
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HTTPRequest
from starlette.responses import Response

from dispatch.accounts import wait_after
from dispatch.api.operations import JSON, PATH_PARTS, Call, Created, File, Operation, Parts
from dispatch.api.problems import ApiProblem, of_error, of_fields, response
from dispatch.errors import DispatchError
from dispatch.integrations import Bucket, Integration, Once, is_its_secret, read_token
from dispatch.store.integrations import needs_touch

log = logging.getLogger(__name__)
Endpoint = Callable[[HTTPRequest], Awaitable[Response]]

FREE_GUESSES = 20
"""Wrong tokens from one address before it has to wait; a wrong token in a system's settings is sent a few times."""
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Door:
    """Lets calls through to their operations."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._buckets: dict[str, Bucket] = {}
        self._counting = threading.Lock()

    def endpoint(self, operation: Operation) -> Endpoint:
        """The operation as something that answers over HTTP."""

        async def answered(request: HTTPRequest) -> Response:
            try:
                # Nothing is read of somebody who may not ask.
                now = self._parts.clock.now()
                caller = await run_in_threadpool(self._admitted, operation, request, now)
                body = await _body(request, operation) if operation.has_body else b""
                return await run_in_threadpool(self._answer, operation, request, body, caller, now)
            except ApiProblem as problem:
                return response(problem)

        return answered

    def _admitted(self, operation: Operation, request: HTTPRequest, now: datetime) -> Integration:
        try:
            caller = self._caller(request, now)
        except DispatchError as error:
            raise of_error(error) from error
        self._pace(caller, now)
        if operation.scope is not None and operation.scope not in caller.scopes:
            raise ApiProblem("not-allowed", f"This token does not have the scope {operation.scope.value!r}.")
        return caller

    def _answer(
        self, operation: Operation, request: HTTPRequest, body: bytes, caller: Integration, now: datetime
    ) -> Response:
        try:
            told = operation.handle(self._call(operation, request, body, caller, now))
        except ValidationError as error:
            raise of_fields(error, "answer") from error
        except DispatchError as error:
            raise of_error(error) from error
        if isinstance(told, Created):
            headers = _HEADERS | {"Location": f"/api/v1{told.location}"}
            headers |= {"Idempotent-Replayed": "true"} if told.again else {}
            return Response(told.answer.model_dump_json(), operation.status, headers, JSON)
        if isinstance(told, File):
            headers = _HEADERS | {"Content-Disposition": f'attachment; filename="{told.name}"'}
            return Response(told.content, operation.status, headers, operation.sends)
        return Response(told.model_dump_json(), operation.status, _HEADERS, JSON)

    # -- who calls -----------------------------------------------------------------------------------------------------

    def _caller(self, request: HTTPRequest, now: datetime) -> Integration:
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if not text:
            raise _unauthorised("Every call needs a token.")
        read = read_token(text.strip()) if scheme.lower() == "bearer" else None
        with self._parts.store.reading() as tx:
            known = tx.integration(read[0]) if read is not None else None
        if read is None or known is None or not is_its_secret(known, read[1]):
            raise self._wrong(request, now)
        refused = known.refused(now)
        if refused:
            raise _unauthorised(refused)
        if needs_touch(known, now):
            with self._parts.store.transaction() as tx:
                tx.touch_integration(known, now)
        return known

    def _wrong(self, request: HTTPRequest, now: datetime) -> ApiProblem:
        """A wrong token: noted for the address it came from, which waits longer and longer."""
        subject = f"api address {request.client.host if request.client else 'unknown'}"
        with self._parts.store.reading() as tx:
            wait = wait_after(tx.failures(subject), now, FREE_GUESSES).total_seconds()
        if wait > 0:
            return _too_many("Too many wrong tokens came from this address.", wait)
        with self._parts.store.transaction() as tx:
            tx.note_failure(subject, now)
        return _unauthorised("This is not a token of this service, or it was changed on its way.")

    def _pace(self, caller: Integration, now: datetime) -> None:
        settings = self._parts.settings
        with self._counting:
            full = Bucket(settings.api_burst, now)
            left, wait = self._buckets.get(caller.id, full).take(now, settings.api_per_minute, settings.api_burst)
            self._buckets[caller.id] = left
        if wait > 0:
            raise _too_many(f"This token may be used {settings.api_per_minute} times a minute.", wait)

    # -- what they sent ------------------------------------------------------------------------------------------------

    def _call(
        self, operation: Operation, request: HTTPRequest, body: bytes, caller: Integration, now: datetime
    ) -> Call:
        path = {name: str(value) for name, value in request.path_params.items()}
        for name, value in path.items():
            if not re.fullmatch(PATH_PARTS[name].pattern, value):
                raise ApiProblem("not-found", f"{name} is not written like one of ours.")
        key = request.headers.get("idempotency-key", "")
        if key and not _KEY.fullmatch(key):
            raise ApiProblem("invalid", "An Idempotency-Key is 1 to 255 visible ASCII characters.")
        told = f"{operation.id} {sorted(path.items())} ".encode() + body
        once = Once(caller.id, key, hashlib.sha256(told).hexdigest())
        return Call(self._parts, caller, now, path, _query(operation, request), _read(operation, body), once)


async def _body(request: HTTPRequest, operation: Operation) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != operation.takes:
        wanted = "JSON" if operation.takes == JSON else operation.takes
        raise ApiProblem("not-this-type", f"The body has to be {wanted}.")
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > operation.largest:
            raise ApiProblem("too-large", f"The body is larger than {operation.largest} bytes.")
    return bytes(found)


def _read(operation: Operation, body: bytes) -> Any:
    if operation.body is None:
        return body
    try:
        return operation.body.model_validate_json(body)
    except ValidationError as error:
        raise of_fields(error, "body") from error


def _query(operation: Operation, request: HTTPRequest) -> Any:
    if operation.query is None:
        return None
    try:
        return operation.query.model_validate_strings(dict(request.query_params))
    except ValidationError as error:
        raise of_fields(error, "query") from error


def _unauthorised(words: str) -> ApiProblem:
    return ApiProblem("no-token", words, headers={"WWW-Authenticate": 'Bearer realm="Interpreter Dispatch"'})


def _too_many(words: str, seconds: float) -> ApiProblem:
    return ApiProblem("too-many", words, headers={"Retry-After": str(int(seconds) + 1)})
