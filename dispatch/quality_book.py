"""What is due after sessions and before certificates end, done once each: the shell around the plain decisions.

Each row is taken and done in one transaction: a process that dies before its end has done nothing, and of two tickers
one finds the row taken.
"""

import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import stamina

from dispatch import after_session, certificates, languages, quality_tasks
from dispatch.after_session import COMPLAINT_COUNTS, Asked, QualityRules
from dispatch.certificates import ENDED, Reminder
from dispatch.clock import Clock
from dispatch.due_rounds import on_its_own
from dispatch.effects import SendText, To
from dispatch.errors import Conflict, QueueUnavailable, UnknownInterpreter
from dispatch.people import Interpreter, Role, Skill
from dispatch.quality_tasks import Source
from dispatch.store import Store, Transaction
from dispatch.store.quality import LINE, RATING

log = logging.getLogger(__name__)
_retry_conflicts = stamina.retry(on=Conflict, attempts=8, wait_initial=0.01, wait_max=0.2, timeout=10)
_DUES_KEPT = timedelta(days=200)
"""Longer than the first reminder comes before a certificate's end: a row that is gone could be put again."""


class QualityBook:
    """Does what is due. Safe to share between threads and to run in many processes."""

    def __init__(self, store: Store, clock: Clock, rules: QualityRules, relay: Callable[[Sequence[str]], None]) -> None:
        """`relay` hands effect ids to the queue; where it raises QueueUnavailable they wait in the outbox."""
        self._store = store
        self._clock = clock
        self._rules = rules
        self._relay = relay
        self._ways: dict[str, Callable[[Transaction, str, datetime], list[str]]] = {
            "ask": self._ask,
            "thank": self._thank,
            "certificate": self._remind,
        }

    def deadlines(self, limit: int = 50) -> int:
        """Do what is due; returns how much it was. Called by the ticker, safe to run twice at once."""
        with self._store.reading() as tx:
            due = tx.quality_due(self._clock.now(), limit)
        for kind, subject in due:
            with on_its_own(f"a {kind}"):
                self._pass(kind, subject)
        return len(due)

    def plan(self) -> int:
        """Put down the reminders about every certificate that ends; returns how many are new. Cheap to repeat."""
        rules, now, new = self._rules, self._clock.now(), 0
        with self._store.reading() as tx:
            people = tx.certified()
        for one in people:
            for reminder in certificates.reminders(one, rules.reminder_days):
                if reminder.day < now.date() - timedelta(days=max(rules.reminder_days, default=0) + 1):
                    continue  # long over when it was entered
                quiet, zone = one.terms.quiet or rules.quiet, one.terms.timezone or rules.zone
                with self._store.transaction() as tx:
                    new += tx.put_due("certificate", reminder.subject, certificates.moment(reminder, quiet, zone))
        return new

    def forget(self) -> None:
        """Remove the words whose time is over, and rows of what was done long ago."""
        now = self._clock.now()
        with self._store.transaction() as tx:
            tx.forget_rating_words(now - self._rules.words_kept)
            tx.forget_task_words(now - self._rules.task_words_kept)
            tx.forget_dues(now - _DUES_KEPT)

    @_retry_conflicts
    def _pass(self, kind: str, subject: str) -> None:
        now = self._clock.now()
        with self._store.transaction() as tx:
            ids = self._ways[kind](tx, subject, now) if tx.take_due(kind, subject, now) else []
        if not ids:
            return
        try:
            self._relay(ids)
        except QueueUnavailable as error:
            log.error("%d effects wait in the outbox until the queue is back: %s", len(ids), error)

    def _ask(self, tx: Transaction, request_id: str, now: datetime) -> list[str]:
        """Ask the requester how it was."""
        request = tx.request(request_id)
        requester = tx.requester(request.requester_id) if request is not None else None
        if request is None or requester is None or request.ended_at is None:
            return []
        asked = Asked(
            number=requester.number,
            ended_at=request.ended_at,
            last_asked=tx.last_asked(requester.id),
            refused=tx.refused_asking(requester.id),
            complained=tx.complained_since(requester.id, now - COMPLAINT_COUNTS),
            busy=tx.open_request_of(requester.id) is not None,
        )
        verdict = after_session.may_ask(asked, now, self._rules)
        if verdict.at is not None:
            tx.put_off("ask", request_id, verdict.at)
        if not verdict.now:
            return []
        officer = requester.role is Role.OFFICER
        language = request.language or requester.language or "eng"
        key, spoken = ("officer_rating_ask", "eng") if officer else ("rating_ask", language)
        ids = tx.put_effects(None, [SendText(To.REQUESTER, requester.id, key, spoken, {})], now)
        tx.ask_rating(secrets.token_hex(6), request.id, RATING, requester.id, language, ids[0], now)
        tx.log(request.id, "RatingAsked", {}, now)
        return ids

    def _thank(self, tx: Transaction, subject: str, now: datetime) -> list[str]:
        """Thank a volunteer, once a day at most, and ask how the line was."""
        request_id, _, interpreter_id = subject.partition("|")
        request = tx.request(request_id)
        one = _here(tx, interpreter_id)
        if request is None or request.ended_at is None or one is None:
            return []
        verdict = after_session.may_thank(one, tx.refused_asking(one.id), request.ended_at, now, self._rules)
        if verdict.at is not None:
            tx.put_off("thank", subject, verdict.at)
        if not verdict.now or not tx.put_due("thanked", f"{one.id}|{one.local(now, self._rules.zone).date()}", now):
            return []
        tx.take_due("thanked", f"{one.id}|{one.local(now, self._rules.zone).date()}", now)
        ids = tx.put_effects(None, [SendText(To.INTERPRETER, one.id, "interpreter_thanks", "eng", {})], now)
        tx.ask_rating(secrets.token_hex(6), request.id, LINE, one.id, "eng", "", now)
        return ids

    def _remind(self, tx: Transaction, subject: str, now: datetime) -> list[str]:
        """Tell an interpreter, and who keeps the roster, that a certificate ends or has ended."""
        reminder = Reminder.of(subject)
        one = _here(tx, reminder.interpreter_id)
        if one is None:
            return []
        quiet, zone = one.terms.quiet or self._rules.quiet, one.terms.timezone or self._rules.zone
        at = after_session.day_begins(now, quiet, zone)
        if at != now:
            tx.put_off("certificate", subject, at)
            return []
        today = one.local(now, self._rules.zone).date()
        skill = certificates.stands(reminder, one, self._rules.reminder_days, today)
        if skill is None:
            return []
        tx.add_task(_task(reminder, one, skill, now))
        key = "interpreter_certificate_ended" if reminder.days == ENDED else "interpreter_certificate_ends"
        said = {
            "language": reminder.language,
            "certificate": skill.certificate.value,
            "day": f"{reminder.expires.day} {reminder.expires:%B %Y}",
            "days": str((reminder.expires - today).days),
        }
        return tx.put_effects(None, [SendText(To.INTERPRETER, one.id, key, "eng", said)], now)


def _here(tx: Transaction, interpreter_id: str) -> Interpreter | None:
    """The interpreter, unless they have left."""
    try:
        return None if tx.is_retired(interpreter_id) else tx.interpreter(interpreter_id)
    except UnknownInterpreter:
        return None


def _task(reminder: Reminder, one: Interpreter, skill: Skill, now: datetime) -> quality_tasks.Task:
    """One task while it comes nearer, another once it has ended."""
    ended = reminder.days == ENDED
    about = f"{one.code}: {skill.certificate.value} in {languages.get(reminder.language).english}"
    what = (
        f"{about} ended {reminder.expires}; not asked where it is needed"
        if ended
        else f"{about} ends {reminder.expires}"
    )
    return quality_tasks.make(
        Source.CERTIFICATE,
        secrets.token_hex(6),
        f"certificate:{one.id}:{reminder.language}:{reminder.expires}:{'ended' if ended else 'ends'}",
        now,
        what=what,
        made_by="the calendar",
        interpreter_id=one.id,
    )
