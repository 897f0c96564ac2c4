"""The board: one page that is always true, sent anew whenever anything changes (server-sent events)."""

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
from dispatch.errors import StoreError

_LOOK_SECONDS = 0.25
_SAY_ANYWAY_SECONDS = 10.0
_STILL_ALLOWED_SECONDS = 5.0


def routes(console: Console, guard: Guard) -> list[BaseRoute]:
    """The board's addresses."""
    live = Live(console, guard)
    return [
        Route("/console/", guard(live.page, May.WATCH)),
        Route("/console/board.json", guard(live.board, May.WATCH)),
        Route("/console/events", guard.stream(live.follow, May.WATCH)),
        Route("/console/alerts/{id:int}/clear", guard(live.clear_alert, May.ACT), methods=["POST"]),
    ]


class Live:
    """The handlers."""

    def __init__(self, console: Console, guard: Guard) -> None:
        self._console = console
        self._store = console.store
        self._guard = guard

    def page(self, visit: Visit) -> Response:
        """The page itself; what is on it comes with the first event."""
        return self._console.pages.draw("board.html", visit, without_accounts=visit.visitor.name == OPEN_NAME)

    def board(self, visit: Visit) -> Response:
        """The board as JSON."""
        return JSONResponse(self._read(), headers=HEADERS)

    def clear_alert(self, visit: Visit) -> Response:
        """The dispatcher has seen to an alert."""
        number = visit.request.path_params["id"]
        with self._store.transaction() as tx:
            tx.clear_alert(number, visit.now)
            tx.audit(visit.visitor.name, "alert seen to", f"alert {number}", "", visit.now)
        return Response(status_code=204)

    async def follow(self, visit: Visit) -> AsyncIterator[ServerSentEvent]:
        """The board, now and after every change. Ends with "sign_in" when its visitor may not see it any more.

        Looks for changes four times a second: the log is the store's own count of everything that happened.
        """
        seen, said, allowed = -1, 0.0, 0.0
        loop = asyncio.get_running_loop()
        while not await visit.request.is_disconnected():
            try:
                if loop.time() - allowed > _STILL_ALLOWED_SECONDS:
                    if isinstance(await run_in_threadpool(self._guard.visitor, visit.request, May.WATCH), Response):
                        yield ServerSentEvent("{}", event="sign_in")
                        return
                    allowed = loop.time()
                newest = await run_in_threadpool(self._last_seq)
                # Wrap-up and pauses end by the clock alone, so the board is sent now and then in any case.
                if newest != seen or loop.time() - said > _SAY_ANYWAY_SECONDS:
                    told = await run_in_threadpool(self._read)
                    seen, said = int(told["seq"]), loop.time()
                    yield ServerSentEvent(json.dumps(told, ensure_ascii=False), event="board", id=str(seen))
            except StoreError as error:
                seen = -1
                yield ServerSentEvent(json.dumps({"reason": str(error)}), event="trouble")
                await asyncio.sleep(1.0)
            await asyncio.sleep(_LOOK_SECONDS)

    def _last_seq(self) -> int:
        with self._store.reading() as tx:
            return tx.last_seq()

    def _read(self) -> dict[str, Any]:
        with self._store.reading() as tx:
            told = board.read(tx, self._console.clock.now())
        return {**told, "queue": self._console.queue_answers()}
