"""The board: one page that is always true, sent anew whenever anything changes (server-sent events)."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
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
from dispatch.people import Interpreter
from dispatch.request import OVER
from dispatch.store import LogEntry, Transaction

Rows = dict[str, dict[str, Any]]
"""Roster rows by interpreter id."""

_LOOK_SECONDS = 0.1
_SAY_ANYWAY_SECONDS = 10.0
_STILL_ALLOWED_SECONDS = 5.0
_ROSTER_SECONDS = 3.0


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
        self._reading = threading.Lock()
        self._shared: dict[str, Any] = {"seq": -1}
        self._shared_at = self._roster_at = console.clock.now() - timedelta(days=1)
        self._known_roster: Sequence[Interpreter] = ()
        self._roster_seq = 0

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

        Looks for changes ten times a second: the log is the store's own count of everything that happened. The roster
        is sent whole once, then only the rows that changed.
        """
        seen, said, allowed = -1, 0.0, 0.0
        known: Rows | None = None
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
                    told = await run_in_threadpool(self._read_once, newest)
                    seen, said = int(told["seq"]), loop.time()
                    sent, known = only_changes(told, known)
                    yield ServerSentEvent(json.dumps(sent, ensure_ascii=False), event="board", id=str(seen))
            except StoreError as error:
                seen = -1
                yield ServerSentEvent(json.dumps({"reason": str(error)}), event="trouble")
                await asyncio.sleep(1.0)
            await asyncio.sleep(_LOOK_SECONDS)

    def _last_seq(self) -> int:
        with self._store.reading() as tx:
            return tx.last_seq()

    def _roster(self, tx: Transaction, now: datetime) -> Sequence[Interpreter]:
        """The roster, read anew when somebody signed on or off or a session ended, and every few seconds in any case.

        Thousands of interpreters take longer to read than everything else on the board.
        """
        news = tx.log_after(self._roster_seq)
        moved = any(line.kind == "AvailabilityChanged" or _ends(line) for line in news)
        if moved or (now - self._roster_at).total_seconds() > _ROSTER_SECONDS:
            self._known_roster, self._roster_at = tx.roster(), now
        self._roster_seq = news[-1].seq if news else self._roster_seq
        return self._known_roster

    def _read_once(self, seq: int) -> dict[str, Any]:
        """The board as of log line `seq` or later: read once for all who watch, but never more than a second old."""
        with self._reading:
            now = self._console.clock.now()
            if self._shared["seq"] < seq or (now - self._shared_at).total_seconds() > 1:
                with self._store.reading() as tx:
                    told = board.read(tx, now, self._roster(tx, now))
                self._shared, self._shared_at = {**told, "queue": self._console.queue_answers()}, now
            return self._shared

    def _read(self) -> dict[str, Any]:
        with self._store.reading() as tx:
            told = board.read(tx, self._console.clock.now())
        return {**told, "queue": self._console.queue_answers()}


def _ends(line: LogEntry) -> bool:
    """Whether a request was over with that line: its interpreter's wrap-up begins."""
    return line.detail.get("state", "").partition(" > ")[2] in OVER


def only_changes(told: dict[str, Any], known: Rows | None) -> tuple[dict[str, Any], Rows]:
    """The board with only those roster rows that differ from `known`, and the rows as known from now on."""
    rows: Rows = {one["id"]: one for one in told["roster"]}
    if known is None:
        return told, rows
    changed = [one for one in told["roster"] if known.get(one["id"]) != one]
    gone = [one for one in known if one not in rows]
    return {**told, "roster": changed, "roster_gone": gone}, rows
