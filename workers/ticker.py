"""The ticker: deadlines become events, and what nobody performed is handed to the queue again."""

import logging
import signal
import threading

from dispatch.appointment_book import AppointmentBook
from dispatch.arrival_book import ArrivalBook
from dispatch.errors import DispatchError
from dispatch.intake import Intake
from dispatch.policy_file import PolicyFile
from dispatch.quality_book import QualityBook
from dispatch.retention import Keep
from dispatch.webhook_outbox import WebhookOutbox

log = logging.getLogger(__name__)

TICK_SECONDS = 0.25
RESEND_AFTER_SECONDS = 5.0
"""An effect not performed by then was probably lost with its worker or with Redis; doing it twice is harmless."""

_FORGET_EVERY = 120
"""Rounds: what the agency no longer keeps goes every half minute, some hundreds of rows at a time."""


_PLAN_EVERY = 2400
"""Rounds: certificates are looked through at the start and every ten minutes."""


def tick(intake: Intake, appointments: AppointmentBook, arrivals: ArrivalBook, quality: QualityBook) -> None:
    """One round. Trouble is logged and met again next round; a deadline is late then, never lost."""
    try:
        intake.start_calls()
        intake.deadlines()
        intake.supply()
        appointments.deadlines(intake)
        arrivals.deadlines()
        quality.deadlines()
        intake.resend(RESEND_AFTER_SECONDS)
    except DispatchError as error:
        log.error("the ticker goes on after: %s", error)


def run(
    intake: Intake,
    appointments: AppointmentBook,
    arrivals: ArrivalBook,
    quality: QualityBook,
    policy: PolicyFile | None = None,
    keep: Keep | None = None,
    webhooks: WebhookOutbox | None = None,
) -> None:
    """Tick until told to stop. News of the policy file is kept, and its troubles shown, from here."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    rounds = 0
    while not stop.wait(TICK_SECONDS):
        tick(intake, appointments, arrivals, quality)
        _tell(policy)
        if rounds % _PLAN_EVERY == 0:
            _plan(quality)
        _announce(webhooks)
        rounds += 1
        if rounds % _FORGET_EVERY == 0:
            _forget(intake, arrivals, keep or Keep())
            _forget_deliveries(webhooks)


def _announce(webhooks: WebhookOutbox | None) -> None:
    try:
        if webhooks is not None:
            webhooks.hand_over()
    except DispatchError as error:
        log.error("webhooks are handed over next round: %s", error)


def _forget_deliveries(webhooks: WebhookOutbox | None) -> None:
    try:
        if webhooks is not None:
            webhooks.forget()
    except DispatchError as error:
        log.error("old deliveries are kept until the next round: %s", error)


def _tell(policy: PolicyFile | None) -> None:
    try:
        if policy is not None:
            policy.tell()
    except DispatchError as error:
        log.error("what is new of the policy is told next round: %s", error)


def _forget(intake: Intake, arrivals: ArrivalBook, keep: Keep) -> None:
    try:
        intake.forget(keep)
        arrivals.forget()
    except DispatchError as error:
        log.error("what was to be forgotten is kept until the next round: %s", error)


def _plan(quality: QualityBook) -> None:
    try:
        quality.plan()
        quality.forget()
    except DispatchError as error:
        log.error("certificates are looked through later: %s", error)
