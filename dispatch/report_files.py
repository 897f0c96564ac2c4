"""What stands in the PDF of a period, and in that of the month that is published."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dispatch import causes, charts
from dispatch.language_access import FACTORS, LanguageAccess, Table
from dispatch.occupancy import Load
from dispatch.report_pdf import Pages, told_days
from dispatch.reports import Ended, Figures

_FIGURES = ("Asked", "Connected", "Fill rate", "Gave up", "Half within", "90 % within", "Corrected")


@dataclass(frozen=True)
class Period:
    """The figures of a period, worked out."""

    first: date
    last: date
    weekly: bool
    unit: str
    ended: Sequence[Ended]
    total: Figures
    before: Figures
    """Of the same number of days just before."""
    periods: Sequence[tuple[str, Figures]]
    languages: Sequence[tuple[str, Figures]]
    units: Sequence[tuple[str, Figures]]
    load: Sequence[Load]


def of_period(period: Period, agency: str, region: str) -> bytes:
    """The agency's own report. Interpreters stand in it by their number."""
    title = f"Interpreter requests, {told_days(period.first, period.last)}" + (
        f", {period.unit}" if period.unit else ""
    )
    pages = Pages(title, agency, region)
    pages.heading(title)
    if not period.total.requests:
        pages.words("Nothing ended in this time.")
        return pages.written()
    pages.figures(summary(period.total, period.before))
    each = "week" if period.weekly else "day"
    labels, rows = [label for label, _ in period.periods], [row for _, row in period.periods]
    volume = charts.columns(labels, [[row.requests for row in rows], [row.connected for row in rows]], ("", ""), "")
    waits = charts.columns(labels, [[row.p50 for row in rows], [row.p90 for row in rows]], ("", ""), " s")
    pages.section(f"Asked and connected, each {each}", pages.columns(volume, ("asked", "connected")))
    pages.section(f"Time to connect, each {each}", pages.columns(waits, ("half within", "90 % within")))
    slow = charts.rows([(name, row.p90) for name, row in period.units], " s")
    mix = charts.rows([(name, float(row.requests)) for name, row in period.languages], "")
    told = [_row(name, row) for name, row in period.languages]
    pages.section("Languages", pages.bars(mix), pages.table(("Language", *_FIGURES), told))
    told = [_row(name, row) for name, row in period.units]
    pages.section("Units: 90 % connected within", pages.bars(slow), pages.table(("Unit", *_FIGURES), told))
    for heading, counted in tables(period.ended):
        pages.section(
            heading, pages.table(("What", "Requests"), [(what, str(count)) for what, count in counted], (5, 1))
        )
    busy = charts.rows([(one.code, one.minutes) for one in period.load], " min")
    lines = [
        (one.code, str(one.sessions), f"{one.minutes:.0f}", f"{one.on_minutes / 60:.1f}", percent(one.occupancy))
        for one in period.load
    ]
    header = ("Interpreter, by number", "Sessions", "Minutes", "Hours signed on", "Occupancy")
    pages.section("Interpreters' load", pages.bars(busy), pages.table(header, lines))
    told = [_row(name, row) for name, row in period.periods if row.requests]
    pages.section(f"Each {each} in figures", pages.table((each.capitalize(), *_FIGURES), told))
    return pages.written()


