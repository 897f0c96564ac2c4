"""Reports: figures and charts of any period, and the month as it can be published."""

from datetime import date, timedelta

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dispatch import charts, report_files, reports
from dispatch.accounts import May
from dispatch.console.guard import Guard
from dispatch.console.visits import Console, Visit, as_file
from dispatch.language_access import LanguageAccess
from dispatch.report_book import LONGEST, ReportBook, by_vendor_word, month_before
from dispatch.report_files import Period
from dispatch.reports import Ended

_CSV, _PDF = "text/csv; charset=utf-8", "application/pdf"


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
        self._console = console
        self._pages = console.pages
        self._intake = console.intake

    @property
    def _book(self) -> ReportBook:
        """With the agency as it is called now."""
        return ReportBook(self._console.store, self._console.in_force())

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
            vendor=by_vendor_word(period.ended),
        )

    def pdf(self, visit: Visit) -> Response:
        """The same as PDF."""
        period, _ = self._worked_out(visit)
        return as_file(self._book.pdf(period), f"interpreter-requests-{period.first}-{period.last}.pdf", _PDF)

    def file(self, visit: Visit) -> Response:
        """One of the page's tables as CSV."""
        period, _ = self._worked_out(visit)
        content, name = self._book.table(period, visit.asked("table"))
        return as_file(content, name, _CSV)

    def _worked_out(self, visit: Visit) -> tuple[Period, list[str]]:
        """The period that was asked for, and the units there are."""
        first, last, weekly = self._period(visit)
        return self._book.period(first, last, weekly, visit.asked("unit"), visit.now)

    # -- the month -----------------------------------------------------------------------------------------------------

    def month(self, visit: Visit) -> Response:
        """The language-access report of a month, small counts told together, to be published as it is."""
        report = self._published(visit)
        return self._pages.draw(
            "month.html",
            visit,
            asked=f"{report.first:%Y-%m}",
            **report_files.month(report),
        )

    def month_file(self, visit: Visit) -> Response:
        """The same as CSV."""
        report = self._published(visit)
        return as_file(self._book.month_csv(report), f"language-access-{report.first:%Y-%m}.csv", _CSV)

    def month_pdf(self, visit: Visit) -> Response:
        """The same as PDF."""
        report = self._published(visit)
        return as_file(self._book.month_pdf(report), f"language-access-{report.first:%Y-%m}.pdf", _PDF)

    def _published(self, visit: Visit) -> LanguageAccess:
        today = visit.now.astimezone(self._book.zone).date()
        return self._book.month(_day(visit.asked("month") + "-01") or month_before(today), visit.now)

    # -- what they share -----------------------------------------------------------------------------------------------

    def _period(self, visit: Visit) -> tuple[date, date, bool]:
        today = visit.now.astimezone(self._book.zone).date()
        last = _day(visit.asked("to")) or today
        first = _day(visit.asked("from")) or last - timedelta(days=29)
        first = max(min(first, last), last - LONGEST)
        weekly = visit.asked("each") == "week" or (not visit.asked("each") and (last - first).days > 60)
        return first, last, weekly

    def _late(self, one: Ended) -> bool:
        """Whether it missed the policy's target for its language."""
        return self._intake.policy.late(one.language, one.seconds_to_connect)


def _day(text: str) -> date | None:
    """A day of ours; None for what is none, such as a year that is not typed to its end."""
    try:
        read = date.fromisoformat(text)
    except ValueError:
        return None
    return read if 2000 <= read.year <= 2100 else None
