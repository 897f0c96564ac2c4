"""Reports by the API: a period's figures and the month as it can be published, as JSON, CSV and PDF."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from dispatch import report_files, reports
from dispatch.api.operations import Call, File, Operation
from dispatch.api.problems import ApiProblem
from dispatch.api.shapes import In, Out, Short
from dispatch.integrations import Scope
from dispatch.language_access import LanguageAccess, Table
from dispatch.report_book import LONGEST, ReportBook, by_vendor_word, month_before
from dispatch.report_files import Period
from dispatch.reports import Figures


class ReportQuery(In):
    """Which days, by the agency's clock, and how they are grouped."""

    first: date | None = Field(default=None, description="The first day; without it 30 days up to the last.")
    last: date | None = Field(default=None, description="The last day; without it today.")
    each: Literal["day", "week"] = "day"
    unit: Short = Field(default="", description="Only this unit's.")


class ReportFileQuery(ReportQuery):
    """The same, and which of its tables."""

    table: Literal["periods", "languages", "units", "vendor", "causes", "interpreters"] = "periods"


class MonthQuery(In):
    """Which month."""

    month: Annotated[str, StringConstraints(pattern=r"^(20[0-9]{2}-(0[1-9]|1[0-2]))?$")] = Field(
        default="", description="Without it the last that is over.", examples=["2026-03"]
    )


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
    relay: int = Field(description="In which two interpreters worked through a bridge language.")
    interpreter_not_reached: int
    p50_seconds: float | None = Field(description="Time to connect, nearest rank.")
    p90_seconds: float | None
    minutes_talked: float


class CountOut(Out):
    """How many requests that were."""

    what: str
    requests: int


class CountsOut(Out):
    """Requests by how they ended, or why something was so."""

    title: str = Field(examples=["Why the target was missed"])
    rows: list[CountOut]


class LoadOut(Out):
    """What one interpreter did."""

    code: str = Field(description='Their number; "?" when they are not known any more.')
    name: str | None = Field(description="Only for tokens with the scope `roster`.")
    sessions: int
    minutes_talked: float
    hours_signed_on: float
    occupancy: float | None = Field(description="Share of the time signed on that was spent in sessions.")


class ReportOut(Out):
    """A period's figures."""

    first: date
    last: date
    time_zone: str
    total: FiguresOut
    before: FiguresOut = Field(description="Of the same number of days just before.")
    in_time: float | None = Field(description="Share that was connected within the policy's target.")
    periods: list[FiguresOut]
    languages: list[FiguresOut]
    units: list[FiguresOut]
    vendor: list[FiguresOut] = Field(description="By how it is known when the vendor's interpreter spoke.")
    causes: list[CountsOut] = Field(description="How requests ended, why targets were missed, corrections.")
    interpreters: list[LoadOut] = Field(description="Their load, most minutes first.")


class PublishedRow(Out):
    """A language, or several with few requests together."""

    name: str
    requests: int
    connected: int | None = Field(description="Null where it would tell of few people.")
    p90_seconds: float | None


class PublishedTable(Out):
    """One table of counts, small ones told together."""

    title: str
    of: str = Field(description="What its rows are.", examples=["Week"])
    rows: list[CountOut]


class MonthOut(Out):
    """A month as it can be published: counts of few people are told together, or not at all."""

    first: date
    last: date
    over: bool = Field(description="False: not to be published yet. It is told up to `last`, which is today.")
    policy_basis: str = Field(description='The law or policy that the agency gives as its reason; "" for none.')
    nobody_asked: bool
    smallest_count: int = Field(description="Smaller counts are not told apart.")
    requests: int | None = Field(description="Null: fewer than `smallest_count`, and nothing else is told.")
    connected: int | None
    fill_rate: float | None
    p50_seconds: float | None
    p90_seconds: float | None
    hours_interpreted: int | None
    interpreters: int = Field(description="On the roster now.")
    languages_spoken: int
    languages: list[PublishedRow]
    tables: list[PublishedTable] = Field(description="How often, how important, by which resources.")


def report(call: Call) -> ReportOut:
    """A period's figures."""
    book, period = _period(call)
    ended, weekly = period.ended, period.weekly
    days = reports.by_period(ended, period.first, period.last, weekly, book.zone)
    late = call.parts.intake.policy.late
    return ReportOut(
        first=period.first,
        last=period.last,
        time_zone=book.zone.key,
        total=_figures("total", period.total),
        before=_figures("before", period.before),
        in_time=reports.share(ended, lambda one: not late(one.language, one.seconds_to_connect)),
        periods=[_figures(day.isoformat(), told) for day, told in days],
        languages=[_figures(*row) for row in reports.by(ended, lambda one: one.language or "unknown")],
        units=[_figures(*row) for row in reports.by(ended, lambda one: one.unit or one.role)],
        vendor=[_figures(*row) for row in by_vendor_word(ended)],
        causes=[CountsOut(title=title, rows=_counts(rows)) for title, rows in report_files.tables(ended)],
        interpreters=[
            LoadOut(
                code=one.code,
                name=one.name if call.may(Scope.ROSTER) else None,
                sessions=one.sessions,
                minutes_talked=round(one.minutes, 2),
                hours_signed_on=round(one.on_minutes / 60, 2),
                occupancy=one.occupancy,
            )
            for one in period.load
        ],
    )


def report_csv(call: Call) -> File:
    """One of its tables."""
    asked: ReportFileQuery = call.query
    book, period = _period(call)
    content, name = book.table(period, asked.table, names=call.may(Scope.ROSTER))
    return File(content.encode(), name)


