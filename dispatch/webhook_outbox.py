"""The outbox of webhooks: what is due is handed to the queue, and what came of it is written down.

Announcements are rows (store/webhooks.py), so a lost worker or queue makes them late, never lost.
"""

import base64
import json
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from dispatch.announcing import (
    KIND_WORDS,
    Answer,
    Delivery,
    Endpoint,
    Fate,
    Kind,
    after_try,
    is_dead,
    is_inside,
    url_problem,
)
from dispatch.clock import Clock
from dispatch.errors import ConfigurationError, QueueUnavailable
from dispatch.integrations import Integration
from dispatch.store import Store, Transaction

log = logging.getLogger(__name__)
Relay = Callable[[Sequence[str]], None]
"""Hands delivery ids to the queue; raises QueueUnavailable when Redis does not answer."""


class DeliveryForgotten(ConfigurationError):
    """There is no such delivery to this integration, or none any more."""


class WebhookOutbox:
    """Safe to share between threads and to run in many processes."""

    def __init__(self, store: Store, clock: Clock, relay: Relay, disable_days: float) -> None:
        self._store = store
        self._clock = clock
        self._relay = relay
        self._disable_days = disable_days

    def hand_over(self, limit: int = 100) -> int:
        """Hand what is due to the queue; returns how many. Called by the ticker."""
        now = self._clock.now()
        with self._store.reading() as tx:
            if not tx.any_delivery_due(now):
                return 0
        with self._store.transaction() as tx:
            due = tx.take_due_deliveries(now, limit)
        try:
            if due:
                self._relay(due)
        except QueueUnavailable as error:
            log.error("%d announcements are handed over again later: %s", len(due), error)
        return len(due)

    def waiting(self, delivery_id: str) -> tuple[Delivery, Endpoint] | None:
        """A delivery that is still to be made, and where to; None when there is nothing to do."""
        with self._store.reading() as tx:
            delivery = tx.delivery(delivery_id)
            endpoint = tx.endpoint(delivery.integration_id) if delivery is not None else None
            integration = tx.integration(delivery.integration_id) if delivery is not None else None
        if delivery is None or endpoint is None or integration is None or delivery.fate is not Fate.WAITING:
            return None
        if integration.revoked_at is not None or endpoint.disabled_at is not None:
            return None
        return delivery, endpoint

    def tried(self, delivery: Delivery, answer: Answer) -> None:
        """Write down what came of a try. An endpoint that is dead for days is disabled, and a dispatcher told."""
        now = self._clock.now()
        with self._store.transaction() as tx:
            fate, due_at = after_try(delivery.tries + 1, answer, now)
            tx.tried(delivery, answer, fate, due_at, now)
            endpoint = tx.endpoint(delivery.integration_id)
            if endpoint is None or not is_dead(endpoint, answer, now, self._disable_days):
                return
            tx.disable_endpoint(endpoint.integration_id, now)
            why = "its receiver wants no more" if answer.gone else "nothing has got through for days"
            tx.raise_alert(
                None, f"Webhooks to {endpoint.integration} are switched off: {why}. See the Integrations page.", now
            )

    def forget(self) -> None:
        """Remove what is done and old."""
        with self._store.transaction() as tx:
            tx.forget_deliveries(self._clock.now())


def set_endpoint(
    tx: Transaction, integration: Integration, url: str, kinds: Sequence[str], inside: bool = True
) -> Endpoint:
    """Where an integration is told, and of what; the secret stays as it was, and so does whether it is paused.
    `inside`: addresses inside a network may be set (whether anything is sent there, the sender decides).

    Raises ConfigurationError.
    """
    problem = url_problem(url)
    if not problem and not inside and is_inside(url):
        problem = "This is inside a network. DISPATCH_WEBHOOK_PRIVATE_ADDRESSES=true allows it, where that is meant."
    if problem:
        raise ConfigurationError(problem)
    unknown = [kind for kind in kinds if kind not in set(Kind)]
    if unknown or not kinds:
        known = ", ".join(KIND_WORDS)
        raise ConfigurationError(f"Choose what it is told of, from: {known}.")
    before = tx.endpoint(integration.id)
    wanted = frozenset(Kind(kind) for kind in kinds)
    made = (
        replace(before, url=url, kinds=wanted)
        if before is not None
        else Endpoint(integration.id, integration.name, url, wanted, new_secret())
    )
    tx.put_endpoint(made)
    return made


def pause(tx: Transaction, endpoint: Endpoint, now: datetime) -> None:
    """Nothing is told there until it is resumed. What waits is given up; it can be sent again by hand afterwards."""
    if endpoint.disabled_at is None:
        tx.disable_endpoint(endpoint.integration_id, now)


def resume(tx: Transaction, endpoint: Endpoint) -> None:
    """It is told again, from now on."""
    tx.put_endpoint(replace(endpoint, failing_since=None, disabled_at=None))


def send_test(tx: Transaction, endpoint: Endpoint, now: datetime, delivery_id: str = "") -> str:
    """Something to deliver that tells nothing, under that id or a new one; returns it."""
    payload = {"type": "test", "timestamp": now.isoformat(), "data": {}}
    return tx.announce_to(endpoint, "test", json.dumps(payload), now, delivery_id)


def send_again(tx: Transaction, integration: Integration, delivery_id: str, now: datetime) -> None:
    """Try a delivery anew, now, however it stood. Raises DeliveryForgotten."""
    delivery = tx.delivery(delivery_id)
    if delivery is None or delivery.integration_id != integration.id:
        raise DeliveryForgotten("This delivery is not kept any more.")
    tx.send_again(delivery.id, now)


def with_new_secret(endpoint: Endpoint) -> Endpoint:
    """The endpoint with another signing secret; the former is worth nothing any more."""
    return replace(endpoint, secret=new_secret())


def new_secret() -> str:
    """A signing secret as Standard Webhooks writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
