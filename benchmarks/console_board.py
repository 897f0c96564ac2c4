"""How soon a dispatcher sees it: the board's first paint, and one event on the page, in Debian's Chromium.

    python -m benchmarks.console_board [--requests 500] [--interpreters 5000]

The console runs by itself over SQLite, without carrier and queue. Times are from the browser's own clock: navigation to
all requests drawn, and from an event's commit to its words on the page. As in the service, the board is read when the
server starts. The events go on for longer than the board's slow round over everything takes: some of them meet it.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table
from starlette.applications import Starlette

from benchmarks.serving import serving
from dispatch import console, override_events
from dispatch.clock import SystemClock
from dispatch.console.watching import Watching
from dispatch.conversation import new_request
from dispatch.dispatching import Dispatching
from dispatch.people import Interpreter, PhoneNumber, Requester, Role, Skill
from dispatch.policy import Policy
from dispatch.request import Channel, RequestState
from dispatch.settings import Settings
from dispatch.store import Store

KEY = "a key for this benchmark alone, thirty-two"
ROUNDS = 120
PAINTS = 10


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=500)
    parser.add_argument("--interpreters", type=int, default=5000)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/store.sqlite3", KEY)
        store.migrate()
        ids = fill(store, told.requests, told.interpreters)
        intake = Dispatching(store, SystemClock(), Policy(), lambda effects: None)
        settings = Settings(_env_file=None, state_dir=Path(folder), secret_key=KEY)  # type: ignore[call-arg, arg-type]
        watching = Watching(store, SystemClock(), intake)
        routes = console.routes(store, settings, SystemClock(), intake, lambda: True, watching=watching)
        app = Starlette(routes=routes, lifespan=console.reading_the_board(watching))
        with serving(app) as address:
            measure(f"{address}/console/", intake, store, ids)
        store.close()


def fill(store: Store, requests: int, interpreters: int) -> list[str]:
    """Waiting requests of Spanish, and a roster that speaks it; returns the requests' ids."""
    now, ids = SystemClock().now(), []
    with store.transaction() as tx:
        for n in range(interpreters):
            number, skills = PhoneNumber(f"+1617{n:07d}"), (Skill("spa", 4), Skill("hat", 3))
            tx.put_interpreter(Interpreter(f"i{n}", str(n), f"Interpreter {n}", number, skills))
        for n in range(requests):
            who = Requester(f"o{n}", PhoneNumber(f"+1618{n:07d}"), Role.OFFICER, f"Officer {n}", "Unit 1")
            tx.add_requester(who)
            made = replace(new_request(who, Channel.TEXT, now), state=RequestState.WAITING, language="spa")
            tx.create_request(made)
            ids.append(made.id)
    return ids


def measure(address: str, intake: Dispatching, store: Store, ids: list[str]) -> None:
    """First paint of a fresh page several times, then single events on the last one."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        paints = []
        for _ in range(PAINTS):
            with browser.new_page() as page:
                paints.append(painted(page, address, len(ids)))
        page = browser.new_page()
        painted(page, address, len(ids))
        hops = []
        for n in range(ROUNDS):
            with store.reading() as tx:
                request = tx.request(ids[n])
            if request is None:
                raise RuntimeError("a request that was just made is gone")
            begun = time.perf_counter()
            event = override_events.InterpreterRung(f"i{n}", "benchmark")
            intake.override(request.id, request.version, event, "benchmark")
            page.wait_for_selector(f'[data-id="{ids[n]}"] .offers', state="attached")
            hops.append(time.perf_counter() - begun)
        browser.close()
    table = Table("what", "p50", "p90", "longest")
    for what, seconds in (("first paint with every request", paints), ("one event to the page", hops)):
        told = (statistics.median(seconds), statistics.quantiles(seconds, n=10, method="inclusive")[-1], max(seconds))
        table.add_row(what, *(f"{1000 * one:.0f} ms" for one in told))
    Console().print(table)


def painted(page: Page, address: str, requests: int) -> float:
    """Seconds from navigation until that many requests are drawn."""
    page.goto(address, wait_until="commit")
    page.wait_for_selector(f"#open-list > li:nth-child({requests})", state="attached")
    return float(page.evaluate("performance.now()")) / 1000


if __name__ == "__main__":
    main()
