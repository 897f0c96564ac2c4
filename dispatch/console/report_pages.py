"""Reports: figures and charts of any period, and the month as it can be published."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dispatch import charts, language_access, languages, occupancy, report_files, reports
from dispatch.accounts import May
from dispatch.console.guard import Guard
from dispatch.console.visits import Console, Visit, as_file
from dispatch.language_access import FACTORS, LanguageAccess
from dispatch.occupancy import Change, Load
from dispatch.people import Availability, Interpreter
from dispatch.report_files import Period
from dispatch.reports import Ended, Figures
from dispatch.shifts import Calendar, zone_named
from dispatch.vendor_hold import SPOKE_WORDS, Spoke

_LONGEST = timedelta(days=400)
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
    "relay",
    "interpreter_not_reached",
)
_LOAD_COLUMNS = ("interpreters", "name", "sessions", "minutes_talked", "hours_signed_on", "occupancy")


def routes(console: Console, guard: Guard) -> list[BaseRoute]:
    """The addresses of reports."""
    pages = ReportPages(console)
    return [
        Route("/console/reports", guard(pages.page, May.REPORTS)),
        Route("/console/reports.csv", guard(pages.file, May.REPORTS)),
        Route("/console/reports.pdf", guard(pages.pdf, May.REPORTS)),
        Route("/console/reports/month", guard(pages.month, May.REPORTS)),
        Route("/console/reports/month.csv", guard(pages.month_file, May.REPORTS)),
        Route("/console/reports/month.pdf", guard(pages.month_pdf, May.REPORTS)),
    ]


class ReportPages:
    """The handlers."""

    def __init__(self, console: Console) -> None:
        self._store = console.store
        self._pages = console.pages
        self._intake = console.intake
        self._settings = console.settings
        self._zone = zone_named(console.settings.time_zone)

    # -- any period ----------------------------------------------------------------------------------------------------

    def page(self, visit: Visit) -> Response:
        """The figures of a period, of one unit or all."""
        period, units = self._worked_out(visit)
        labels, told = [label for label, _ in period.periods], [row for _, row in period.periods]
        return self._pages.draw(
            "reports.html",
            visit,
            first=period.first,
            last=period.last,
            weekly=period.weekly,
            unit=period.unit,
            units=units,
            total=period.total,
            summary=report_files.summary(period.total, period.before),
            in_time=reports.share(period.ended, lambda one: not self._late(one)),
            tables=report_files.tables(period.ended),
            periods=period.periods,
            volume=charts.columns(
                labels, [[row.requests for row in told], [row.connected for row in told]], ("asked", "connected"), ""
            ),
            waits=charts.columns(
                labels, [[row.p50 for row in told], [row.p90 for row in told]], ("half", "90 %"), " s"
            ),
            languages=period.languages,
            mix=charts.rows([(name, float(row.requests)) for name, row in period.languages], ""),
            by_unit=period.units,
            slow=charts.rows([(name, row.p90) for name, row in period.units], " s"),
            load=period.load,
            busy=charts.rows([(f"{one.code} {one.name}", one.minutes) for one in period.load], " min"),
            vendor=_by_vendor_word(period.ended),
        )

    def pdf(self, visit: Visit) -> Response:
        """The same as PDF."""
        period, _ = self._worked_out(visit)
        settings = self._settings
        content = report_files.of_period(period, settings.agency, settings.region)
        return as_file(content, f"interpreter-requests-{period.first}-{period.last}.pdf", "application/pdf")

    def file(self, visit: Visit) -> Response:
        """One of the page's tables as CSV."""
        period, _ = self._worked_out(visit)
        table = visit.asked("table")
        name = f"{table}-{period.first}-{period.last}.csv"
        if table == "interpreters":
            return _csv(_LOAD_COLUMNS, [_load_cells(one) for one in period.load], name)
        if table == "causes":
            rows = [
                (group, what, str(count)) for group, found in report_files.tables(period.ended) for what, count in found
            ]
            return _csv(("table", "what", "requests"), rows, name)
        groups = {"languages": period.languages, "units": period.units, "vendor": _by_vendor_word(period.ended)}
        found: Iterable[tuple[str, Figures]] = groups.get(table, ())
        if table not in groups:
            table = "weeks" if period.weekly else "days"
            days = reports.by_period(period.ended, period.first, period.last, period.weekly, self._zone)
            found = [(day.isoformat(), told) for day, told in days]
        lines = [[label, *_cells(told)] for label, told in found]
        return _csv((table, *_COLUMNS), lines, f"{table}-{period.first}-{period.last}.csv")

    def _worked_out(self, visit: Visit) -> tuple[Period, list[str]]:
        """The period that was asked for, and the units there are."""
        first, last, weekly = self._period(visit)
        unit = visit.asked("unit")
        ended = self._ended(first, last)
        units = sorted({one.unit for one in ended if one.unit})
        days = last - first + timedelta(days=1)
        chosen, earlier = (
            [one for one in found if not unit or one.unit == unit]
            for found in (ended, self._ended(first - days, first - timedelta(days=1)))
        )
        periods = reports.by_period(chosen, first, last, weekly, self._zone)
        made = Period(
            first=first,
            last=last,
            weekly=weekly,
            unit=unit,
            ended=chosen,
            total=reports.figures(chosen),
            before=reports.figures(earlier),
            periods=[(f"{day:%b} {day.day}", told) for day, told in periods],
            languages=reports.by(chosen, lambda one: _language(one.language)),
            units=reports.by(chosen, lambda one: one.unit or ("community" if one.role == "community" else "no unit")),
            load=self._load(chosen, first, last, visit.now),
        )
        return made, units

    # -- the month -----------------------------------------------------------------------------------------------------

    def month(self, visit: Visit) -> Response:
        """The language-access report of a month, small counts told together, to be published as it is."""
        report = self._published(visit)
        return self._pages.draw(
            "month.html",
            visit,
            report=report,
            asked=f"{report.first:%Y-%m}",
            factors=FACTORS,
            most=charts.rows([(row.name, float(row.requests)) for row in report.languages], ""),
            resources=report_files.resources(report),
            note=report_files.note(report),
        )

    def month_file(self, visit: Visit) -> Response:
        """The same as CSV."""
        report = self._published(visit)
        name = f"language-access-{report.first:%Y-%m}.csv"
        return _csv(("group", "name", "measure", "value"), language_access.lines(report), name)

    def month_pdf(self, visit: Visit) -> Response:
        """The same as PDF."""
        report, settings = self._published(visit), self._settings
        content = report_files.of_month(report, settings.agency, settings.region)
        return as_file(content, f"language-access-{report.first:%Y-%m}.pdf", "application/pdf")

    def _published(self, visit: Visit) -> LanguageAccess:
        first, last = self._month(visit)
        with self._store.reading() as tx:
            roster = tx.roster()
        ended = self._ended(first, last)
        basis = self._settings.policy_basis
        return language_access.publish(ended, first, last, roster, _language, basis, self._zone)

    # -- what they share -----------------------------------------------------------------------------------------------

    def _ended(self, first: date, last: date) -> list[Ended]:
        """Requests of these days, both included, by the agency's clock."""
        with self._store.reading() as tx:
            return tx.ended_requests(*self._instants(first, last))

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

    def _late(self, one: Ended) -> bool:
        """Whether it missed the policy's target for its language."""
        return self._intake.policy.late(one.language, one.seconds_to_connect)

    def _load(self, ended: Sequence[Ended], first: date, last: date, now: datetime) -> list[Load]:
        """What each interpreter did, most first, and of how much time signed on."""
        minutes: dict[str, list[float]] = defaultdict(list)
        for one in ended:
            if one.interpreter_id is not None:
                minutes[one.interpreter_id].append(one.minutes_talked)
        begins, ends = self._instants(first, last)
        with self._store.reading() as tx:
            people = {one.id: one for one in (*tx.roster(), *tx.retired())}
            said, calendars = tx.availability_changes(ends), tx.calendars(list(minutes))
            begins = max(begins, tx.begun_at() or begins)
        found = []
        for interpreter_id, spent in minutes.items():
            who = people.get(interpreter_id)
            on = _signed_on(who, said.get(interpreter_id, []), calendars.get(interpreter_id), begins, min(ends, now))
            code, name = (who.code, who.name) if who else ("?", "no longer known")
            found.append(Load(code, name, len(spent), sum(spent), max(on, sum(spent))))
        return sorted(found, key=lambda one: (-one.minutes, one.code))

    def _instants(self, first: date, last: date) -> tuple[datetime, datetime]:
        begin = datetime.combine(first, time(), self._zone)
        return begin.astimezone(UTC), datetime.combine(last + timedelta(days=1), time(), self._zone).astimezone(UTC)


