"""Performing the effects of test calls."""

from collections.abc import Callable
from datetime import timedelta

from dispatch.effects import EndCheckCall, PlaceCheckCall
from dispatch.phone_check import CheckState, Placed
from dispatch.phone_checking import PhoneChecking
from dispatch.store import Store
from voice.carrier import Carrier

_TOO_LATE = timedelta(seconds=60)
"""A test call that nobody could place for so long is not made any more: who asked for it has gone on."""


class CheckCalls:
    """Rings and hangs up. Doing either twice is harmless as far as the carrier's yes reached us."""

    def __init__(self, store: Store, checking: PhoneChecking, carrier: Carrier, url: Callable[[str], str]) -> None:
        """`url` makes an address of ours whole."""
        self._store = store
        self._checking = checking
        self._carrier = carrier
        self._url = url

    def place(self, effect: PlaceCheckCall) -> None:
        """Ring the interpreter's phone."""
        with self._store.reading() as tx:
            check = tx.phone_check(effect.check_id)
            if check is None or check.state is not CheckState.QUEUED or check.call_sid:
                return
            number = tx.interpreter(check.interpreter_id).number
        if self._checking.now() - check.started_at > _TOO_LATE:
            return
        base = f"/check/{check.id}"
        call_sid = self._carrier.place_call(
            number.e164,
            self._url(f"{base}/prompt"),
            self._url(f"{base}/status"),
            effect.ring_seconds,
            machine_url=self._url(f"{base}/machine"),
        )
        self._checking.report_check(check.id, Placed(call_sid))

    def end(self, effect: EndCheckCall) -> None:
        """Hang up."""
        with self._store.reading() as tx:
            check = tx.phone_check(effect.check_id)
        if check is not None and check.call_sid:
            self._carrier.end_call(check.call_sid)
