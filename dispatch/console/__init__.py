"""The console: the dispatcher's board and everything around it, drawn on the server, live where it has to be."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from dispatch.agency_in_force import SettingsInForce
from dispatch.clock import Clock
from dispatch.console import (
    account_pages,
    agency_pages,
    arrival_pages,
    coverage_pages,
    first_run_pages,
    integration_pages,
    interpreter_quality,
    live,
    phone_check_pages,
    report_pages,
    request_pages,
    roster_pages,
    shift_pages,
    signing_in,
    task_pages,
    team_shifts_page,
    voicemail_pages,
)
from dispatch.console.guard import Guard
from dispatch.console.visits import Console, Pages
from dispatch.console.watching import Watching
from dispatch.dispatching import Dispatching
from dispatch.errors import StoreError
from dispatch.settings import Settings
from dispatch.store import Store

_log = logging.getLogger(__name__)
Part = Callable[[Console, Guard], list[BaseRoute]]
"""Some of the console's addresses."""


def routes(
    store: Store,
    settings: Settings,
    clock: Clock,
    intake: Dispatching,
    queue_answers: Callable[[], bool],
    also: Sequence[Part] = (),
    in_force: SettingsInForce | None = None,
    watching: Watching | None = None,
) -> list[BaseRoute]:
    """The console's addresses, each behind its guard.

    `queue_answers`: whether work can be handed to the workers. `also`: pages that other packages bring along.
    `in_force`: the settings as they are now, `watching`: the board that is kept; both made here where not given.
    """
    told = in_force or SettingsInForce(settings, store)
    kept = watching or Watching(store, clock, intake)
    console = Console(store, settings, clock, intake, queue_answers, Pages(lambda: told().agency), told, kept)
    guard = Guard(console)
    found: list[BaseRoute] = [
        Route("/", lambda request: RedirectResponse("/console/")),
        Route("/console", lambda request: RedirectResponse("/console/")),
        Mount("/console/static", StaticFiles(directory=Path(__file__).parent / "static")),
    ]
    own = (
        live,
        signing_in,
        first_run_pages,
        request_pages,
        voicemail_pages,
        roster_pages,
        phone_check_pages,
        shift_pages,
        team_shifts_page,
        report_pages,
        coverage_pages,
        arrival_pages,
        task_pages,
        interpreter_quality,
        account_pages,
        agency_pages,
        integration_pages,
    )
    for part in (*(one.routes for one in own), *also):
        found += part(console, guard)
    return found


def reading_the_board(watching: Watching) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """A lifespan that reads the board as the service starts, so that the first dispatcher does not wait for it."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        reading = asyncio.create_task(run_in_threadpool(_read, watching))
        yield
        await reading

    return lifespan


def _read(watching: Watching) -> None:
    try:
        watching.look()
    except StoreError as error:
        _log.warning("the board could not be read yet; whoever opens it tries again: %s", error)
