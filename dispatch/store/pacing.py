"""The carrier's pace: which calls start now, which wait for their turn, and in what order. Rows, so nothing is lost."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select, update

from dispatch.schema import outbox, pace
from dispatch.store.unit import Unit
from dispatch.store.unit import insert as conflicting_insert

_ACCOUNT = "calls"
_LATE = timedelta(seconds=0.25)
"""The ticker looks four times a second: starts that fell due since its last look are made up for."""
_SKEW = timedelta(seconds=5)
"""By how much the clocks of two machines may differ."""
_FORGET = (
    update(outbox)
    .where(outbox.c.leg_id.in_(bindparam("legs", expanding=True)), outbox.c.turn.is_not(None))
    .values(turn=None, done_at=bindparam("now"), payload="")
)
_WAITING = select(func.count()).where(outbox.c.turn.is_not(None))


class Pacing(Unit):
    """Turns of calls at the carrier."""

    def call_may_start(self, now: datetime, per_second: float) -> bool:
        """Take the carrier's next start if it is free and nobody waits for one; True when it is ours."""
        if per_second <= 0:
            return True
        if self.calls_waiting():
            return False
        return self._take(now, per_second)

    def calls_waiting(self) -> int:
        """Calls that wait for their turn."""
        return int(self._db.execute(_WAITING).scalar_one())

    def start_calls(self, now: datetime, per_second: float) -> list[str]:
        """Effects whose turn has come, most pressing first; from now on they are as any other in the outbox."""
        waiting = select(outbox.c.id).where(outbox.c.turn.is_not(None)).order_by(outbox.c.turn, outbox.c.created_at)
        most = max(1, round(per_second)) if per_second > 0 else 1000
        ids: list[str] = []
        for effect_id in self._db.execute(waiting.limit(most)).scalars().all():
            if per_second > 0 and not self._take(now, per_second):
                break
            ids.append(effect_id)
        if ids:
            self._db.execute(update(outbox).where(outbox.c.id.in_(ids)).values(turn=None, handed_at=now))
        return ids

    def forget_calls(self, leg_ids: Sequence[str], now: datetime) -> None:
        """These phones are not to be rung any more: calls to them that still wait give up their turn."""
        if leg_ids:
            self._db.execute(_FORGET, {"legs": list(leg_ids), "now": now})

    def _take(self, now: datetime, per_second: float) -> bool:
        """One start, if one is free: the row moves on by the time between two starts. Two who ask get one between them.

        A start that was free a moment ago may be made up for; one that nobody wanted long ago is gone. One that lies
        farther ahead than any start was ever put is of a clock that has been set back since: it holds nobody up.
        """
        between = timedelta(seconds=1 / per_second)
        row = {"account": _ACCOUNT, "next_at": now + between}
        first = conflicting_insert(self._dialect)(pace).on_conflict_do_nothing().returning(pace.c.account)
        if self._db.execute(first, row).first() is not None:
            return True
        due = select(pace.c.next_at).where(pace.c.account == _ACCOUNT)
        next_at = self._db.execute(due.with_for_update() if self._lock else due).scalar_one()
        if now < next_at <= now + between + _SKEW:
            return False
        moved = max(min(next_at, now), now - _LATE) + between
        self._db.execute(update(pace).where(pace.c.account == _ACCOUNT).values(next_at=moved))
        return True
