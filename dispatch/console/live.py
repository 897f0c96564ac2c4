"""The board: one page that is always true. What changed is sent within a moment (server-sent events)."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from sse_starlette import ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dispatch import board
from dispatch.accounts import May
from dispatch.console.guard import OPEN_NAME, Guard
from dispatch.console.visits import HEADERS, Console, Visit
from dispatch.console.watching import Seen
from dispatch.errors import StoreError

_LOOK_SECONDS = 0.05
_SAY_ANYWAY_SECONDS = 10.0
_STILL_ALLOWED_SECONDS = 5.0


def routes(console: Console, guard: Guard) -> list[BaseRoute]:
    """The board's addresses."""
    live = Live(console, guard)
    return [
        Route("/console/", guard(live.page, May.WATCH)),
        Route("/console/board.json", guard(live.board, May.WATCH)),
        Route("/console/events", guard.stream(live.follow, May.WATCH)),
        Route("/console/requests/{id}/events", guard.stream(live.follow_one, May.WATCH)),
        Route("/console/alerts/{id:int}/clear", guard(live.clear_alert, May.ACT), methods=["POST"]),
    ]


class Live:
    """The handlers."""

    def __init__(self, console: Console, guard: Guard) -> None:
        self._console = console
        self._store = console.store
        self._guard = guard
        self._watching = console.watching

    def page(self, visit: Visit) -> Response:
        """The page itself; what is on it comes with the first event."""
        open_to_all, hotline = visit.visitor.name == OPEN_NAME, self._console.in_force().hotline_number
        return self._console.pages.draw("board.html", visit, without_accounts=open_to_all, hotline=hotline.written)

    def board(self, visit: Visit) -> Response:
        """The board as JSON."""
        with self._store.reading() as tx:
            told = board.read(tx, self._console.clock.now(), self._console.intake.policy)
        return JSONResponse({**told, "queue": self._console.queue_answers()}, headers=HEADERS)

    def clear_alert(self, visit: Visit) -> Response:
        """The dispatcher has seen to an alert; whoever says so second changes nothing."""
        number = visit.request.path_params["id"]
        with self._store.transaction() as tx:
            if tx.open_alert(number) is not None:
                tx.clear_alert(number, visit.now)
                tx.audit(visit.visitor.name, "alert seen to", f"alert {number}", "", visit.now)
        return Response(status_code=204)

    async def follow(self, visit: Visit) -> AsyncIterator[ServerSentEvent]:
        """The board, then whatever changes of it. Ends with "sign_in" when its visitor may not see it any more.

        The requests come first, the roster after them: thousands of rows are not waited for.
        """
        seen = Seen()
        loop, said = asyncio.get_running_loop(), 0.0
        async for trouble in self._while_allowed(visit):
            if trouble is not None:
                seen = Seen()
                yield trouble
                continue
            try:
                newest = await run_in_threadpool(self._watching.look, seen.change < 0)
                if newest != seen.change or loop.time() - said > _SAY_ANYWAY_SECONDS:
                    queue = await run_in_threadpool(self._console.queue_answers)
                    said = loop.time()
                    yield ServerSentEvent(await run_in_threadpool(self._watching.news, seen, queue), event="board")
                if newest != seen.roster:
                    rows = await run_in_threadpool(self._watching.roster, seen)
                    if rows is not None:
                        yield ServerSentEvent(rows, event="roster")
            except StoreError as error:
                seen = Seen()
                yield _trouble(error)
                await asyncio.sleep(1.0)

    async def follow_one(self, visit: Visit) -> AsyncIterator[ServerSentEvent]:
        """The version of one request, now and whenever it changes: its page fetches what is new."""
        request_id, said = str(visit.request.path_params["id"]), -1
        async for trouble in self._while_allowed(visit):
            if trouble is not None:
                yield trouble
                continue
            try:
                version = await run_in_threadpool(self._version, request_id)
            except StoreError as error:
                yield _trouble(error)
                await asyncio.sleep(1.0)
                continue
            if version is not None and version["version"] != said:
                said = int(version["version"])
                yield ServerSentEvent(json.dumps(version), event="version")

    async def _while_allowed(self, visit: Visit) -> AsyncIterator[ServerSentEvent | None]:
        """A turn (None) every moment for as long as somebody listens who may; then "sign_in" and the end."""
        loop, allowed = asyncio.get_running_loop(), 0.0
        while not await visit.request.is_disconnected():
            try:
                if loop.time() - allowed > _STILL_ALLOWED_SECONDS:
                    if isinstance(await run_in_threadpool(self._guard.visitor, visit.request, May.WATCH), Response):
                        yield ServerSentEvent("{}", event="sign_in")
                        return
                    allowed = loop.time()
            except StoreError as error:
                yield _trouble(error)
                await asyncio.sleep(1.0)
                continue
            yield None
            await asyncio.sleep(_LOOK_SECONDS)

    def _version(self, request_id: str) -> dict[str, Any] | None:
        with self._store.reading() as tx:
            found = tx.version_of(request_id)
        return {"version": found[0], "words": board.STATE_WORDS[found[1]]} if found else None


def _trouble(error: StoreError) -> ServerSentEvent:
    return ServerSentEvent(json.dumps({"reason": str(error)}), event="trouble")
