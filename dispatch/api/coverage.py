"""Coverage by the API: what was asked for and missed, the coming week against who is on call, and one more shift."""

import hashlib
from datetime import UTC, datetime, time, timedelta
from typing import cast

from dispatch import coverage_view, reports, what_if
from dispatch.api import calendar
from dispatch.api.arrivals import book
from dispatch.api.calendar import CalendarOut
from dispatch.api.coverage_shapes import (
    DAYS,
    ChangedHour,
    CoverageLine,
    CoverageOut,
    CoverageQuery,
    HourOut,
    InvitedOut,
    KeptShift,
    SavedLine,
    Stands,
    TriedShift,
    WeekHour,
    WeekLine,
    WeekOut,
    WeekQuery,
    WhatIfOut,
)
from dispatch.api.operations import Call, Created, Operation
from dispatch.api.problems import ApiProblem, FieldProblem
from dispatch.api.shapes import language_out
from dispatch.coverage import Line
from dispatch.coverage_week import Week, draft_of, week_of
from dispatch.errors import ShiftInvalid
from dispatch.integrations import Scope
from dispatch.people import Interpreter
from dispatch.shifts import zone_named
from dispatch.supply import Town
from dispatch.supply_facts import gather
from dispatch.what_if import Change, Draft


def coverage(call: Call) -> CoverageOut:
    """Demand by language and hour, gaps first."""
    asked: CoverageQuery = call.query
    zone = zone_named(call.parts.settings.time_zone)
    last = call.now.astimezone(zone).date()
    first = last - timedelta(weeks=asked.weeks)
    weekdays = frozenset(range(7)) if asked.day is None else frozenset({DAYS.index(asked.day)})
    policy = call.parts.intake.policy
    begin = datetime.combine(first, time(), zone).astimezone(UTC)
    end = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
    with call.store.reading() as tx:
        ended = tx.ended_requests(begin, end)
        rows = reports.demand(ended, weekdays, lambda one: policy.late(one.language, one.seconds_to_connect), zone)
        speakers = {code: tx.speaking(code) for code, _ in rows}
    lines = [
        CoverageLine(
            language=language_out(code),
            speakers=len(speakers[code]),
            free_now=sum(one.can_be_rung(call.now) for one in speakers[code]),
            hours=[HourOut(hour=hour, asked=one.asked, missed=one.missed) for hour, one in enumerate(hours)],
        )
        for code, hours in rows
    ]
    return CoverageOut(first=first, last=last, time_zone=zone.key, languages=lines)


def week(call: Call) -> WeekOut:
    """The chance that nobody answers, hour by hour."""
    asked: WeekQuery = call.query
    found = week_of(_town(call, asked.weeks))
    lines = [_line(call, found, code, line) for code, line in found.lines.items() if asked.language in ("", code)]
    return WeekOut(
        starts=found.hours[0],
        time_zone=found.town.zone.key,
        weeks_known=found.town.demand.weeks,
        session_minutes=found.town.terms.minutes,
        languages=lines,
    )


def try_shift(call: Call) -> WhatIfOut:
    """What one more shift would change; nothing is written."""
    sent: TriedShift = call.body
    found = week_of(_town(call, sent.weeks))
    draft, person = _draft(found.town, sent)
    changes = found.with_shift(draft)
    return WhatIfOut(
        interpreter=person.code if person else None,
        zone=draft.zone,
        beside_usual=person is not None and _is_promise(found, person),
        saved=float(sum(one.saved.sum() for one in changes)),
        languages=[_saved(found, one) for one in changes],
    )


def keep(call: Call) -> Created:
    """Put the shift into somebody's calendar."""
    sent: KeptShift = call.body
    town = _town(call, sent.weeks)
    draft, person = _draft(town, sent)
    if person is None:
        raise ApiProblem("not-found", "There is no such interpreter on the roster.")
    again = False
    if call.once.key:
        # The same key names the same shift, so a repeated try writes it over itself.
        seed = hashlib.sha256(f"{call.caller.id} {call.once.key}".encode()).hexdigest()[:14]
        with call.store.transaction() as tx:
            again = tx.claim_key(call.once, person.id, call.now) is not None
    else:
        seed = f"{call.now:%Y%m%d%H%M%S}"
    shift = draft.shift(what_if.uid_for(town.calendar(person.id), seed))
    book(call).keep_shift(person.id, shift, call.by)
    with call.store.reading() as tx:
        return Created(calendar.told(tx, person.code, call.now), f"/roster/{person.code}/calendar", again)


def invite(call: Call) -> InvitedOut:
    """Ask somebody for the shift by text."""
    sent: KeptShift = call.body
    draft, person = _draft(_town(call, sent.weeks), sent)
    if person is None:
        raise ApiProblem("not-found", "There is no such interpreter on the roster.")
    spoken = [draft.language] if draft.language and person.speaks(draft.language) else []
    fresh = book(call).invite_weekly(person.id, draft.shift("draft").hours, spoken, call.by)
    return InvitedOut(interpreter=person.code, invited=fresh)


