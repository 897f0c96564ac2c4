"""The ticker: deadlines become events, and what nobody performed is handed to the queue again."""

import logging
import signal
import threading
from collections.abc import Callable

from dispatch.errors import DispatchError
from workers.wiring import Service

log = logging.getLogger(__name__)

TICK_SECONDS = 0.25
RESEND_AFTER_SECONDS = 5.0
"""An effect not performed by then was probably lost with its worker or with Redis; doing it twice is harmless."""

_FORGET_EVERY = 120
"""Rounds: what the agency no longer keeps goes every half minute, some hundreds of rows at a time."""
_PLAN_EVERY = 2400
"""Rounds: certificates are looked through at the start and every ten minutes."""


def tick(service: Service) -> None:
    """One round. Trouble is logged and met again next round; a deadline is late then, never lost."""
    try:
        service.intake.start_calls()
        service.intake.deadlines()
        service.intake.supply()
        service.appointments.deadlines(service.intake)
        service.arrivals.deadlines()
        service.quality.deadlines()
        service.intake.resend(RESEND_AFTER_SECONDS)
    except DispatchError as error:
        log.error("the ticker goes on after: %s", error)


def run(service: Service) -> None:
    """Tick until told to stop. News of the policy file is kept, and its troubles shown, from here."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    rounds = 0
    while not stop.wait(TICK_SECONDS):
        tick(service)
        _beside(service, rounds)
        rounds += 1


def _beside(service: Service, rounds: int) -> None:
    """What may be late: each by itself, so that one's trouble does not hold up the others."""
    if service.policy is not None:
        _try("what is new of the policy is told", service.policy.tell)
    _try("webhooks are handed over", service.webhooks.hand_over)
    if rounds % _PLAN_EVERY == 0:
        _try("certificates are looked through", service.quality.plan)
        _try("what was written after sessions is forgotten", service.quality.forget)
    if rounds % _FORGET_EVERY == _FORGET_EVERY - 1:
        _try("what is no longer kept is forgotten", lambda: service.intake.forget(service.settings.keep))
        _try("arrivals are forgotten", service.arrivals.forget)
        _try("old deliveries are forgotten", service.webhooks.forget)


def _try(what: str, do: Callable[[], object]) -> None:
    try:
        do()
    except DispatchError as error:
        log.error("%s next time: %s", what, error)
