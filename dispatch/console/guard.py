"""Lets people in: by account and second factor, or, while there is no account, on this machine's own address."""

import base64
import ipaddress
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from urllib.parse import quote, urlsplit

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException
from starlette.requests import Request as HTTPRequest
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from dispatch import accounts, credentials
from dispatch.accounts import Account, ConsoleSession, May, Stage, Standing
from dispatch.console.visits import HEADERS, Console, Handler, Visit, Visitor
from dispatch.errors import DispatchError, DocumentsUnavailable, StoreError
from dispatch.store import Transaction

USER = "dispatcher"
OPEN_NAME = "this machine"
"""What the audit log calls whoever works without an account."""
_OPEN_TOKEN = "open"
LARGEST_UPLOAD = 16 << 20
_STAGE_PAGES = {Stage.SECOND_FACTOR: "/console/second-factor", Stage.ENROLLING: "/console/enrol"}
_PASSIVE = ("/events", "/board.json", "/version", "/live")
"""Ends of addresses that a page asks for by itself: no sign that its person is there."""

Endpoint = Callable[[HTTPRequest], Awaitable[Response]]
Stream = Callable[[Visit], AsyncIterator[ServerSentEvent]]


class Guard:
    """Wraps handlers: only those who may get to them, and only from the console's own pages."""

    def __init__(self, console: Console) -> None:
        settings = console.settings
        self._console = console
        self._password = settings.console_password.get_secret_value()
        self._key = settings.secret_key.get_secret_value()
        self._loopback = _is_loopback(settings.bind_host)
        self._hosts = {settings.bind_host, "127.0.0.1", "localhost", "::1", urlsplit(settings.public_url).hostname}
        self._secure = settings.public_url.startswith("https:")
        self._has_accounts = False
        self.cookie = "__Host-dispatch" if self._secure else "dispatch"

    # -- wrapping ------------------------------------------------------------------------------------------------------

    def __call__(self, handler: Handler, needed: May) -> Endpoint:
        """The handler, for those who are signed in and may do that."""
        return self._endpoint(handler, lambda request: self.visitor(request, needed))

    def signed_in(self, handler: Handler) -> Endpoint:
        """The handler, for everybody who is signed in."""
        return self._endpoint(handler, lambda request: self.visitor(request, None))

    def halfway(self, handler: Handler, stage: Stage) -> Endpoint:
        """The handler, for those who have given a password and are at that stage."""
        return self._endpoint(handler, lambda request: self._halfway(request, stage))

    def anybody(self, handler: Handler) -> Endpoint:
        """The handler, for everybody: the way in."""
        return self._endpoint(handler, lambda request: self._stranger())

    def stream(self, follow: Stream, needed: May) -> Endpoint:
        """Server-sent events for those who may see them; the stream itself looks now and then if they still may."""

        async def guarded(request: HTTPRequest) -> Response:
            refused = self._refusal(request)
            if refused is not None:
                return refused
            try:
                visitor = await run_in_threadpool(self.visitor, request, needed)
            except StoreError as error:
                return JSONResponse({"trouble": str(error)}, status_code=503, headers=HEADERS)
            if isinstance(visitor, Response):
                return visitor
            visit = Visit(request, visitor, self._now())
            return EventSourceResponse(follow(visit), headers=HEADERS, ping=15)

        return guarded

    def _endpoint(self, handler: Handler, who: Callable[[HTTPRequest], Visitor | Response]) -> Endpoint:
        async def guarded(request: HTTPRequest) -> Response:
            refused = self._refusal(request)
            if refused is not None:
                return refused
            try:
                visitor = await run_in_threadpool(who, request)
                if isinstance(visitor, Response):
                    return visitor
                form = await _form(request) if request.method == "POST" else FormData()
                if form is None:
                    return PlainTextResponse("The form is too large or broken.", status_code=413)
                try:
                    return await run_in_threadpool(self._handled, handler, Visit(request, visitor, self._now(), form))
                finally:
                    await form.close()
            except StoreError as error:
                return JSONResponse({"trouble": str(error)}, status_code=503, headers=HEADERS)

        return guarded

    def _handled(self, handler: Handler, visit: Visit) -> Response:
        if visit.request.method == "POST" and not self._own_form(visit):
            words = "The page was too old, or this was sent by another page. Load it again and repeat."
            return self._told(visit, "Not done", words, 403)
        try:
            return handler(visit)
        except StoreError:
            raise
        except DocumentsUnavailable as error:
            return self._told(visit, "No PDF", str(error), 503)
        except DispatchError as error:
            return self._told(visit, "Not done", str(error), 409)

    def _told(self, visit: Visit, title: str, words: str, status: int) -> Response:
        if visit.by_script:
            return JSONResponse({"trouble": words}, status_code=status, headers=HEADERS)
        return self._console.pages.say(visit, title, words, status)

    def _own_form(self, visit: Visit) -> bool:
        told = visit.request.headers.get("x-form-token") or visit.text("form_token")
        return secrets.compare_digest(told.encode(), visit.visitor.form_token.encode())

    def _refusal(self, request: HTTPRequest) -> Response | None:
        if request.url.hostname not in self._hosts:
            # Another name for this address may be a page that tricks the dispatcher's browser.
            return PlainTextResponse("Open the console by the address in DISPATCH_PUBLIC_URL.", status_code=421)
        if request.method == "POST" and request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return PlainTextResponse("This can only be done from the console itself.", status_code=403)
        return None

    # -- who is it? ----------------------------------------------------------------------------------------------------

    def visitor(self, request: HTTPRequest, needed: May | None) -> Visitor | Response:
        """The signed-in visitor who may do what is needed, or the answer that sends them elsewhere."""
        with self._console.store.reading() as tx:
            if not self.has_accounts(tx):
                return self._without_accounts(request)
            session, account = self.session_of(tx, request)
        if session is None or account is None:
            return self._away(request, "/console/sign-in")
        now = self._now()
        state = accounts.standing(session, now, self._console.settings.console_idle_minutes)
        if state is Standing.OVER:
            return self._away(request, "/console/sign-in")
        if session.stage is not Stage.IN:
            return self._away(request, _STAGE_PAGES[session.stage])
        if state is Standing.LOCKED:
            return self._away(request, "/console/locked")
        if needed is not None and needed not in account.may:
            words = f"Your account's role, {account.role.replace('_', ' ')}, may not {needed}."
            visitor = Visitor(account.name, account.may, self._form_token(request), account, session)
            return self._told(Visit(request, visitor, now), "Not for your role", words, 403)
        if not _passive(request) and (now - session.seen_at).total_seconds() > 20:
            with self._console.store.transaction() as tx:
                tx.touch_session(session.token_hash, now)
        return Visitor(account.name, account.may, self._form_token(request), account, session)

    def session_of(self, tx: Transaction, request: HTTPRequest) -> tuple[ConsoleSession | None, Account | None]:
        """The browser's session and whose it is; (None, None) without one or for a disabled account."""
        token = request.cookies.get(self.cookie, "")
        session = tx.console_session(credentials.token_hash(token)) if token else None
        account = tx.account(session.account_id) if session is not None else None
        if session is None or account is None or account.disabled:
            return None, None
        return session, account

    def has_accounts(self, tx: Transaction) -> bool:
        """Whether anybody has an account; once so, always so."""
        self._has_accounts = self._has_accounts or tx.any_account()
        return self._has_accounts

    def give_token(self, response: Response, token: str) -> Response:
        """Set the session's cookie: for this site alone, never shown to scripts."""
        response.set_cookie(self.cookie, token, path="/", httponly=True, samesite="strict", secure=self._secure)
        return response

    def take_token(self, response: Response) -> Response:
        """Forget the session's cookie."""
        response.delete_cookie(self.cookie, path="/", httponly=True, samesite="strict", secure=self._secure)
        return response

    def _halfway(self, request: HTTPRequest, stage: Stage) -> Visitor | Response:
        with self._console.store.reading() as tx:
            session, account = self.session_of(tx, request)
        if session is None or account is None:
            return self._away(request, "/console/sign-in")
        state = accounts.standing(session, self._now(), self._console.settings.console_idle_minutes)
        if state is Standing.OVER:
            return self._away(request, "/console/sign-in")
        if session.stage is not stage:
            return self._away(request, _STAGE_PAGES.get(session.stage, "/console/"))
        return Visitor(account.name, frozenset(), self._form_token(request), account, session)

    def _stranger(self) -> Visitor:
        return Visitor("", frozenset(), credentials.form_token(_OPEN_TOKEN, self._key))

    def _without_accounts(self, request: HTTPRequest) -> Visitor | Response:
        """Before the first account: by the shared password, or on a loopback address without one."""
        visitor = Visitor(OPEN_NAME, frozenset(May), credentials.form_token(_OPEN_TOKEN, self._key))
        if not self._password:
            if self._loopback:
                return visitor
            words = (
                "There is no account yet. Make one: `interpreter-dispatch account add NAME --role admin`. "
                "Without it, and without DISPATCH_CONSOLE_PASSWORD, the console is for this machine alone."
            )
            return PlainTextResponse(words, status_code=403)
        scheme, _, told = request.headers.get("authorization", "").partition(" ")
        wanted = base64.b64encode(f"{USER}:{self._password}".encode())
        if scheme.lower() == "basic" and secrets.compare_digest(told.encode(), wanted):
            return visitor
        return PlainTextResponse(
            "The console asks for its password.",
            status_code=401,
            headers={"WWW-Authenticate": 'Basic realm="Interpreter Dispatch", charset="UTF-8"'},
        )

    def _away(self, request: HTTPRequest, address: str) -> Response:
        if _passive(request) or request.headers.get("x-requested-with") == "console":
            return JSONResponse({"sign_in": address}, status_code=401, headers=HEADERS)
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        wanted = asked if request.method == "GET" else "/console/"
        after = f"?next={quote(wanted)}" if wanted not in ("/console/", address) else ""
        return RedirectResponse(address + after, status_code=303, headers={"Cache-Control": "no-store"})

    def _now(self) -> datetime:
        return self._console.clock.now()

    def _form_token(self, request: HTTPRequest) -> str:
        return credentials.form_token(request.cookies.get(self.cookie, ""), self._key)


async def _form(request: HTTPRequest) -> FormData | None:
    """What was sent; None when it is too large, of a length that nobody knows, or not a form."""
    if "transfer-encoding" in request.headers:
        return None  # no browser sends a form so; it could go on for ever, and nobody has signed in yet
    if int(request.headers.get("content-length") or 0) > LARGEST_UPLOAD:
        return None
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            sent = json.loads(await request.body() or b"{}")
        except ValueError:
            return None
        return FormData([(str(name), str(value)) for name, value in sent.items()]) if isinstance(sent, dict) else None
    try:
        return await request.form(max_files=1, max_fields=200, max_part_size=LARGEST_UPLOAD)
    except MultiPartException:
        return None


def _passive(request: HTTPRequest) -> bool:
    return request.url.path.endswith(_PASSIVE)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
