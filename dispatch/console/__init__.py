"""The console: the dispatcher's board and everything around it, drawn on the server, live where it has to be."""

from collections.abc import Callable, Sequence
from pathlib import Path

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
from dispatch.dispatching import Dispatching
from dispatch.settings import Settings
from dispatch.store import Store

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
) -> list[BaseRoute]:
    """The console's addresses, each behind its guard.

    `queue_answers`: whether work can be handed to the workers. `also`: pages that other packages bring along.
    `in_force`: the settings as they are now; made here where not given.
    """
    told = in_force or SettingsInForce(settings, store)
    console = Console(store, settings, clock, intake, queue_answers, Pages(lambda: told().agency), told)
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
