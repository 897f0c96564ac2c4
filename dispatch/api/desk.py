"""What a desk looks at by the API: alerts, whom the policy would ask, figures, coverage, and whether all works."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from dispatch import languages, policy_preview, reports
from dispatch.api.operations import Call, Operation
from dispatch.api.problems import ApiProblem
from dispatch.api.request_shapes import Encounter
from dispatch.api.shapes import In, LanguageOut, Moment, Out, Short, Tongue, language_out
from dispatch.integrations import Scope
from dispatch.reports import Ended, Figures
from dispatch.request import Urgency
from dispatch.shifts import zone_named

_LONGEST = timedelta(days=400)


class AlertOut(Out):
    """Something that needs a person."""

    id: int
    request_id: str | None
    reason: str
    at: Moment


class AlertsOut(Out):
    """Alerts that nobody has seen to, newest first."""

    alerts: list[AlertOut]


class PreviewQuery(In):
    """For whom the policy is previewed."""

    language: Tongue
    urgency: Literal["routine", "urgent", "emergency"] = "routine"
    encounter: Encounter = "routine"


class PreviewLine(Out):
    """Somebody who would, or would not, be asked."""

    place: int | None = Field(description="1 is asked first; null: would not be asked.")
    code: str
    score: float | None
    reason: str


class PreviewOut(Out):
    """Whom the policy in force would ask now."""

    policy: str
    language: LanguageOut | None
    candidates: list[PreviewLine]


class ReportQuery(In):
    """Which days, by the agency's clock, and how they are grouped."""

    first: date | None = Field(default=None, description="The first day; without it 30 days up to the last.")
    last: date | None = Field(default=None, description="The last day; without it today.")
    each: Literal["day", "week"] = "day"
    unit: Short = Field(default="", description="Only this unit's.")


class FiguresOut(Out):
    """Figures of some requests that are over."""

    name: str = Field(description="The day, language or unit they are of.")
    requests: int
    connected: int
    fill_rate: float | None
    abandoned: int
    abandonment: float | None
    vendor: int
    corrected: int
    p50_seconds: float | None = Field(description="Time to connect, nearest rank.")
    p90_seconds: float | None
    minutes_talked: float


class ReportOut(Out):
    """A period's figures."""

    first: date
    last: date
    time_zone: str
    total: FiguresOut
    periods: list[FiguresOut]
    languages: list[FiguresOut]
    units: list[FiguresOut]


class CoverageQuery(In):
    """Which weeks and which day."""

    weeks: int = Field(default=8, ge=1, le=26)
    day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] | None = None


class HourOut(Out):
    """One hour of the day."""

    hour: int
    asked: int
    missed: int = Field(description="Not connected, or later than the target.")


class CoverageLine(Out):
    """A language."""

    language: LanguageOut | None
    speakers: int = Field(description="On the roster.")
    free_now: int
    hours: list[HourOut]


class CoverageOut(Out):
    """When which languages were asked for and missed, the worst first."""

    first: date
    last: date
    time_zone: str
    languages: list[CoverageLine]


class HealthOut(Out):
    """What works now."""

    store: bool
    queue: bool = Field(description="False: work waits in the outbox, nothing is lost.")
    policy: str = Field(description="The policy in force.")
    now: Moment


def alerts(call: Call) -> AlertsOut:
    """What nobody has seen to."""
    with call.store.reading() as tx:
        found = tx.open_alerts()
    return AlertsOut(
        alerts=[AlertOut(id=one.id, request_id=one.request_id, reason=one.reason, at=one.at) for one in found]
    )


def clear_alert(call: Call) -> AlertsOut:
    """It was seen to."""
    number = int(call.path["alert_id"])
    with call.store.transaction() as tx:
        if tx.open_alert(number) is None:
            raise ApiProblem("not-found", "There is no such alert, or somebody has seen to it.")
        tx.clear_alert(number, call.now)
        tx.audit(call.by, "alert seen to", f"alert {number}", "", call.now)
    return alerts(call)


def preview(call: Call) -> PreviewOut:
    """Whom the policy would ask now."""
    asked: PreviewQuery = call.query
    policy = call.parts.intake.policy
    encounter = asked.encounter if asked.encounter != "routine" else ""
    with call.store.reading() as tx:
        found = policy_preview.preview(tx, policy, asked.language, Urgency(asked.urgency), encounter, call.now)
    lines = [PreviewLine(place=one.place, code=one.code, score=one.score, reason=one.words) for one in found]
    return PreviewOut(policy=policy.version, language=language_out(asked.language), candidates=lines)