def report_pdf(call: Call) -> File:
    """The whole of it, with charts."""
    book, period = _period(call)
    return File(book.pdf(period), f"interpreter-requests-{period.first}-{period.last}.pdf")


def month(call: Call) -> MonthOut:
    """A month as it can be published."""
    _, told = _month(call)
    return MonthOut(
        first=told.first,
        last=told.last,
        over=told.over,
        policy_basis=told.basis,
        nobody_asked=told.none,
        smallest_count=told.smallest,
        requests=told.requests,
        connected=told.connected,
        fill_rate=told.fill_rate,
        p50_seconds=told.p50,
        p90_seconds=told.p90,
        hours_interpreted=told.hours,
        interpreters=told.interpreters,
        languages_spoken=told.spoken,
        languages=[
            PublishedRow(name=row.name, requests=row.requests, connected=row.connected, p90_seconds=row.p90)
            for row in told.languages
        ],
        tables=[_table(one) for one in (*told.often, *told.important, *told.resources)],
    )


def month_csv(call: Call) -> File:
    """The same as CSV."""
    book, told = _month(call)
    return File(book.month_csv(told).encode(), f"language-access-{told.first:%Y-%m}.csv")


def month_pdf(call: Call) -> File:
    """The same as PDF."""
    book, told = _month(call)
    return File(book.month_pdf(told), f"language-access-{told.first:%Y-%m}.pdf")


# -- how it is done ----------------------------------------------------------------------------------------------------


def _period(call: Call) -> tuple[ReportBook, Period]:
    """The period that was asked for. Raises ApiProblem for days that cannot be."""
    asked: ReportQuery = call.query
    book = _book(call)
    last = asked.last or call.now.astimezone(book.zone).date()
    if not 2000 <= last.year <= 2100:
        raise ApiProblem("invalid", "The last day is not of the years 2000 to 2100.")
    first = asked.first or last - timedelta(days=29)
    if not timedelta(0) <= last - first <= LONGEST or first.year < 2000:
        raise ApiProblem("invalid", f"The last day is not before the first, and {LONGEST.days} days after it at most.")
    return book, book.period(first, last, asked.each == "week", asked.unit, call.now)[0]


def _month(call: Call) -> tuple[ReportBook, LanguageAccess]:
    book, first = month_asked(call)
    return book, book.month(first, call.now)


def month_asked(call: Call) -> tuple[ReportBook, date]:
    """The book, and the first day of the month that was asked for."""
    asked: MonthQuery = call.query
    book = _book(call)
    today = call.now.astimezone(book.zone).date()
    return book, date.fromisoformat(f"{asked.month}-01") if asked.month else month_before(today)


def _book(call: Call) -> ReportBook:
    return ReportBook(call.store, call.parts.settings)


def _figures(name: str, told: Figures) -> FiguresOut:
    same = ("requests", "connected", "fill_rate", "abandoned", "abandonment", "vendor", "corrected", "relay")
    plain: dict[str, Any] = {field: getattr(told, field) for field in same}
    return FiguresOut(
        name=name,
        interpreter_not_reached=told.not_reached,
        p50_seconds=told.p50,
        p90_seconds=told.p90,
        minutes_talked=round(told.minutes, 2),
        **plain,
    )


def _counts(rows: list[tuple[str, int]]) -> list[CountOut]:
    return [CountOut(what=what, requests=count) for what, count in rows]


def _table(one: Table) -> PublishedTable:
    return PublishedTable(title=one.title, of=one.first, rows=_counts(list(one.rows)))


_CSV, _PDF = "text/csv", "application/pdf"
_FIGURES = "Time to connect, fill rate, abandonment, by day or week, language and unit; of requests that are over."
OPERATIONS = (
    Operation(
        "read_report",
        "GET",
        "/reports",
        Scope.REPORTS,
        report,
        ReportOut,
        "Read a period's figures",
        f"{_FIGURES} With the period before, causes, and interpreters' load.",
        query=ReportQuery,
    ),
    Operation(
        "read_report_csv",
        "GET",
        "/reports.csv",
        Scope.REPORTS,
        report_csv,
        None,
        "Read a table of a period's figures as CSV",
        "Interpreters are named to tokens with the scope `roster`; to others by their number alone.",
        query=ReportFileQuery,
        sends=_CSV,
    ),
    Operation(
        "read_report_pdf",
        "GET",
        "/reports.pdf",
        Scope.REPORTS,
        report_pdf,
        None,
        "Read a period's figures as PDF",
        "With charts; interpreters stand in it by their number.",
        query=ReportQuery,
        sends=_PDF,
    ),
    Operation(
        "read_month",
        "GET",
        "/reports/month",
        Scope.REPORTS,
        month,
        MonthOut,
        "Read a month as it can be published",
        "The language-access report: counts of few people are told together, or not at all.",
        query=MonthQuery,
    ),
    Operation(
        "read_month_csv",
        "GET",
        "/reports/month.csv",
        Scope.REPORTS,
        month_csv,
        None,
        "Read the published month as CSV",
        query=MonthQuery,
        sends=_CSV,
    ),
    Operation(
        "read_month_pdf",
        "GET",
        "/reports/month.pdf",
        Scope.REPORTS,
        month_pdf,
        None,
        "Read the published month as PDF",
        query=MonthQuery,
        sends=_PDF,
    ),
)
