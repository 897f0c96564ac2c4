"""What stands in the PDF of a period, and in that of the month that is published."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dispatch import causes, charts
from dispatch.language_access import FACTORS, LanguageAccess
from dispatch.occupancy import Load
from dispatch.printing import Paper, printed
from dispatch.reports import Ended, Figures, spell_days, spell_percent, spell_seconds

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


@dataclass(frozen=True)
class Part:
    """One heading of the file, with a chart of rows where there is something to draw, and a table."""

    heading: str
    bars: Sequence[charts.Row]
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def of_period(period: Period, agency: str, region: str) -> bytes:
    """The agency's own report. Interpreters stand in it by their number. Raises DocumentsUnavailable."""
    days = spell_days(period.first, period.last)
    title = f"Interpreter requests, {days}" + (f", {period.unit}" if period.unit else "")
    labels, rows = [label for label, _ in period.periods], [row for _, row in period.periods]
    return printed(
        "period.html",
        Paper.of(region),
        title=title,
        agency=agency,
        each="week" if period.weekly else "day",
        summary=summary(period.total, period.before) if period.total.requests else (),
        volume=charts.columns(labels, [[row.requests for row in rows], [row.connected for row in rows]], ("", ""), ""),
        waits=charts.columns(labels, [[row.p50 for row in rows], [row.p90 for row in rows]], ("", ""), " s"),
        parts=list(_parts(period)),
    )


def _parts(period: Period) -> Iterator[Part]:
    mix = charts.rows([(name, float(row.requests)) for name, row in period.languages], "")
    yield Part("Languages", mix, ("Language", *_FIGURES), [_row(name, row) for name, row in period.languages])
    slow = charts.rows([(name, row.p90) for name, row in period.units], " s")
    told = [_row(name, row) for name, row in period.units]
    yield Part("Units: 90 % connected within", slow, ("Unit", *_FIGURES), told)
    for heading, counted in tables(period.ended):
        yield Part(heading, (), ("What", "Requests"), [(what, str(number)) for what, number in counted])
    busy = charts.rows([(one.code, one.minutes) for one in period.load], " min")
    lines = [
        (one.code, str(one.sessions), f"{one.minutes:.0f}", f"{one.on_minutes / 60:.1f}", spell_percent(one.occupancy))
        for one in period.load
    ]
    header = ("Interpreter, by number", "Sessions", "Minutes", "Hours signed on", "Occupancy")
    yield Part("Interpreters' load", busy, header, lines)
    each = "week" if period.weekly else "day"
    told = [_row(name, row) for name, row in period.periods if row.requests]
    yield Part(f"Each {each} in figures", (), (each.capitalize(), *_FIGURES), told)


def of_month(report: LanguageAccess, agency: str, region: str) -> bytes:
    """The published report: what the page shows. Raises DocumentsUnavailable."""
    return printed(
        "month.html",
        Paper.of(region),
        title=f"Language access report, {report.first:%B %Y}",
        agency=agency,
        days=spell_days(report.first, report.last),
        **month(report),
    )


def month(report: LanguageAccess) -> dict[str, Any]:
    """What the month's page and file are drawn from."""
    return {
        "report": report,
        "factors": FACTORS,
        "most": charts.rows([(row.name, float(row.requests)) for row in report.languages], ""),
        "resources": resources(report),
        "note": note(report),
    }


def resources(report: LanguageAccess) -> list[str]:
    """The fourth factor in sentences."""
    told = [f"{report.interpreters} interpreters on the roster when this was made, in {report.spoken} languages."]
    if report.hours is not None:
        told.append(f"{report.hours} hours of interpreting.")
    if report.p50 is not None:
        half, most = spell_seconds(report.p50), spell_seconds(report.p90)
        told.append(f"Half of those connected waited {half} or less; nine in ten {most} or less.")
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
    """What, its value, and its value in the period before; "" where nothing ended in that."""

    def then(value: str) -> str:
        return f"before: {value}" if before.requests else ""

    told = (
        ("Requests", str(total.requests), str(before.requests)),
        ("Half connected within", spell_seconds(total.p50), spell_seconds(before.p50)),
        ("90 % connected within", spell_seconds(total.p90), spell_seconds(before.p90)),
        ("Fill rate", spell_percent(total.fill_rate), spell_percent(before.fill_rate)),
        ("Callers who gave up", spell_percent(total.abandonment), spell_percent(before.abandonment)),
        (
            "Interpreter not reached",
            spell_percent(total.share(total.not_reached)),
            spell_percent(before.share(before.not_reached)),
        ),
        ("Language put right", str(total.corrected), str(before.corrected)),
        (
            "Through a bridge language",
            spell_percent(total.share(total.relay)),
            spell_percent(before.share(before.relay)),
        ),
        ("By the vendor line", spell_percent(total.share(total.vendor)), spell_percent(before.share(before.vendor))),
    )
    return [(what, value, then(was)) for what, value, was in told]


def _row(name: str, row: Figures) -> tuple[str, ...]:
    return (
        name,
        str(row.requests),
        str(row.connected),
        spell_percent(row.fill_rate),
        spell_percent(row.abandonment),
        spell_seconds(row.p50),
        spell_seconds(row.p90),
        str(row.corrected),
    )