def report(call: Call) -> ReportOut:
    """A period's figures."""
    asked: ReportQuery = call.query
    zone = zone_named(call.parts.settings.time_zone)
    last = asked.last or call.now.astimezone(zone).date()
    first = asked.first or last - timedelta(days=29)
    if not timedelta(0) <= last - first <= _LONGEST or first.year < 2000 or last.year > 2100:
        raise ApiProblem("invalid", f"The last day is not before the first, and {_LONGEST.days} days after it at most.")
    ended = [one for one in _ended(call, first, last, zone) if not asked.unit or one.unit == asked.unit]
    periods = reports.by_period(ended, first, last, asked.each == "week", zone)
    return ReportOut(
        first=first,
        last=last,
        time_zone=zone.key,
        total=_figures("total", reports.figures(ended)),
        periods=[_figures(day.isoformat(), told) for day, told in periods],
        languages=[_figures(*row) for row in reports.by(ended, lambda one: one.language or "unknown")],
        units=[_figures(*row) for row in reports.by(ended, lambda one: one.unit or one.role)],
    )


def coverage(call: Call) -> CoverageOut:
    """Demand by language and hour, gaps first."""
    asked: CoverageQuery = call.query
    zone = zone_named(call.parts.settings.time_zone)
    last = call.now.astimezone(zone).date()
    first = last - timedelta(weeks=asked.weeks)
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    weekdays = frozenset(range(7)) if asked.day is None else frozenset({days.index(asked.day)})
    policy = call.parts.intake.policy
    rows = reports.demand(
        _ended(call, first, last, zone), weekdays, lambda one: policy.late(one.language, one.seconds_to_connect), zone
    )
    with call.store.reading() as tx:
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


def health(call: Call) -> HealthOut:
    """What works now; the store does, or nothing could be answered."""
    return HealthOut(
        store=True, queue=call.parts.queue_answers(), policy=call.parts.intake.policy.version, now=call.now
    )


class LanguagesOut(Out):
    """Every language that can be routed."""

    languages: list[LanguageOut]


def all_languages(call: Call) -> LanguagesOut:
    """Every language that can be routed, by name."""
    found = sorted(languages.all_languages().values(), key=lambda one: one.english)
    return LanguagesOut(languages=[told for one in found if (told := language_out(one.code)) is not None])


def _ended(call: Call, first: date, last: date, zone: ZoneInfo) -> list[Ended]:
    begin = datetime.combine(first, time(), zone).astimezone(UTC)
    end = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
    with call.store.reading() as tx:
        return tx.ended_requests(begin, end)


def _figures(name: str, told: Figures) -> FiguresOut:
    plain: dict[str, Any] = {
        field: getattr(told, field) for field in ("requests", "connected", "abandoned", "vendor", "corrected")
    }
    return FiguresOut(
        name=name,
        fill_rate=told.fill_rate,
        abandonment=told.abandonment,
        p50_seconds=told.p50,
        p90_seconds=told.p90,
        minutes_talked=round(told.minutes, 2),
        **plain,
    )


OPERATIONS = (
    Operation("list_alerts", "GET", "/alerts", Scope.READ, alerts, AlertsOut, "List alerts", "Newest first."),
    Operation(
        "clear_alert",
        "POST",
        "/alerts/{alert_id}/clear",
        Scope.ACT,
        clear_alert,
        AlertsOut,
        "Say that an alert was seen to",
        "Answers with the alerts that are left.",
    ),
    Operation(
        "preview_policy",
        "GET",
        "/policy/preview",
        Scope.READ,
        preview,
        PreviewOut,
        "See whom the policy would ask now",
        "In order, with the reasons; nobody is rung.",
        query=PreviewQuery,
    ),
    Operation(
        "read_report",
        "GET",
        "/reports",
        Scope.REPORTS,
        report,
        ReportOut,
        "Read a period's figures",
        "Time to connect, fill rate, abandonment, by day or week, language and unit; of requests that are over.",
        query=ReportQuery,
    ),
    Operation(
        "read_coverage",
        "GET",
        "/coverage",
        Scope.REPORTS,
        coverage,
        CoverageOut,
        "Read when languages are missed",
        "By hour of the day, the most missed language first.",
        query=CoverageQuery,
    ),
    Operation(
        "list_languages",
        "GET",
        "/languages",
        None,
        all_languages,
        LanguagesOut,
        "List languages",
        "Every language that can be asked for.",
    ),
    Operation(
        "read_health",
        "GET",
        "/health",
        None,
        health,
        HealthOut,
        "See whether all works",
        "503: no store.",
    ),
)
