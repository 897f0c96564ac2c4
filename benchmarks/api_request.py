"""A request by the API: how soon the first interpreter's phone rings, and how many reads a second are answered.

    python -m benchmarks.api_request [--requests 12] [--seconds 4]

The first figure is of a whole installation on this machine with the local carrier: from just before the POST until the
carrier begins to ring the first interpreter. Calls are not paced: one request alone never waits for that, but a row of
them would. The second is GET of one request by one caller and by eight, beside a bare Starlette handler that answers
the same bytes from memory, served and called the same way in the same run: what is left is the token, the store and the
shape of the answer.
"""

import argparse
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.serving import serving
from dispatch import api, integration_keeping
from dispatch.api.operations import Parts
from dispatch.appointment import Rules
from dispatch.appointment_book import AppointmentBook
from dispatch.clock import SystemClock
from dispatch.dispatching import Dispatching
from dispatch.integrations import Scope
from dispatch.policy import Policy
from dispatch.settings import Settings
from dispatch.store import Store
from workers import roster
from workers.running import complete, start
from workers.scenarios import SPEECH, Phones
from workers.supervisor import Supervisor

_OFFICER = "+16175550101"
_CALLERS = 8


def main() -> None:
    """Run it."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--requests", type=int, default=12)
    asked.add_argument("--seconds", type=float, default=4.0)
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        supervisor = Supervisor(Path(folder))
        try:
            took, read = rings(supervisor, Path(folder), told.requests)
        finally:
            supervisor.stop()
        rates = reads(Path(folder), told.seconds, read)
    table = Table("from POST to the first ring", "median ms", "longest ms", "requests")
    table.add_row("local carrier", f"{statistics.median(took) * 1000:.0f}", f"{max(took) * 1000:.0f}", str(len(took)))
    Console(width=100).print(table)
    table = Table("reads a second", "one caller", f"{_CALLERS} callers")
    for name, rate in rates.items():
        table.add_row(name, *(f"{each:.0f}" for each in rate))
    Console(width=100).print(table)


def rings(supervisor: Supervisor, folder: Path, count: int) -> tuple[list[float], str]:
    """Seconds of each request; and the id of the last."""
    plain = Settings(_env_file=None, state_dir=folder, bind_port=0, calls_per_second=0)  # type: ignore[call-arg]
    settings = complete(supervisor, plain, local=True)
    for name in ("interpreters.csv", "officers.csv"):
        roster.import_file(settings, (SPEECH.parent / name).read_text(encoding="utf-8"))
    addresses = start(supervisor, settings, ["--speed", "10", "--calls-per-second", "0"])
    phones = Phones(addresses.carrier)
    store = Store(settings.store_url, settings.secret_key.get_secret_value())
    caller = httpx.Client(
        base_url=f"{addresses.console.removesuffix('/console/')}/api/v1",
        headers={"Authorization": f"Bearer {_token(store)}"},
        timeout=20.0,
    )
    took, request_id = [], ""
    wish = {"requester": {"number": _OFFICER}, "languages": ["Haitian Creole"]}
    for number in range(count + 1):
        phones.mark()
        begun = time.time()
        made = caller.post("/requests", json=wish).raise_for_status().json()
        ringing = phones.wait("the ring", lambda e: e["kind"] == "ringing")
        if number:  # the first opens connections and fills caches
            took.append(ringing["at"] - begun)
        request_id = made["id"]
        _cancel(caller, request_id)
        phones.wait("the end", lambda e, phone=ringing["phone"]: e["kind"] == "ended" and e["phone"] == phone)
        with store.transaction() as tx:
            for one in tx.roster():
                tx.start_wrap_up(one.id, SystemClock().now())
    caller.close()
    phones.close()
    store.close()
    return took, request_id


def reads(folder: Path, seconds: float, request_id: str) -> dict[str, tuple[float, ...]]:
    """Reads a second of that request and of the bare handler, by one caller and by several."""
    clock = SystemClock()
    settings = Settings(_env_file=None, state_dir=folder, api_per_minute=1_000_000, api_burst=1_000_000)  # type: ignore[call-arg]
    opened = roster.opened(settings)
    intake = Dispatching(opened, clock, Policy(), lambda effects: None)
    book = AppointmentBook(opened, clock, Rules(), lambda effects: None)
    app = Starlette(routes=api.routes(Parts(opened, settings, clock, intake, book, lambda: True)))
    headers = {"Authorization": f"Bearer {_token(opened, 'reader')}"}
    found = {}
    with serving(app) as address:
        where = f"{address}/api/v1/requests/{request_id}"
        body = httpx.get(where, headers=headers).raise_for_status().content
        found["GET /requests/{id}"] = tuple(_rate(where, headers, seconds, callers) for callers in (1, _CALLERS))
    opened.close()

    async def bare(request: Request) -> Response:
        return Response(body, media_type="application/json")

    with serving(Starlette(routes=[Route("/bare", bare)])) as address:
        rates = tuple(_rate(f"{address}/bare", headers, seconds, callers) for callers in (1, _CALLERS))
    found["bare Starlette handler, the same bytes"] = rates
    return found


def _rate(where: str, headers: dict[str, str], seconds: float, callers: int) -> float:
    """Answers a second; every caller keeps its connection and asks again as soon as it is answered."""
    end = time.monotonic() + seconds

    def ask_on() -> int:
        answered = 0
        with httpx.Client(headers=headers) as one:
            while time.monotonic() < end:
                one.get(where).raise_for_status()
                answered += 1
        return answered

    with ThreadPoolExecutor(callers) as pool:
        return sum(one.result() for one in [pool.submit(ask_on) for _ in range(callers)]) / seconds


def _token(store: Store, name: str = "cad") -> str:
    scopes = (Scope.REQUEST, Scope.READ, Scope.ACT)
    return integration_keeping.make(store, name, scopes, 1, "benchmark", SystemClock().now())[0]


def _cancel(caller: httpx.Client, request_id: str) -> None:
    """As it is by then; while its phones move on, it is looked at again."""
    while True:
        version = caller.get(f"/requests/{request_id}").raise_for_status().json()["version"]
        done = caller.post(f"/requests/{request_id}/actions", json={"action": "cancel", "version": version})
        if done.status_code != httpx.codes.CONFLICT:
            done.raise_for_status()
            return


if __name__ == "__main__":
    main()
