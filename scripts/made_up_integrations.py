"""Other systems for the pictures: one that is told by webhook, and one whose token was revoked."""

from datetime import timedelta

from starlette.routing import BaseRoute

from dispatch import api, integration_keeping
from dispatch.announcing import Answer, Fate, Kind
from dispatch.api.operations import Parts
from dispatch.appointment import Rules
from dispatch.appointment_book import AppointmentBook
from dispatch.clock import SystemClock
from dispatch.dispatching import Dispatching
from dispatch.integrations import Scope
from dispatch.settings import Settings
from dispatch.store import Store
from dispatch.webhook_outbox import set_endpoint


def an_integration(store: Store) -> None:
    """A CAD system that is told by webhook, once in vain; and one that was revoked."""
    now = SystemClock().now()
    wanted = [Scope.READ, Scope.REQUEST, Scope.ACT]
    _, made = integration_keeping.make(store, "city-cad", wanted, 365, "amina.diallo", now - timedelta(days=20))
    integration_keeping.make(store, "old-records", [Scope.READ], 30, "amina.diallo", now - timedelta(days=9))
    integration_keeping.revoke(store, "old-records", "amina.diallo", now - timedelta(days=1))
    with store.transaction() as tx:
        tx.touch_integration(made, now - timedelta(minutes=2))
        endpoint = set_endpoint(tx, made, "https://cad.example.gov/hooks", [kind.value for kind in Kind])
        for minutes in (6, 4, 2):
            at = now - timedelta(minutes=minutes)
            delivery = tx.delivery(tx.announce_to(endpoint, Kind.OFFERED.value, '{"type": "request.offered"}', at))
            assert delivery is not None
            if minutes == 2:
                tx.tried(delivery, Answer(False, "503"), Fate.WAITING, now + timedelta(seconds=30), at)
            else:
                tx.tried(delivery, Answer(True, "204"), Fate.DELIVERED, None, at)


def documented(store: Store, settings: Settings, intake: Dispatching) -> list[BaseRoute]:
    """The API and the page that documents it."""
    book = AppointmentBook(store, SystemClock(), Rules(), lambda effects: None)
    return api.routes(Parts(store, settings, SystemClock(), intake, book, lambda: True))