def of_month(report: LanguageAccess, agency: str, region: str) -> bytes:
    """The published report."""
    title = f"Language access report, {report.first:%B %Y}"
    pages = Pages(title, agency, region)
    pages.heading(title)
    pages.words(f"{agency}. Requests for an interpreter received from {told_days(report.first, report.last)}.")
    if report.basis:
        pages.words(f"Policy basis: {report.basis}.", soft=True)
    if report.requests is None:
        few = "No request was" if report.none else f"Fewer than {report.smallest} requests were"
        pages.words(f"{few} received in this month; nothing more is published.")
        return pages.written()
    pages.figures(
        [
            ("Requests", str(report.requests), ""),
            ("Connected to an interpreter", _told(percent(report.fill_rate)), ""),
            ("90 % connected within", _told(seconds(report.p90)), ""),
        ]
    )
    bars = charts.rows([(row.name, float(row.requests)) for row in report.languages], "")
    told = [
        (row.name, str(row.requests), _told(percent(row.fill_rate)), _told(seconds(row.p90)))
        for row in report.languages
    ]
    header = ("Language", "Requests", "Connected", "90 % within")
    pages.section(f"1. {FACTORS[0]}", pages.bars(bars), pages.table(header, told))
    pages.section(f"2. {FACTORS[1]}")
    pages.words(f"{report.per_day:.1f} requests a day.")
    for table in report.often:
        _counted(pages, table)
    pages.section(f"3. {FACTORS[2]}")
    for table in report.important:
        _counted(pages, table)
    pages.section(f"4. {FACTORS[3]}")
    for line in resources(report):
        pages.words(line)
    for table in report.resources:
        _counted(pages, table)
    pages.words(note(report), soft=True)
    return pages.written()


def resources(report: LanguageAccess) -> list[str]:
    """The fourth factor in sentences."""
    told = [f"{report.interpreters} interpreters on the roster when this was made, in {report.spoken} languages."]
    if report.hours is not None:
        told.append(f"{report.hours} hours of interpreting.")
    if report.p50 is not None:
        told.append(
            f"Half of those connected waited {seconds(report.p50)} or less; nine in ten {seconds(report.p90)} or less."
        )
    return told


def note(report: LanguageAccess) -> str:
    """What a reader has to know."""
    return (
        f"Fewer than {report.smallest} people are never told apart: languages, weeks or kinds with fewer requests "
        "stand together with others, and a share is left out where it, or what it leaves, would tell of few. Time is "
        "counted from the request to the interpreter speaking. Nothing about anybody's immigration status is asked or "
        "kept."
    )


def tables(ended: Sequence[Ended]) -> list[tuple[str, list[tuple[str, int]]]]:
    """How requests ended, why targets were missed, what put languages right."""
    return [
        ("How requests ended", causes.outcomes(ended)),
        ("Why the target was missed", causes.misses(ended)),
        ("What put a wrong language right", causes.corrections(ended)),
    ]


def summary(total: Figures, before: Figures) -> list[tuple[str, str, str]]:
    """What, its value, and its value in the period before."""

    def then(value: str) -> str:
        return f"before: {value}" if before.requests else "nothing before to compare"

    told = (
        ("Requests", str(total.requests), str(before.requests)),
        ("Half connected within", seconds(total.p50), seconds(before.p50)),
        ("90 % connected within", seconds(total.p90), seconds(before.p90)),
        ("Fill rate", percent(total.fill_rate), percent(before.fill_rate)),
        ("Callers who gave up", percent(total.abandonment), percent(before.abandonment)),
        ("Interpreter not reached", percent(total.share(total.not_reached)), percent(before.share(before.not_reached))),
        ("Language put right", str(total.corrected), str(before.corrected)),
        ("Through a bridge language", percent(total.share(total.relay)), percent(before.share(before.relay))),
        ("By the vendor line", percent(total.share(total.vendor)), percent(before.share(before.vendor))),
    )
    return [(what, value, then(was)) for what, value, was in told]


def percent(share: float | None) -> str:
    """A share in words."""
    return "–" if share is None else f"{share * 100:.0f} %"


def seconds(value: float | None) -> str:
    """A wait in words."""
    if value is None:
        return "–"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes}:{rest:02} min" if minutes else f"{rest} s"


def _told(figure: str) -> str:
    return "not told" if figure == "–" else figure


def _row(name: str, row: Figures) -> tuple[str, ...]:
    return (
        name,
        str(row.requests),
        str(row.connected),
        percent(row.fill_rate),
        percent(row.abandonment),
        seconds(row.p50),
        seconds(row.p90),
        str(row.corrected),
    )


def _counted(pages: Pages, table: Table) -> None:
    rows = [(name, str(count)) for name, count in table.rows]
    pages.subsection(table.title, pages.table((table.first, "Requests"), rows, (5, 1)))
