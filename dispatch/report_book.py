"""The book of reports: reads what is over from the store and works out a period, or the month that is published.

The console and the API show and send what is made here.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from dispatch import language_access, languages, occupancy, report_files, reports
from dispatch.language_access import LanguageAccess
from dispatch.occupancy import Change, Load
from dispatch.people import Availability, Interpreter
from dispatch.ratings import Rated
from dispatch.report_files import Period
from dispatch.reports import Ended, Figures
from dispatch.settings import Settings
from dispatch.shifts import Calendar, zone_named
from dispatch.store import Store
from dispatch.vendor_hold import SPOKE_WORDS, Spoke

LONGEST = timedelta(days=400)
TABLES = ("periods", "languages", "units", "vendor", "causes", "interpreters")
"""The tables of a period, each a file of its own."""
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


class ReportBook:
    """Reads; writes nothing. Safe to share between threads."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self.zone = zone_named(settings.time_zone)

    # -- any period ----------------------------------------------------------------------------------------------------

    def period(self, first: date, last: date, weekly: bool, unit: str, now: datetime) -> tuple[Period, list[str]]:
        """The figures of these days, both included, of one unit or all (""); and the units there are."""
        ended = self._ended(first, last)
        units = sorted({one.unit for one in ended if one.unit})
        days = last - first + timedelta(days=1)
        chosen, earlier = (
            [one for one in found if not unit or one.unit == unit]
            for found in (ended, self._ended(first - days, first - timedelta(days=1)))
        )
        periods = reports.by_period(chosen, first, last, weekly, self.zone)
        made = Period(
            first=first,
            last=last,
            weekly=weekly,
            unit=unit,
            ended=chosen,
            total=reports.figures(chosen),
            before=reports.figures(earlier),
            periods=[(f"{day:%b} {day.day}", told) for day, told in periods],
            languages=reports.by(chosen, lambda one: language_named(one.language)),
            units=reports.by(chosen, lambda one: one.unit or ("community" if one.role == "community" else "no unit")),
            load=self._load(chosen, first, last, now),
        )
        return made, units

    def pdf(self, period: Period) -> bytes:
        """A period as PDF."""
        return report_files.of_period(period, self._settings.agency, self._settings.region)

    def table(self, period: Period, table: str, names: bool = True) -> tuple[str, str]:
        """One of TABLES as CSV, and what to call the file; a table that is not known is that of the periods.
        `names`: interpreters by name too, and not by their number alone."""
        dates = f"{period.first}-{period.last}.csv"
        if table == "interpreters":
            return _csv(_LOAD_COLUMNS, [_load_cells(one, names) for one in period.load]), f"{table}-{dates}"
        if table == "causes":
            rows = [
                (group, what, str(count)) for group, found in report_files.tables(period.ended) for what, count in found
            ]
            return _csv(("table", "what", "requests"), rows), f"{table}-{dates}"
        groups = {"languages": period.languages, "units": period.units, "vendor": by_vendor_word(period.ended)}
        found: Iterable[tuple[str, Figures]] = groups.get(table, ())
        if table not in groups:
            table = "weeks" if period.weekly else "days"
            days = reports.by_period(period.ended, period.first, period.last, period.weekly, self.zone)
            found = [(day.isoformat(), told) for day, told in days]
        return _csv((table, *_COLUMNS), [[label, *_cells(told)] for label, told in found]), f"{table}-{dates}"

    # -- the month -----------------------------------------------------------------------------------------------------

    def month(self, first: date, now: datetime) -> LanguageAccess:
        """The month that begins on that day, as it can be published; one that is not over is told up to today."""
        last = min(_month_end(first), max(first, now.astimezone(self.zone).date()))
        with self._store.reading() as tx:
            roster = tx.roster()
        basis = self._settings.policy_basis
        ended = self._ended(first, last)
        over = self.month_over(first, now)
        return language_access.publish(ended, first, last, roster, language_named, basis, self.zone, over)

    def month_over(self, first: date, now: datetime) -> bool:
        """Whether the month that begins on that day is over."""
        return now.astimezone(self.zone).date() > _month_end(first)

    def rated_in_month(self, first: date) -> tuple[list[Rated], int]:
        """The ratings given in the month that begins on that day, and how many people were asked in it."""
        begins, ends = self._instants(first, _month_end(first))
        with self._store.reading() as tx:
            return tx.rated_between(begins, ends), tx.asked_between(begins, ends)

    def month_pdf(self, report: LanguageAccess) -> bytes:
        """The month as PDF."""
        return report_files.of_month(report, self._settings.agency, self._settings.region)

    def month_csv(self, report: LanguageAccess) -> str:
        """The month as CSV."""
        return _csv(("group", "name", "measure", "value"), language_access.lines(report))

    # -- how it is done ------------------------------------------------------------------------------------------------

    def _ended(self, first: date, last: date) -> list[Ended]:
        """Requests of these days, both included, by the agency's clock."""
        with self._store.reading() as tx:
            return tx.ended_requests(*self._instants(first, last))

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
        begin = datetime.combine(first, time(), self.zone)
        return begin.astimezone(UTC), datetime.combine(last + timedelta(days=1), time(), self.zone).astimezone(UTC)


def _month_end(first: date) -> date:
    """The last day of the month that begins on that day."""
    return (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def month_before(today: date) -> date:
    """The first day of the last month that is over."""
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def language_named(code: str | None) -> str:
    """A language's name, as reports have it."""
    known = languages.all_languages().get(code or "")
    return known.english if known else "not found out"


def by_vendor_word(ended: Sequence[Ended]) -> list[tuple[str, Figures]]:
    """Requests that a vendor's interpreter served, by how it is known when they spoke."""
    theirs = [one for one in ended if one.vendor_spoke in set(Spoke)]
    return reports.by(theirs, lambda one: SPOKE_WORDS[Spoke(one.vendor_spoke)])


def _signed_on(
    who: Interpreter | None, said: list[Change], calendar: Calendar | None, begins: datetime, ends: datetime
) -> float:
    """Minutes signed on. What they had said before the first change that is known is taken to be ON: as on a roster."""
    earlier = [one for one in said if one.at < begins]
    before = earlier[-1].to if earlier else Availability.ON if said or who is None else who.availability
    later = [one for one in said if one.at >= begins]
    return occupancy.signed_on(before, later, calendar or Calendar(), begins, ends)


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


def _load_cells(one: Load, names: bool) -> list[str]:
    share = "" if one.occupancy is None else f"{one.occupancy:.4f}"
    name = one.name if names else ""
    return [one.code, name, str(one.sessions), f"{one.minutes:.1f}", f"{one.on_minutes / 60:.2f}", share]


def _csv(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