def _signed_on(
    who: Interpreter | None, said: list[Change], calendar: Calendar | None, begins: datetime, ends: datetime
) -> float:
    """Minutes signed on. What they had said before the first change that is known is taken to be ON: as on a roster."""
    earlier = [one for one in said if one.at < begins]
    before = earlier[-1].to if earlier else Availability.ON if said or who is None else who.availability
    later = [one for one in said if one.at >= begins]
    return occupancy.signed_on(before, later, calendar or Calendar(), begins, ends)


def _by_vendor_word(ended: Sequence[Ended]) -> list[tuple[str, Figures]]:
    """Requests that a vendor's interpreter served, by how it is known when they spoke."""
    theirs = [one for one in ended if one.vendor_spoke in set(Spoke)]
    return reports.by(theirs, lambda one: SPOKE_WORDS[Spoke(one.vendor_spoke)])


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
        str(told.relay),
        str(told.not_reached),
    ]


def _load_cells(one: Load) -> list[str]:
    share = "" if one.occupancy is None else f"{one.occupancy:.4f}"
    return [one.code, one.name, str(one.sessions), f"{one.minutes:.1f}", f"{one.on_minutes / 60:.2f}", share]


def _csv(header: Iterable[str], rows: Iterable[Iterable[str]], name: str) -> Response:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return as_file(out.getvalue(), name, "text/csv; charset=utf-8")
