"""Reads from the store what coverage is worked out from (`supply.Town`)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dispatch.answering import Pool
from dispatch.coverage import Terms, learn_demand, session_minutes, sign_on_habit
from dispatch.policy import Policy
from dispatch.store import Transaction
from dispatch.supply import Town

WEEKS = 12
"""Of history, unless asked otherwise: with its half-life of four weeks, older ones hardly count."""
_HABIT = timedelta(weeks=8)
_POOLED = 2000


def gather(tx: Transaction, now: datetime, policy: Policy, zone: ZoneInfo, weeks: int = WEEKS) -> Town:
    """Demand of the last `weeks` weeks (less where the service has not run so long), and everybody's hours."""
    first = tx.begun_at()
    since = max(first or now, now - timedelta(weeks=weeks))
    asked = tx.asked_since(since, now)
    people = tuple(tx.roster())
    changes = tx.signed_on_and_off(now - _HABIT)
    habits = {one: sign_on_habit(said, max(now - _HABIT, said[0][0]), now, zone) for one, said in changes.items()}
    answers = tx.answers(limit=_POOLED)
    pool = Pool.of(answers.values())
    return Town(
        now,
        zone,
        learn_demand(((language, at) for language, at, _ in asked), since, now, zone),
        people,
        tx.calendars([one.id for one in people]),
        {one: habit for one, habit in habits.items() if habit is not None},
        answers,
        pool,
        tx.limit_reached(people, now, zone.key),
        Terms(
            minutes=session_minutes(minutes for _, _, minutes in asked),
            wrap_up_minutes=policy.wrap_up_seconds / 60,
            target=policy.target,
            calls_per_second=policy.calls_per_second,
            delay=pool.usual,
        ),
    )
