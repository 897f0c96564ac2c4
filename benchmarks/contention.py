"""Workers fighting over interpreters: zero double offers, zero lost requests, on SQLite and on PostgreSQL.

2,000 requests are live at once, all for one language with 200 interpreters; 8 workers search, accept, decline, hang up
and finish whatever they find, each in an order of its own. An auditor reads the tables themselves the whole time.

    python -m benchmarks.contention                     # both databases (PostgreSQL: a server is started for it)
    python -m benchmarks.contention --requests 200
"""

import argparse
import multiprocessing
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text

from dispatch import events
from dispatch.clock import SystemClock
from dispatch.errors import StoreError
from dispatch.intake import Intake
from dispatch.offer import OfferState
from dispatch.people import Interpreter, PhoneNumber, Requester, Role, Skill
from dispatch.policy import Policy
from dispatch.request import RequestState
from dispatch.ring_plan import FixedRing
from dispatch.store import Store

KEY = "a key for measurements only, long enough"
_SECONDS = 1500.0
_DONE = 4
"""A worker stops when it has found nothing open this often in a row."""


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    requests: int
    workers: int
    interpreters: int


FULL = Size(requests=2000, workers=8, interpreters=200)


@dataclass(frozen=True)
class Found:
    """What came of it."""

    size: Size
    completed: int
    offers: int
    seconds: float
    audits: int
    live: int
    """Requests that were open at once, when the fight began."""
    doubled: tuple[str, ...]
    """Interpreters with two holding offers, and seats with two interpreters, as the auditor saw them."""
    lost: tuple[str, ...]
    """Requests that are not over, or ended otherwise than they should."""
    held: tuple[str, ...]
    """Interpreters whom nobody has let go."""


def contend(url: str, size: Size, processes: bool = True) -> Found:
    """Let the workers fight until every request is over, on an empty database. Raises StoreError."""
    store = Store(url, KEY)
    store.migrate()
    _fill(store, size)
    with store.reading() as tx:
        live = len(tx.open_requests())
    stop, doubled, audits = threading.Event(), set[str](), Counter[str]()
    auditor = threading.Thread(target=_audit, args=(url, stop, doubled, audits))
    auditor.start()
    began = time.monotonic()
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=_work, args=(url, seed))
        if processes
        else threading.Thread(target=_work, args=(url, seed))
        for seed in range(size.workers)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(_SECONDS)
    seconds = time.monotonic() - began
    stop.set()
    auditor.join()
    found = _count(store, size, seconds, audits["rounds"], live, doubled)
    store.close()
    return found


def _fill(store: Store, size: Size) -> None:
    clock, policy = SystemClock(), _policy()
    with store.transaction() as tx:
        for number in range(size.interpreters):
            phone = PhoneNumber(f"+1617555{number:04d}")
            tx.put_interpreter(Interpreter(f"i{number}", f"{number}", f"I {number}", phone, (Skill("spa"),), tier=1))
        for number in range(size.requests):
            tx.add_requester(Requester(f"p{number}", PhoneNumber(f"+1508555{number:04d}"), Role.OFFICER, "O"))
    intake = Intake(store, clock, policy, lambda ids: None)
    for number in range(size.requests):
        intake.text(f"SM{number}", PhoneNumber(f"+1508555{number:04d}"), "spanish")


def _policy() -> Policy:
    return Policy(wrap_up_seconds=0, strategy=FixedRing(size=2), calls_per_second=0)


def _work(url: str, seed: int) -> None:
    """Perform what is in the outbox that concerns the roster, and play the phones, in an order of its own."""
    store = Store(url, KEY)
    intake = Intake(store, SystemClock(), _policy(), lambda ids: None)
    order = random.Random(seed)
    idle, until = 0, time.monotonic() + _SECONDS
    while idle < _DONE and time.monotonic() < until:
        requests = _some_open(store, order)
        idle = 0 if requests else idle + 1
        for request_id in requests:
            try:
                _act(store, intake, request_id, order)
            except StoreError:
                continue  # somebody else was first too often: another turn will come
    store.close()


def _some_open(store: Store, order: random.Random) -> list[str]:
    with store.reading() as tx:
        ids = tx.open_ids()
    order.shuffle(ids)
    return ids[:50]


