"""The console: the dispatcher's board and everything around it, drawn on the server, live where it has to be."""

from collections.abc import Callable, Sequence
from pathlib import Path

from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from dispatch.clock import Clock
from dispatch.console import (
    account_pages,
    integration_pages,
    live,
    report_pages,
    request_pages,
    roster_pages,
    signing_in,
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
) -> list[BaseRoute]:
    """The console's addresses, each behind its guard.

    `queue_answers`: whether work can be handed to the workers. `also`: pages that other packages bring along.
    """
    console = Console(store, settings, clock, intake, queue_answers, Pages(settings.agency))
    guard = Guard(console)
    found: list[BaseRoute] = [
        Route("/", lambda request: RedirectResponse("/console/")),
        Route("/console", lambda request: RedirectResponse("/console/")),
        Mount("/console/static", StaticFiles(directory=Path(__file__).parent / "static")),
    ]
    own = (live, signing_in, request_pages, roster_pages, report_pages, account_pages, integration_pages)
    for part in (*(one.routes for one in own), *also):
        found += part(console, guard)
    return found
