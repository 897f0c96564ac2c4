"""Coverage: expected demand against on-call supply, gaps first, and what one more shift would change."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dispatch import coverage_view, languages, reports, what_if
from dispatch.accounts import May
from dispatch.arrival_book import ArrivalBook
from dispatch.console.guard import Guard
from dispatch.console.visits import Console, Visit, back_to
from dispatch.coverage_week import draft_of, week_of
from dispatch.errors import DispatchError, NotPossibleNow, ShiftInvalid, UnknownInterpreter
from dispatch.people import Interpreter
from dispatch.reports import Ended
from dispatch.shifts import zone_named
from dispatch.supply import Town
from dispatch.supply_facts import gather
from dispatch.what_if import Change, Draft

PLANNERS = frozenset({May.ACT, May.CHANGE_ROSTER})
"""Who may keep a shift or invite somebody: dispatchers and roster managers."""
_WEEKS = (4, 8, 12, 26)
_TOLD = 0.005
"""Misses a week below which a change is not worth a line."""


def routes(console: Console, guard: Guard) -> list[BaseRoute]:
    """The addresses of coverage."""
    pages = CoveragePages(console)
    return [
        Route("/console/coverage", guard(pages.page, May.REPORTS)),
        Route("/console/coverage/keep", guard(pages.keep, May.REPORTS), methods=["POST"]),
        Route("/console/coverage/invite", guard(pages.invite, May.REPORTS), methods=["POST"]),
    ]


def may_plan(visit: Visit) -> None:
    """Raises NotPossibleNow for those who only look."""
    if not visit.visitor.may & PLANNERS:
        raise NotPossibleNow("Only dispatchers and roster managers change who is on call; ask one of them.")


@dataclass(frozen=True)
class Asked:
    """The what-if form as it was filled in."""

    who: str
    """An interpreter's code; "" for one more speaker."""
    language: str
    days: tuple[int, ...]
    begin: str
    end: str

    @property
    def used(self) -> bool:
        """Whether there is anything to try out."""
        return bool(self.days and (self.who or self.language))


class CoveragePages:
    """The handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._store = console.store
        self._zone = zone_named(console.settings.time_zone)

    @property
    def _book(self) -> ArrivalBook:
        """With the agency as it is called now."""
        console = self._console
        return ArrivalBook(console.store, console.clock, console.in_force(), console.intake.hand_over)

    def page(self, visit: Visit) -> Response:
        """The map, with a draft shift tried out where one was asked for."""
        weeks = int(visit.asked("weeks")) if visit.asked("weeks") in map(str, _WEEKS) else 8
        today = visit.now.astimezone(self._zone).weekday()
        day = int(visit.asked("day")) if visit.asked("day") in tuple("0123456") else today
        asked = _asked(visit.request.query_params.getlist("on"), visit.asked)
        week = week_of(self._town(visit, weeks))
        town, hours, lines = week.town, week.hours, week.lines
        changes: list[Change] = []
        problem, draft = "", None
        try:
            draft, person = _draft(town, asked) if asked.used else (None, None)
            changes = week.with_shift(draft) if draft else []
        except DispatchError as error:
            person, problem = None, str(error)
        shown: dict[str, Any] = {
            "panels": coverage_view.panels(town, hours, lines, {one.language: one for one in changes}),
            "changes": [
                (languages.get(one.language).english, float(one.saved.sum()), told)
                for one in changes
                if abs(float(one.saved.sum())) >= _TOLD and (told := coverage_view.told_changes(one, hours, town.zone))
            ],
            "history": self._history(visit, weeks),
            "people": town.people[:500],
            "choices": sorted(
                (language for language in languages.all_languages().values() if language.voice_call),
                key=lambda language: language.english,
            ),
        }
        return self._console.pages.draw(
            "coverage.html",
            visit,
            weeks=weeks,
            all_weeks=_WEEKS,
            day=day,
            days=coverage_view.DAYS,
            zone=self._zone.key,
            asked=asked,
            draft=draft,
            person=person,
            extra=bool(person and not _has_shifts(town, person)),
            problem=problem,
            minutes=town.terms.minutes,
            effective=town.demand.weeks,
            done=visit.asked("done"),
            planners=bool(visit.visitor.may & PLANNERS),
            **shown,
        )

    def keep(self, visit: Visit) -> Response:
        """Keep the draft as a shift of that interpreter."""
        may_plan(visit)
        person, draft, town = self._sent(visit)
        seed = f"{visit.now:%Y%m%d%H%M%S}"
        shift = draft.shift(what_if.uid_for(town.calendar(person.id), seed))
        self._book.keep_shift(person.id, shift, visit.visitor.name)
        return back_to("/console/coverage?done=kept")

    def invite(self, visit: Visit) -> Response:
        """Ask that interpreter for it by text."""
        may_plan(visit)
        person, draft, _ = self._sent(visit)
        spoken = [draft.language] if draft.language and person.speaks(draft.language) else []
        fresh = self._book.invite_weekly(person.id, draft.shift("draft").hours, spoken, visit.visitor.name)
        return back_to(f"/console/coverage?done={'invited' if fresh else 'before'}")

    # -- what they share -----------------------------------------------------------------------------------------------

    def _town(self, visit: Visit, weeks: int) -> Town:
        with self._store.reading() as tx:
            return gather(tx, visit.now, self._console.intake.policy, self._zone, weeks)

    def _sent(self, visit: Visit) -> tuple[Interpreter, Draft, Town]:
        town = self._town(visit, 8)
        days = [value for value in visit.form.getlist("on") if isinstance(value, str)]
        draft, person = _draft(town, _asked(days, visit.text))
        if person is None:
            raise UnknownInterpreter("Choose an interpreter: only somebody on the roster can keep a shift.")
        return person, draft, town

    def _history(self, visit: Visit, weeks: int) -> list[tuple[str, list[reports.Hour]]]:
        """What was asked for in these weeks, and what of it was missed, by language and hour of the day."""
        last: date = visit.now.astimezone(self._zone).date()
        begin = datetime.combine(last - timedelta(weeks=weeks), time(), self._zone)
        policy = self._console.intake.policy

        def late(one: Ended) -> bool:
            return policy.late(one.language, one.seconds_to_connect)

        with self._store.reading() as tx:
            ended = tx.ended_requests(begin.astimezone(UTC), visit.now)
        rows = reports.demand(ended, frozenset(range(7)), late, self._zone)
        return [(languages.get(code).english, hours) for code, hours in rows]


def _draft(town: Town, asked: Asked) -> tuple[Draft, Interpreter | None]:
    """The form as a draft shift. Raises ShiftInvalid, UnknownInterpreter, UnknownLanguage."""
    try:
        begin, end = time.fromisoformat(asked.begin or "18:00"), time.fromisoformat(asked.end or "22:00")
    except ValueError as error:
        raise ShiftInvalid("hours", "write times like 18:00") from error
    code = asked.who.split()[0] if asked.who else ""
    return draft_of(town, code, asked.language, asked.days, begin, end)


def _asked(days: list[str], value: Any) -> Asked:
    chosen = tuple(sorted({int(day) for day in days if day in tuple("0123456")}))
    return Asked(value("who"), value("language"), chosen, value("from"), value("to"))


def _has_shifts(town: Town, person: Interpreter) -> bool:
    return any(not shift.extra for shift in town.calendar(person.id).shifts)
