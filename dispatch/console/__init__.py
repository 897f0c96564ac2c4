"""The dispatcher's page: one board that is always true, sent anew whenever anything changes (server-sent events)."""

import asyncio
import base64
import ipaddress
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, select_autoescape
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from dispatch import board
from dispatch.clock import Clock
from dispatch.errors import StoreError
from dispatch.settings import Settings
from dispatch.store import Store

USER = "dispatcher"
_LOOK_SECONDS = 0.25
_SAY_ANYWAY_SECONDS = 10.0
_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"  # noqa: E501
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

Handler = Callable[[Request], Awaitable[Response]]


def routes(store: Store, settings: Settings, clock: Clock, queue_answers: Callable[[], bool]) -> list[BaseRoute]:
    """The console's addresses, each behind its guard. `queue_answers`: whether work can be handed to the workers."""
    console = Console(store, settings, clock, queue_answers)
    guard = Guard(settings)
    return [
        Route("/", lambda request: RedirectResponse("/console/")),
        Route("/console", lambda request: RedirectResponse("/console/")),
        Route("/console/", guard(console.page)),
        Route("/console/board.json", guard(console.board)),
        Route("/console/events", guard(console.events)),
        Route("/console/alerts/{id:int}/clear", guard(console.clear_alert), methods=["POST"]),
        Mount("/console/static", StaticFiles(directory=Path(__file__).parent / "static")),
    ]


class Guard:
    """Lets dispatchers in: by password, or on a loopback address without one."""

    def __init__(self, settings: Settings) -> None:
        self._password = settings.console_password.get_secret_value()
        self._loopback = _is_loopback(settings.bind_host)
        self._hosts = {settings.bind_host, "127.0.0.1", "localhost", "::1", urlsplit(settings.public_url).hostname}

    def __call__(self, handler: Handler) -> Handler:
        """The handler, for those who may."""

        async def guarded(request: Request) -> Response:
            refused = self._refusal(request)
            return refused if refused is not None else await handler(request)

        return guarded

    def _refusal(self, request: Request) -> Response | None:
        if request.url.hostname not in self._hosts:
            # Another name for this address may be a page that tricks the dispatcher's browser.
            return PlainTextResponse("Open the console by the address in DISPATCH_PUBLIC_URL.", status_code=421)
        if request.method == "POST" and request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return PlainTextResponse("This can only be done from the console itself.", status_code=403)
        if not self._password:
            if self._loopback:
                return None
            words = "Set DISPATCH_CONSOLE_PASSWORD: without it the console is for this machine's own addresses only."
            return PlainTextResponse(words, status_code=403)
        scheme, _, told = request.headers.get("authorization", "").partition(" ")
        wanted = base64.b64encode(f"{USER}:{self._password}".encode())
        if scheme.lower() == "basic" and secrets.compare_digest(told.encode(), wanted):
            return None
        return PlainTextResponse(
            "The console asks for its password.",
            status_code=401,
            headers={"WWW-Authenticate": 'Basic realm="Interpreter Dispatch", charset="UTF-8"'},
        )


class Console:
    """The handlers."""

    def __init__(self, store: Store, settings: Settings, clock: Clock, queue_answers: Callable[[], bool]) -> None:
        self._store = store
        self._clock = clock
        self._agency = settings.agency
        self._queue_answers = queue_answers
        templates = Environment(loader=PackageLoader("dispatch.console"), autoescape=select_autoescape())
        self._page = templates.get_template("console.html")

    async def page(self, request: Request) -> Response:
        """The page itself; what is on it comes with the first event."""
        return HTMLResponse(self._page.render(agency=self._agency), headers=HEADERS)

    async def board(self, request: Request) -> Response:
        """The board as JSON; 503 with words while the store does not answer."""
        try:
            return JSONResponse(await run_in_threadpool(self._read), headers=HEADERS)
        except StoreError as error:
            return JSONResponse({"trouble": str(error)}, status_code=503, headers=HEADERS)

    async def events(self, request: Request) -> Response:
        """The board, now and after every change."""
        return EventSourceResponse(self._follow(request), headers=HEADERS, ping=15)

    async def clear_alert(self, request: Request) -> Response:
        """The dispatcher has seen to an alert."""
        number = request.path_params["id"]

        def clear() -> None:
            with self._store.transaction() as tx:
                tx.clear_alert(number, self._clock.now())

        try:
            await run_in_threadpool(clear)
        except StoreError as error:
            return JSONResponse({"trouble": str(error)}, status_code=503, headers=HEADERS)
        return Response(status_code=204)

    async def _follow(self, request: Request) -> AsyncIterator[ServerSentEvent]:
        """Looks for changes four times a second: the log is the store's own count of everything that happened."""
        seen, said = -1, 0.0
        loop = asyncio.get_running_loop()
        while not await request.is_disconnected():
            try:
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
            told = board.read(tx, self._clock.now())
        return {**told, "queue": self._queue_answers()}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
