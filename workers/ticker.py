"""The ticker: deadlines become events, and what nobody performed is handed to the queue again."""

import logging
import signal
import threading

from dispatch.appointment_book import AppointmentBook
from dispatch.errors import DispatchError
from dispatch.intake import Intake
from dispatch.policy_file import PolicyFile
from dispatch.webhook_outbox import WebhookOutbox

log = logging.getLogger(__name__)

TICK_SECONDS = 0.25
RESEND_AFTER_SECONDS = 5.0
"""An effect not performed by then was probably lost with its worker or with Redis; doing it twice is harmless."""

_FORGET_EVERY = 120
"""Rounds: what the agency no longer keeps is gone within half a minute."""


def tick(intake: Intake, appointments: AppointmentBook) -> None:
    """One round. Trouble is logged and met again next round; a deadline is late then, never lost."""
    try:
        intake.start_calls()
        intake.deadlines()
        intake.supply()
        appointments.deadlines(intake)
        intake.resend(RESEND_AFTER_SECONDS)
    except DispatchError as error:
        log.error("the ticker goes on after: %s", error)


def run(
    intake: Intake,
    appointments: AppointmentBook,
    policy: PolicyFile | None = None,
    webhooks: WebhookOutbox | None = None,
) -> None:
    """Tick until told to stop. News of the policy file is kept, and its troubles shown, from here."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    rounds = 0
    while not stop.wait(TICK_SECONDS):
        tick(intake, appointments)
        _tell(policy)
        _announce(webhooks)
        rounds += 1
        if rounds % _FORGET_EVERY == 0:
            _forget(intake)
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


def _forget(intake: Intake) -> None:
    try:
        intake.forget_gists()
    except DispatchError as error:
        log.error("gists are kept until the next round: %s", error)
