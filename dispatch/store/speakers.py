"""Who speaks a language, as a search of the roster meets them: one statement for people, facts and past answers.

Everything a search asks of each interpreter is read along with them, for a page of them only, and nothing is opened
or parsed that the choice may not need: numbers stay sealed, shifts are read of those who have any.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, exists, false, func, or_, select

from dispatch.eligibility import Facts, Wanted
from dispatch.offer import OfferState
from dispatch.people import UNOPENED, Availability, Certificate, Interpreter, Skill
from dispatch.request import Request
from dispatch.schema import (
    HOLDS,
    answer_history,
    interpreters,
    kept_apart,
    offers,
    requesters,
    requests,
    shifts,
    skills,
    time_off,
)
from dispatch.schema_quality import held_back
from dispatch.serialised import terms_from_json
from dispatch.store.people import NEVER_ASKED
from dispatch.store.quality import Quality
from dispatch.store.shifts import Shifts

PAGE = 30
"""Free speakers looked at in one go: as many as are handed on to the ring plan (`searching`), which weighs half of
them. Where enough of them may be asked, more would hardly change who is rung."""
_MOST_AWAY = 40
"""Speakers who cannot be rung, looked at so that the dispatcher can read why."""
_BUSY_WEEK = timedelta(days=7)
_WEEK = timedelta(days=8)
"""Long enough to hold a week from Monday in every time zone."""
_SERVED = timedelta(days=90)
_AT_ONCE = 500
"""No database likes longer lists of ids."""
_NOT_HELD: Mapping[str, str] = {}
_AVAILABILITY = {one.value: one for one in Availability}
_CERTIFICATES = {one.value: one for one in Certificate}


Speaker = tuple[Interpreter, Facts]
"""One interpreter as a search meets them, and what is known of them with its request in mind. The number is `UNOPENED`,
the skills are those that were sought."""


def _unknown(packed: str, one: Interpreter) -> float:
    return 0.5


def _of(request: Request, now: datetime) -> dict[str, Any]:
    """What the statements ask of this request."""
    return {
        "now": now,
        "requester": request.requester_id,
        "settled": request.language,
        "busy_since": now - _BUSY_WEEK,
        "served_since": now - _SERVED,
    }


class Speakers(Shifts, Quality):
    """Speakers and what is known of them."""

    def meet(
        self,
        request: Request,
        seek: Wanted,
        now: datetime,
        agency_zone: str = "UTC",
        page: int = 0,
        chance: Callable[[str, Interpreter], float] = _unknown,
    ) -> list[Speaker]:
        """Speakers of any of the languages sought in the order of asking, PAGE of them: those who are free by tier,
        rested longest first; where the first page is not full, some who are not free, so that the dispatcher sees why.

        Read from an index that is in that order: the cost does not grow with the roster. `chance` reckons from their
        packed answers ("" for none) how likely each accepts.
        """
        asked = {**_of(request, now), "skip": page * PAGE}
        found = self._in_order(_FREE, seek.any_of, asked)[:PAGE]
        if page == 0 and len(found) < PAGE:
            found += self._in_order(_AWAY, seek.any_of, asked)[:_MOST_AWAY]
        spoken: Mapping[str, tuple[Skill, ...]] = {}
        if len(seek.any_of) > 1 or seek.bridge:
            spoken = self._skills([row.id for row in found], (*seek.any_of, seek.bridge))
        met = [(_interpreter(row, spoken), row[_PERSON + _SKILL :]) for row in found]
        return self._known(met, now, agency_zone, chance)

    def facts(
        self,
        request: Request,
        people: Sequence[Interpreter],
        now: datetime,
        agency_zone: str,
        chance: Callable[[str, Interpreter], float] = _unknown,
    ) -> dict[str, Facts]:
        """The same facts of interpreters who were found in another way, by id."""
        rows: dict[str, Any] = {}
        for first in range(0, len(people), _AT_ONCE):
            ids = [one.id for one in people[first : first + _AT_ONCE]]
            found = self._db.execute(_THESE, {**_of(request, now), "ids": ids})
            rows |= {row.id: row[_PERSON + _SKILL :] for row in found}
        met = [(one, rows[one.id]) for one in people if one.id in rows]
        return {one.id: known for one, known in self._known(met, now, agency_zone, chance)}

    # -- how it is done ------------------------------------------------------------------------------------------------

    def _known(
        self,
        met: Sequence[tuple[Interpreter, Any]],
        now: datetime,
        agency_zone: str,
        chance: Callable[[str, Interpreter], float],
    ) -> list[Speaker]:
        """People with their facts; shifts and what holds them back are read of those who have any."""
        spent = self._minutes([one for one, _ in met], now, agency_zone)
        with_hours = [one.id for one, (has_hours, *_) in met if has_hours]
        away = self.not_on_call(with_hours, now) if with_hours else {}
        with_holds = [one.id for one, (_, has_holds, *_) in met if has_holds]
        held = self.holds(with_holds) if with_holds else {}
        people: list[Speaker] = []
        for one, (_, _, packed, offers_week, own_request, apart, served, _) in met:
            today, week = spent.get(one.id, (0.0, 0.0))
            known = Facts(
                today,
                week,
                offers_week,
                away[one.id].reason if one.id in away else "",
                bool(own_request),
                apart or "",
                held.get(one.id, _NOT_HELD),
                bool(served),
                chance(packed or "", one),
            )
            people.append((one, known))
        return people

    def _in_order(self, query: Select[Any], languages: Iterable[str], asked: dict[str, Any]) -> list[Any]:
        """Rows of `query` for each language, each interpreter once, in the order of asking."""
        pages = [self._db.execute(query, {**asked, "language": code}).all() for code in dict.fromkeys(languages)]
        if len(pages) == 1:
            return list(pages[0])
        each = {row.id: row for page in reversed(pages) for row in page}
        return sorted(each.values(), key=lambda row: (row.tier, row.last_offered_at or NEVER_ASKED, row.id))

    def _skills(self, ids: Sequence[str], languages: Sequence[str]) -> Mapping[str, tuple[Skill, ...]]:
        """What these interpreters speak of these languages."""
        spoken: dict[str, tuple[Skill, ...]] = defaultdict(tuple)
        found = select(skills).where(skills.c.interpreter_id.in_(ids), skills.c.language.in_(languages))
        for row in self._db.execute(found):
            spoken[row.interpreter_id] += _only(
                row.language, row.proficiency, row.certificate, row.expires, row.varieties
            )
        return spoken

    def _minutes(
        self, people: Sequence[Interpreter], now: datetime, agency_zone: str
    ) -> Mapping[str, tuple[float, float]]:
        """Minutes in sessions today and this week, by each interpreter's own clock; only for those with a limit."""
        limited = {one.id: one for one in people if one.terms.daily_minutes or one.terms.weekly_minutes}
        spent: dict[str, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
        if not limited:
            return spent
        found = select(offers.c.interpreter_id, offers.c.accepted_at, offers.c.answered_at, offers.c.state).where(
            offers.c.interpreter_id.in_(limited), offers.c.offered_at > now - _WEEK, offers.c.accepted_at.is_not(None)
        )
        for row in self._db.execute(found):
            local = limited[row.interpreter_id].local(now, agency_zone)
            midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
            monday = midnight - timedelta(days=local.weekday())
            end = row.answered_at if row.state == OfferState.FINISHED.value else now
            today, week = spent[row.interpreter_id]
            spent[row.interpreter_id] = (
                today + max((end - max(row.accepted_at, midnight)).total_seconds(), 0.0) / 60,
                week + max((end - max(row.accepted_at, monday)).total_seconds(), 0.0) / 60,
            )
        return spent


def _interpreter(row: Any, spoken: Mapping[str, tuple[Skill, ...]]) -> Interpreter:
    """Who it is; `spoken` holds their skills where more than the row's own language was sought."""
    key, code, name, tier, gender, availability, busy_until, wrap_up_until, last_offered_at, terms = row[:_PERSON]
    if spoken:
        mine = spoken[key]
    else:
        language, proficiency, certificate, expires, varieties = row[_PERSON : _PERSON + _SKILL]
        mine = _only(language, proficiency, certificate, expires, varieties)
    return Interpreter(
        key,
        code,
        name,
        UNOPENED,
        mine,
        tier,
        gender,
        _AVAILABILITY[availability],
        busy_until,
        wrap_up_until,
        last_offered_at,
        bool(row[-1]),
        terms_from_json(terms),
    )


@lru_cache(maxsize=4096)
def _only(language: str, proficiency: int, certificate: str, expires: date | None, spoken: str) -> tuple[Skill, ...]:
    """One skill; many interpreters have the same."""
    return (Skill(language, proficiency, _CERTIFICATES[certificate], expires, tuple(spoken.split())),)


_PERSON, _SKILL = 10, 5
"""How many columns of a row say who it is, and how many after them what they speak; then come the facts."""


def _statements() -> tuple[Select[Any], Select[Any], Select[Any]]:
    """Those who may be rung as far as the roster goes, and those who may not, in the order of asking; those named."""
    mine = offers.c.interpreter_id == interpreters.c.id
    requester = bindparam("requester", type_=requesters.c.id.type)
    engaged = exists().where(mine, HOLDS)
    wrapped_up = or_(interpreters.c.wrap_up_until.is_(None), interpreters.c.wrap_up_until <= bindparam("now"))
    free = (interpreters.c.availability != Availability.OFF.value) & wrapped_up & ~engaged
    asked_lately = select(func.count()).where(mine, offers.c.offered_at > bindparam("busy_since"))
    has_hours = or_(*(exists().where(hours.c.interpreter_id == interpreters.c.id) for hours in (shifts, time_off)))
    apart = select(kept_apart.c.reason).where(
        kept_apart.c.interpreter_id == interpreters.c.id, kept_apart.c.requester_id == requester
    )
    own_number = select(requesters.c.number_index).where(requesters.c.id == requester)
    served = (
        select(offers.c.interpreter_id)
        .join(requests, requests.c.id == offers.c.request_id)
        .where(
            requests.c.requester_id == requester,
            requests.c.language == bindparam("settled"),
            requests.c.created_at > bindparam("served_since"),
            offers.c.state == OfferState.FINISHED.value,
        )
    )
    columns = (
        *(interpreters.c[name] for name in ("id", "code", "name", "tier", "gender", "availability", "busy_until")),
        *(interpreters.c[name] for name in ("wrap_up_until", "last_offered_at", "terms")),
        *(skills.c[name] for name in ("language", "proficiency", "certificate", "expires", "varieties")),
        has_hours.label("has_hours"),
        exists().where(held_back.c.interpreter_id == interpreters.c.id).label("has_holds"),
        answer_history.c.answers,
        asked_lately.scalar_subquery().label("offers_week"),
        (interpreters.c.number_index == own_number.scalar_subquery()).label("own_request"),
        apart.scalar_subquery().label("apart"),
        interpreters.c.id.in_(served).label("served_before"),
    )
    known = skills.join(interpreters, interpreters.c.id == skills.c.interpreter_id)
    known = known.outerjoin(answer_history, answer_history.c.interpreter_id == interpreters.c.id)
    here = (skills.c.language == bindparam("language"), interpreters.c.retired_at.is_(None))
    order = (skills.c.tier, skills.c.rested_since, skills.c.interpreter_id)
    found = select(*columns, false().label("engaged")).select_from(known).where(*here, free).order_by(*order)
    ids = bindparam("ids", expanding=True, type_=interpreters.c.id.type)
    spoken = skills.alias("spoken")
    first = select(func.min(spoken.c.language)).where(spoken.c.interpreter_id == interpreters.c.id).scalar_subquery()
    these = select(*columns, engaged.label("engaged")).select_from(known)
    these = these.where(interpreters.c.id.in_(ids), skills.c.language == first)
    others = select(*columns, engaged.label("engaged")).select_from(known).where(*here, ~free).order_by(*order)
    return found.limit(PAGE).offset(bindparam("skip")), others.limit(_MOST_AWAY), these


_FREE, _AWAY, _THESE = _statements()
