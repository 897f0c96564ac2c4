"""Test calls through the same door as everything else: one transaction each, effects to the queue after the commit."""

import secrets

import stamina

from dispatch import phone_check
from dispatch.effects import Effect, EndCheckCall, PlaceCheckCall
from dispatch.errors import Conflict, NeedsConfirming, NotPossibleNow
from dispatch.intake import Intake
from dispatch.phone_check import CheckEvent, MachineHeard, PhoneCheck

_retry_conflicts = stamina.retry(on=Conflict, attempts=5, wait_initial=0.01, wait_max=0.1, timeout=3)


class PhoneChecking(Intake):
    """An intake that also makes test calls."""

    @_retry_conflicts
    def begin_check(self, interpreter_id: str, by: str, confirmed: bool) -> PhoneCheck:
        """Ring an interpreter's phone to see that it can be reached.

        Raises NotPossibleNow while they are engaged, a test is on its way or requests wait for the carrier, and
        NeedsConfirming where they asked not to be disturbed, unless `confirmed`.
        """
        now, policy = self._clock.now(), self.policy
        with self._store.transaction() as tx:
            one = tx.interpreter(interpreter_id)
            away = tx.not_on_call([one.id], now).get(one.id)
            refused = phone_check.refusal(one, tx.phone_check_of(one.id), now)
            if not refused and not tx.call_may_start(now, policy.calls_per_second):
                refused = "The carrier starts calls of requests first: try again in a few seconds."
            if refused:
                raise NotPossibleNow(refused)
            reason = phone_check.disturbance(one, away.reason if away else "", now, policy.timezone)
            if reason and not confirmed:
                raise NeedsConfirming(reason)
            check = PhoneCheck(secrets.token_hex(8), one.id, by, phone_check.first_language(one), now)
            tx.begin_phone_check(check)
            ids = tx.put_effects(None, [PlaceCheckCall(check.id, policy.ring_seconds)], now)
            detail = f"in spite of: {reason}" if reason else ""
            tx.audit(by, "test call made", f"interpreter {one.code}", detail, now)
        self._hand_over(ids)
        return check

    @_retry_conflicts
    def report_check(self, check_id: str, event: CheckEvent) -> PhoneCheck | None:
        """Something happened on a test call. None for one that is forgotten."""
        now = self._clock.now()
        with self._store.transaction() as tx:
            before = tx.phone_check(check_id)
            if before is None:
                return None
            after = phone_check.step(before, event, now)
            effects: list[Effect] = []
            if isinstance(event, MachineHeard) and after.state is not before.state:
                effects.append(EndCheckCall(check_id))
            if after != before:
                tx.save_phone_check(after)
            ids = tx.put_effects(None, effects, now)
        self._hand_over(ids)
        return after
