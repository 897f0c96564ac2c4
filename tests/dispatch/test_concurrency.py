"""Many workers want few interpreters: nobody is offered twice, no seat is given twice, on both databases."""

import multiprocessing
import random
import threading
from collections import Counter

import pytest
from sqlalchemy import create_engine, text

from dispatch import events
from dispatch.clock import SystemClock
from dispatch.errors import StoreError
from dispatch.intake import Intake
from dispatch.offer import OfferState
from dispatch.people import PhoneNumber, Requester, Role
from dispatch.policy import Policy
from dispatch.store import Store
from tests.conftest import KEY
from tests.dispatch.people import interpreter

REQUESTS, INTERPRETERS = 12, 5


def one_worker(url: str, seed: int) -> None:
    """Search, accept and finish whatever there is, in an order of its own, until every request is over."""
    store = Store(url, KEY)
    intake = Intake(store, SystemClock(), Policy(wrap_up_seconds=0), lambda ids: None)
    order = random.Random(seed)
    for _ in range(400):
        with store.reading() as tx:
            opened = tx.open_requests()
        if not opened:
            break
        request = order.choice(opened)
        try:
            if request.accepted is not None and order.random() < 0.7:
                intake.report(request.id, events.SessionDone())
            elif request.open_offers:
                offer = order.choice(request.open_offers)
                intake.report(request.id, events.OfferAnswered(offer.id, order.random() < 0.8))
            else:
                intake.find_interpreters(request.id, 2)
        except StoreError:
            continue
    store.close()


def watch(url: str, stop: threading.Event, broken: list[str]) -> None:
    """Look at the database itself the whole time, as an auditor would."""
    engine = create_engine(url)
    active = "SELECT interpreter_id FROM offers WHERE state IN ('pending', 'ringing', 'accepted')"
    accepted = "SELECT request_id FROM offers WHERE state = 'accepted'"
    while not stop.is_set():
        with engine.connect() as connection:
            for query in (active, accepted):
                twice = [key for key, count in Counter(connection.execute(text(query)).scalars()).items() if count > 1]
                broken.extend(f"{key}: {query}" for key in twice)
    engine.dispose()


@pytest.mark.parametrize("processes", [False, True], ids=["threads", "processes"])
def test_one_offer_each_and_one_seat_each(store: Store, store_url: str, processes: bool) -> None:
    with store.transaction() as tx:
        for number in range(1, INTERPRETERS + 1):
            tx.put_interpreter(interpreter(number))
        for number in range(REQUESTS):
            tx.add_requester(Requester(f"p{number}", PhoneNumber(f"+161755590{number:02d}"), Role.OFFICER, "O"))
    intake = Intake(store, SystemClock(), Policy(wrap_up_seconds=0), lambda ids: None)
    for number in range(REQUESTS):
        intake.text(f"SM{number}", PhoneNumber(f"+161755590{number:02d}"), "spanish")
    stop, broken = threading.Event(), list[str]()
    auditor = threading.Thread(target=watch, args=(store_url, stop, broken))
    auditor.start()
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=one_worker, args=(store_url, seed))
        if processes
        else threading.Thread(target=one_worker, args=(store_url, seed))
        for seed in range(4 if processes else 8)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    stop.set()
    auditor.join()
    assert broken == []
    with store.reading() as tx:
        left = tx.open_requests()
        free = [one.engaged for one in tx.roster()]
        ended = tx.recent_requests(REQUESTS)
    assert [request.state for request in left] == []
    assert free == [False] * INTERPRETERS
    seats = [sum(offer.state is OfferState.FINISHED for offer in request.offers) for request in ended]
    assert max(seats) == 1
