"""The ticker: deadlines become events, and what nobody performed is handed to the queue again."""

import logging
import signal
import threading

from dispatch.errors import DispatchError
from dispatch.intake import Intake

log = logging.getLogger(__name__)

TICK_SECONDS = 0.25
RESEND_AFTER_SECONDS = 5.0
"""An effect not performed by then was probably lost with its worker or with Redis; doing it twice is harmless."""


def tick(intake: Intake) -> None:
    """One round. Trouble is logged and met again next round; a deadline is late then, never lost."""
    try:
        intake.deadlines()
        intake.resend(RESEND_AFTER_SECONDS)
    except DispatchError as error:
        log.error("the ticker goes on after: %s", error)


def run(intake: Intake) -> None:
    """Tick until told to stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.wait(TICK_SECONDS):
        tick(intake)
