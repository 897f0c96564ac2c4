"""Reports: figures and charts of any period, the month as it can be published, and when languages are missed."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dispatch import charts, languages, reports
from dispatch.accounts import May
from dispatch.board import late
from dispatch.console.guard import Guard
from dispatch.console.visits import Console, Visit, as_file
from dispatch.reports import Ended, Figures

_LONGEST = timedelta(days=400)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_COLUMNS = (
    "requests",
    "connected",
    "fill_rate",
    "abandoned",
    "abandonment",
    "vendor",
    "corrected",
    "p50_seconds",
    "p90_seconds",
    "minutes_talked",
)


def routes(console: Console, guard: Guard) -> list[BaseRoute]:
    """The addresses of reports and coverage."""
    pages = ReportPages(console)
    return [
        Route("/console/reports", guard(pages.page, May.REPORTS)),
        Route("/console/reports.csv", guard(pages.file, May.REPORTS)),
        Route("/console/reports/month", guard(pages.month, May.REPORTS)),
        Route("/console/reports/month.csv", guard(pages.month_file, May.REPORTS)),
        Route("/console/coverage", guard(pages.coverage, May.REPORTS)),
    ]


class ReportPages:
    """The handlers."""

    def __init__(self, console: Console) -> None:
        self._store = console.store
        self._pages = console.pages
        self._zone = ZoneInfo(console.settings.time_zone)

    # -- any period ----------------------------------------------------------------------------------------------------

    def page(self, visit: Visit) -> Response:
        """The figures of a period, of one unit or all."""
        first, last, weekly = self._period(visit)
        ended = self._ended(first, last)
        units = sorted({one.unit for one in ended if one.unit})
        unit = visit.asked("unit")
        chosen = [one for one in ended if not unit or one.unit == unit]
        periods = reports.by_period(chosen, first, last, weekly, self._zone)
        labels = [f"{day:%b} {day.day}" for day, _ in periods]
        told = [row for _, row in periods]
        return self._pages.draw(
            "reports.html",
            visit,
            first=first,
            last=last,
            weekly=weekly,
            unit=unit,
            units=units,
            total=reports.figures(chosen),
            periods=list(zip(labels, told, strict=True)),
            volume=charts.columns(
                labels, [[row.requests for row in told], [row.connected for row in told]], ("asked", "connected"), ""
            ),
            waits=charts.columns(
                labels, [[row.p50 for row in told], [row.p90 for row in told]], ("half", "90 %"), " s"
            ),
            languages=reports.by(chosen, lambda one: _language(one.language)),
            by_unit=reports.by(chosen, lambda one: one.unit or ("community" if one.role == "community" else "no unit")),
            load=self._load(chosen),
        )

    def file(self, visit: Visit) -> Response:
        """One of the page's tables as CSV."""
        first, last, weekly = self._period(visit)
        unit = visit.asked("unit")
        chosen = [one for one in self._ended(first, last) if not unit or one.unit == unit]
        table = visit.asked("table")
        if table == "languages":
            rows: Iterable[tuple[str, Figures]] = reports.by(chosen, lambda one: _language(one.language))
        elif table == "units":
            rows = reports.by(chosen, lambda one: one.unit or "none")
        elif table == "interpreters":
            rows = self._load(chosen)
        else:
            found = reports.by_period(chosen, first, last, weekly, self._zone)
            rows, table = [(day.isoformat(), told) for day, told in found], "weeks" if weekly else "days"
        lines = [[name, *_cells(told)] for name, told in rows]
        return _csv((table, *_COLUMNS), lines, f"{table}-{first}-{last}.csv")

    # -- the month -----------------------------------------------------------------------------------------------------

    def month(self, visit: Visit) -> Response:
        """The language-access report of a month, small counts hidden, to be published as it is."""
        first, last = self._month(visit)
        found = reports.language_access(self._ended(first, last), _language)
        shown: dict[str, Any] = {"first": first, "last": last, "report": found, "asked": f"{first:%Y-%m}"}
        return self._pages.draw("month.html", visit, **shown)

    def month_file(self, visit: Visit) -> Response:
        """The same as CSV."""
        first, last = self._month(visit)
        found = reports.language_access(self._ended(first, last), _language)
        hidden = f"fewer than {found.smallest}, or hidden beside such"

        def told(value: float | None) -> str:
            return hidden if value is None else f"{value:g}"

        rows = [["total", "requests", told(found.total)], ["total", "connected", told(found.connected)]]
        rows += [["language", name, told(count)] for name, count in found.languages]
        rows += [["channel", name, told(count)] for name, count in found.channels]
        return _csv(("group", "name", "count"), rows, f"language-access-{first:%Y-%m}.csv")

    # -- coverage ------------------------------------------------------------------------------------------------------

    def coverage(self, visit: Visit) -> Response:
        """Language by hour: what was asked for in the last weeks, and what of it was missed; gaps first."""
        weeks = int(visit.asked("weeks")) if visit.asked("weeks") in ("4", "8", "12", "26") else 8
        day = int(visit.asked("day")) if visit.asked("day") in tuple("0123456") else None
        last = visit.now.astimezone(self._zone).date()
        ended = self._ended(last - timedelta(weeks=weeks), last)
        weekdays = frozenset(range(7)) if day is None else frozenset({day})
        rows = reports.demand(ended, weekdays, _late, self._zone)
        with self._store.reading() as tx:
            roster = tx.roster()
        speakers = {code: [one for one in roster if one.speaks(code)] for code, _ in rows}
        free = {code: sum(one.can_be_rung(visit.now) for one in people) for code, people in speakers.items()}
        lines = [(_language(code), hours, len(speakers[code]), free[code]) for code, hours in rows]
        return self._pages.draw(
            "coverage.html", visit, lines=lines, weeks=weeks, day=day, days=_DAYS, zone=self._zone.key
        )

    # -- what they share -----------------------------------------------------------------------------------------------

    def _ended(self, first: date, last: date) -> list[Ended]:
        """Requests of these days, both included, by the agency's clock."""
        begin = datetime.combine(first, time(), self._zone)
        end = datetime.combine(last + timedelta(days=1), time(), self._zone)
        with self._store.reading() as tx:
            return tx.ended_requests(begin.astimezone(UTC), end.astimezone(UTC))

    def _period(self, visit: Visit) -> tuple[date, date, bool]:
        today = visit.now.astimezone(self._zone).date()
        last = _day(visit.asked("to")) or today
        first = _day(visit.asked("from")) or last - timedelta(days=29)
        first = max(min(first, last), last - _LONGEST)
        weekly = visit.asked("each") == "week" or (not visit.asked("each") and (last - first).days > 60)
        return first, last, weekly

    def _month(self, visit: Visit) -> tuple[date, date]:
        today = visit.now.astimezone(self._zone).date()
        first = _day(visit.asked("month") + "-01") or (today.replace(day=1) - timedelta(days=1)).replace(day=1)
        return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)

    def _load(self, ended: list[Ended]) -> list[tuple[str, Figures]]:
        with self._store.reading() as tx:
            names = {one.id: f"{one.code} {one.name}" for one in (*tx.roster(), *tx.retired())}
        talked = [one for one in ended if one.interpreter_id is not None]
        return reports.by(talked, lambda one: names.get(one.interpreter_id or "", "no longer known"))


def _late(one: Ended) -> bool:
    return late(one.language, one.seconds_to_connect)


def _language(code: str | None) -> str:
    known = languages.all_languages().get(code or "")
    return known.english if known else "not found out"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _cells(told: Figures) -> list[str]:
    def number(value: float | None, places: int) -> str:
        return "" if value is None else f"{value:.{places}f}"

    return [
        str(told.requests),
        str(told.connected),
        number(told.fill_rate, 4),
        str(told.abandoned),
        number(told.abandonment, 4),
        str(told.vendor),
        str(told.corrected),
        number(told.p50, 1),
        number(told.p90, 1),
        number(told.minutes, 1),
    ]


def _csv(header: Iterable[str], rows: Iterable[Iterable[str]], name: str) -> Response:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return as_file(out.getvalue(), name, "text/csv; charset=utf-8")
