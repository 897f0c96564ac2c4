"""How long PDF files take: the brief for officers, small and full, a month of reports; wall clock and processor."""

import random
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dispatch import brief_pdf, language_access, languages, report_files, reports
from dispatch.arrival import Arrival, Share
from dispatch.brief import Brief, make
from dispatch.occupancy import Load
from dispatch.people import PhoneNumber
from dispatch.reports import Ended
from dispatch.request import RequestState

COMES = datetime(2026, 3, 5, 17, tzinfo=UTC)
FIRST, LAST = date(2026, 2, 1), date(2026, 2, 28)
FULL = ("arb", "prs", "pus", "amh", "mya", "khm", "ben", "tir")


def main() -> None:
    """Print a line for each."""
    small, full = brief("bus from the south", "mam", "spa"), brief("N" * 120, *FULL, note="two buses " * 30)
    month = ended(730)
    published = language_access.publish(month, FIRST, LAST, [], english, "", ZoneInfo("UTC"))
    timed("brief, two languages, the first of the process", lambda: brief_pdf.draw(small))
    timed("brief, two languages", lambda: brief_pdf.draw(small))
    timed("brief, every field full, eight scripts, the first with them", lambda: brief_pdf.draw(full))
    timed("brief, every field full, eight scripts", lambda: brief_pdf.draw(full))
    timed("month to publish", lambda: report_files.of_month(published, "Town", "US"))
    timed("report of 28 days", lambda: report_files.of_period(period(month), "Town", "US"))


def timed(what: str, make_file: Callable[[], bytes]) -> None:
    """Make it once, and print what it took."""
    wall, processor = time.perf_counter(), time.process_time()
    size = len(make_file())
    spent = f"{time.perf_counter() - wall:.2f} s ({time.process_time() - processor:.2f} s of the processor)"
    print(f"{what}: {spent}, {size // 1024} KiB")


def brief(name: str, *codes: str, note: str = "") -> Brief:
    """A brief for people who speak these."""
    shares = tuple(Share(code, 10, "of the north") for code in codes)
    arrival = Arrival("a", name, COMES, COMES + timedelta(days=1), "UTC", 120, shares, note=note)
    return make(arrival, "Town", PhoneNumber("+16175550100"), "Thursday, March 5, 12:00")


def ended(count: int) -> list[Ended]:
    """Requests of a month, most of them connected."""
    chance = random.Random(7)
    found = []
    for at in range(count):
        begun = datetime(2026, 2, 1, tzinfo=UTC) + timedelta(minutes=55 * at)
        connected = begun + timedelta(seconds=chance.lognormvariate(3, 0.6)) if chance.random() < 0.9 else None
        state = RequestState.COMPLETED if connected else RequestState.ABANDONED
        language, unit = chance.choice(("spa", "spa", "hat", *FULL)), f"Unit {chance.randrange(12)}"
        over = begun + timedelta(minutes=9)
        found.append(Ended(begun, connected, over, state, language, "routine", "voice", "officer", unit, "i"))
    return found


def period(month: list[Ended]) -> report_files.Period:
    """The month as the reports page works it out."""
    days = reports.by_period(month, FIRST, LAST, False, ZoneInfo("UTC"))
    return report_files.Period(
        first=FIRST,
        last=LAST,
        weekly=False,
        unit="",
        ended=month,
        total=reports.figures(month),
        before=reports.figures(month[:300]),
        periods=[(f"{day:%b} {day.day}", told) for day, told in days],
        languages=reports.by(month, lambda one: english(one.language)),
        units=reports.by(month, lambda one: one.unit),
        load=[Load(str(100 + at), "", 5, 30.0 * at, 60.0 * at) for at in range(14)],
    )


def english(code: str | None) -> str:
    """A language's name."""
    return languages.get(code or "eng").english


if __name__ == "__main__":
    main()