def _act(store: Store, intake: Intake, request_id: str, order: random.Random) -> None:
    """One thing that happens to a request: a search, an answer, a hang-up, the end of the session."""
    with store.reading() as tx:
        request = tx.request(request_id)
    if request is None or request.over:
        return
    chance = order.random()
    if request.accepted is not None:
        if chance < 0.7:
            intake.report(request_id, events.SessionDone())
        elif chance < 0.8:
            intake.report(request_id, events.CallEnded(request.accepted.id, "completed"))
    elif request.open_offers and chance < 0.9:
        offer = order.choice(request.open_offers)
        intake.report(request_id, events.LegAnswered(offer.id))
        if chance < 0.7:
            intake.report(request_id, events.OfferAnswered(offer.id, accepted=True))
        elif chance < 0.75:
            intake.report(request_id, events.OfferAnswered(offer.id, accepted=False))
        else:
            intake.report(request_id, events.CallEnded(offer.id, "no-answer"))
    else:
        intake.find_interpreters(request_id, 2)


def _audit(url: str, stop: threading.Event, doubled: set[str], audits: "Counter[str]") -> None:
    """Look at the tables themselves, as somebody who trusts none of our code."""
    engine = create_engine(url)
    holding = "SELECT interpreter_id, count(*) FROM offers WHERE state IN ('pending', 'ringing', 'accepted')"
    seated = "SELECT request_id || ' seat ' || seat, count(*) FROM offers WHERE state = 'accepted'"
    queries = (f"{holding} GROUP BY 1 HAVING count(*) > 1", f"{seated} GROUP BY 1 HAVING count(*) > 1")
    while not stop.wait(0.02):
        with engine.connect() as connection:
            for query in queries:
                doubled.update(str(row[0]) for row in connection.execute(text(query)))
        audits["rounds"] += 1
    engine.dispose()


def _count(store: Store, size: Size, seconds: float, audits: int, live: int, doubled: set[str]) -> Found:
    with store.reading() as tx:
        ended = tx.recent_requests(size.requests + 1)
        left = [f"{request.id} is {request.state}" for request in tx.open_requests()]
        held = tuple(one.id for one in tx.roster() if one.engaged)
    done = [request for request in ended if request.state is RequestState.COMPLETED]
    odd = [
        f"{request.id} ended {request.state} with {sum(o.state is OfferState.FINISHED for o in request.offers)} seats"
        for request in ended
        if request not in done or not any(offer.state is OfferState.FINISHED for offer in request.offers)
    ]
    missing = [f"{size.requests - len(ended) - len(left)} are gone"] if len(ended) + len(left) != size.requests else []
    offers = sum(len(request.offers) for request in ended)
    return Found(
        size, len(done), offers, seconds, audits, live, tuple(sorted(doubled)), tuple(left + odd + missing), held
    )


@contextmanager
def _databases(only: str) -> Iterator[list[tuple[str, str]]]:
    with tempfile.TemporaryDirectory() as folder:
        found = [("SQLite", f"sqlite:///{Path(folder) / 'contention.sqlite3'}")] if only != "postgresql" else []
        if only == "sqlite":
            yield found
            return
        from tests.postgres_server import PostgresServer

        server = PostgresServer()
        try:
            yield [*found, ("PostgreSQL", str(server.new_database()))]
        finally:
            server.stop()


def main() -> None:
    """Print one line for each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=FULL.requests)
    parser.add_argument("--workers", type=int, default=FULL.workers)
    parser.add_argument("--interpreters", type=int, default=FULL.interpreters)
    parser.add_argument("--only", choices=["sqlite", "postgresql"], default="")
    asked = parser.parse_args()
    size = Size(asked.requests, asked.workers, asked.interpreters)
    print(f"{size.requests} live requests, {size.workers} worker processes, {size.interpreters} interpreters")
    with _databases(asked.only) as databases:
        for name, url in databases:
            found = contend(url, size)
            print(
                f"{name}: {found.live} live at once, {found.completed} completed, {len(found.lost)} lost, "
                f"{len(found.doubled)} double offers in {found.audits} audits, {found.offers} offers made, "
                f"{len(found.held)} interpreters left held, {found.seconds:.0f} s "
                f"({found.offers / found.seconds:.0f} offers/s)"
            )
            for line in (*found.lost[:5], *found.doubled[:5]):
                print("  ", line)


if __name__ == "__main__":
    main()
