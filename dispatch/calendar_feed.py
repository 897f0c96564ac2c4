"""Each interpreter's calendar at an address that nobody can guess, for their own calendar program to subscribe to.

It shows shifts, time off and appointments: times, language and channel. Never a requester, a place or a note: who
holds the address needs no password, and addresses get passed on.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HTTPRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from dispatch import varieties
from dispatch.agency_in_force import in_force
from dispatch.appointment import Appointment, How
from dispatch.calendar_files import Busy, write_calendar
from dispatch.clock import Clock
from dispatch.errors import StoreError
from dispatch.people import Interpreter
from dispatch.settings import Settings
from dispatch.store import Store, Transaction

PAST = timedelta(days=30)
"""How long an appointment stays in the feed after it was."""

_HOW = {How.PHONE: "by phone", How.IN_PERSON: "in person", How.ON_SITE: "on site"}
_HEADERS = {
    "Cache-Control": "private, max-age=300",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def routes(store: Store, settings: Settings | Callable[[], Settings], clock: Clock) -> list[BaseRoute]:
    """The address of every interpreter's calendar: `/calendar/<token>.ics`. `settings` may give those in force now."""
    told = in_force(settings)

    async def feed(request: HTTPRequest) -> Response:
        """The calendar; 404 for an address that is nobody's, or nobody's any more."""
        try:
            found = await run_in_threadpool(_feed, store, told().agency, clock, request.path_params["token"])
        except StoreError:
            return PlainTextResponse("Try again in a minute.", 503, headers={"Retry-After": "60"})
        if found is None:
            return PlainTextResponse("There is no calendar here.", 404, headers={"Cache-Control": "no-store"})
        return Response(found, media_type="text/calendar", headers=_HEADERS)

    return [Route("/calendar/{token}.ics", feed)]


def address(settings: Settings, token: str) -> str:
    """The whole address of the calendar with that token."""
    return f"{settings.public_url.rstrip('/')}/calendar/{token}.ics"


def _feed(store: Store, agency: str, clock: Clock, token: str) -> bytes | None:
    now = clock.now()
    with store.reading() as tx:
        interpreter = tx.interpreter_by_calendar_token(token)
        if interpreter is None:
            return None
        return written(tx, interpreter, agency, now)


def written(tx: Transaction, interpreter: Interpreter, agency: str, now: datetime) -> bytes:
    """Their calendar as iCalendar."""
    name = f"{agency}: interpreter {interpreter.code}"
    busy = [_busy(one) for one in tx.appointments_of(interpreter.id, now - PAST)]
    return write_calendar(tx.calendar(interpreter.id), name, now, busy)


def _busy(appointment: Appointment) -> Busy:
    language = varieties.named(appointment.spoken)
    words = f"Appointment: {language}, {_HOW[appointment.how]}"
    return Busy(appointment.id, appointment.starts, appointment.minutes, words)