# -- how it is done ----------------------------------------------------------------------------------------------------


def _town(call: Call, weeks: int) -> Town:
    with call.store.reading() as tx:
        return gather(tx, call.now, call.parts.intake.policy, zone_named(call.parts.settings.time_zone), weeks)


def _draft(town: Town, sent: TriedShift) -> tuple[Draft, Interpreter | None]:
    """The shift that was sent. Raises UnknownInterpreter, and ApiProblem for hours that cannot be."""
    begin, end = time.fromisoformat(sent.begins), time.fromisoformat(sent.ends)
    days = sorted(DAYS.index(day) for day in sent.days)
    draft, person = draft_of(town, sent.interpreter, sent.language, days, begin, end)
    try:
        draft.shift("draft")
    except ShiftInvalid as error:
        wrong = [FieldProblem(field=error.field, problem=error.words)]
        raise ApiProblem("invalid", "This cannot be a shift.", {"errors": wrong}) from error
    return draft, person


def _is_promise(found: Week, person: Interpreter) -> bool:
    return all(shift.extra for shift in found.town.calendar(person.id).shifts)


def _line(call: Call, found: Week, code: str, line: Line) -> WeekLine:
    hours = []
    for place, starts in enumerate(found.hours):
        local = starts.astimezone(found.town.zone)
        some, miss = float(line.expected[place]), float(line.miss[place])
        stands = cast("Stands", line.word(place) if some > 0 else "quiet")
        relay = float(line.relay[place])
        hours.append(
            WeekHour(
                starts=starts,
                day=DAYS[local.weekday()],
                hour=local.hour,
                expected=some,
                nobody=miss,
                relay=relay,
                stands=stands,
            )
        )
    who = coverage_view.speakers_of(found.town, code, found.hours) if call.may(Scope.ROSTER) else ()
    return WeekLine(
        language=language_out(code),
        expected=float(line.expected.sum()),
        missed=float(line.misses.sum()),
        relayed=float((line.misses * line.relay).sum()),
        bridge=language_out(line.bridge),
        worst=list(coverage_view.told_gaps(line, found.hours, found.town.zone)),
        speakers=list(who),
        hours=hours,
    )


def _saved(found: Week, change: Change) -> SavedLine:
    hours = []
    for place, starts in enumerate(found.hours):
        before, after = float(change.before.miss[place]), float(change.after.miss[place])
        if abs(before - after) < 0.005:
            continue
        local = starts.astimezone(found.town.zone)
        hours.append(
            ChangedHour(
                starts=starts,
                day=DAYS[local.weekday()],
                hour=local.hour,
                expected=float(change.before.expected[place]),
                nobody_before=before,
                nobody_after=after,
                saved=float(change.saved[place]),
            )
        )
    return SavedLine(language=language_out(change.language), saved=float(change.saved.sum()), hours=hours)


_DRAFT = {"interpreter": "103", "days": ["sat", "sun"], "begins": "22:00", "ends": "06:00"}
OPERATIONS = (
    Operation(
        "read_coverage",
        "GET",
        "/coverage",
        Scope.REPORTS,
        coverage,
        CoverageOut,
        "Read when languages were missed",
        "Of past weeks, by hour of the day, the most missed language first. What is to come: `/coverage/week`.",
        query=CoverageQuery,
    ),
    Operation(
        "read_coverage_week",
        "GET",
        "/coverage/week",
        Scope.REPORTS,
        week,
        WeekOut,
        "Read the chance that nobody answers",
        "Of each language in each hour of the coming week: expected requests against who is on call, the most expected "
        "misses first.",
        query=WeekQuery,
    ),
    Operation(
        "try_shift",
        "POST",
        "/coverage/what-if",
        Scope.REPORTS,
        try_shift,
        WhatIfOut,
        "See what one more shift would change",
        "Of somebody on the roster, or of one more speaker of a language. Nothing is written.",
        body=TriedShift,
        problems=(404,),
        examples={"weekend nights": _DRAFT, "one more speaker": {**_DRAFT, "interpreter": "", "language": "Mam"}},
    ),
    Operation(
        "keep_shift",
        "POST",
        "/coverage/shifts",
        Scope.ROSTER,
        keep,
        CalendarOut,
        "Keep a shift that was tried",
        "Every week from now on; the rest of their calendar stays. With an Idempotency-Key it is kept once.",
        body=KeptShift,
        status=201,
        problems=(404,),
        examples={"weekend nights": _DRAFT},
    ),
    Operation(
        "invite_to_shift",
        "POST",
        "/coverage/invitations",
        Scope.ROSTER,
        invite,
        InvitedOut,
        "Ask an interpreter for a weekly shift",
        "By text, outside their quiet hours; with a yes it is in their calendar. Who was asked for the same before is "
        "not again.",
        body=KeptShift,
        problems=(404,),
        examples={"weekend nights": _DRAFT},
    ),
)
