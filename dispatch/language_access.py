"""The monthly language-access report: what an agency can publish as it is, laid out by the four factors.

How many, how often, how important, with what resources: the analysis that meaningful access is planned by in the United
States. Counts go through `suppression`: no figure in it, and none that follows from those in it, is about few people.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from dispatch.people import Interpreter
from dispatch.reports import Ended, Figures, figures
from dispatch.suppression import SMALLEST_SHOWN, Group, divisible, merged, whole

FACTORS = (
    "How many people asked, in which languages",
    "How often",
    "How important",
    "With what resources",
)
_ENCOUNTERS = {
    "routine": "Routine contact",
    "interview": "Interview",
    "custodial": "Custody",
    "victim": "Victim of a crime",
    "medical": "Medical",
}
_URGENCIES = {"routine": "Routine", "urgent": "Urgent", "emergency": "Emergency"}
_CHANNELS = {"voice": "By phone", "text": "By text"}


@dataclass(frozen=True)
class LanguageRow:
    """One language, or several with few requests together."""

    name: str
    requests: int
    connected: int | None
    """None where it is not told: in this row either part, or the rest of all rows, is few people."""
    p90: float | None
    """Seconds within which 90 % of those connected were; None where `connected` is not told or too few."""

    @property
    def fill_rate(self) -> float | None:
        """Share of requests that got an interpreter."""
        return self.connected / self.requests if self.connected is not None else None


@dataclass(frozen=True)
class Table:
    """One table of counts that add up to all requests, or to those with an interpreter."""

    title: str
    first: str
    """What the rows are."""
    rows: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class LanguageAccess:
    """A month as it can be published."""

    first: date
    last: date
    basis: str
    """The law or policy that the agency gives as its reason; "" for none."""
    none: bool
    """Nobody asked at all."""
    requests: int | None = None
    """None: fewer than `smallest`, and nothing else is told."""
    connected: int | None = None
    p50: float | None = None
    p90: float | None = None
    hours: int | None = None
    """Of interpreting, in whole hours."""
    languages: tuple[LanguageRow, ...] = ()
    often: tuple[Table, ...] = ()
    important: tuple[Table, ...] = ()
    resources: tuple[Table, ...] = ()
    interpreters: int = 0
    """On the roster when the report was made."""
    spoken: int = 0
    """Languages that they speak."""
    smallest: int = SMALLEST_SHOWN
    over: bool = True
    """Whether the month was over: before that, the few who came in between could be worked out from two reports."""

    @property
    def fill_rate(self) -> float | None:
        """Share of requests that got an interpreter; None where it would tell of few people."""
        return self.connected / self.requests if self.connected is not None and self.requests else None

    @property
    def per_day(self) -> float | None:
        """Requests a day."""
        return self.requests / ((self.last - self.first).days + 1) if self.requests is not None else None


def publish(
    ended: Sequence[Ended],
    first: date,
    last: date,
    roster: Sequence[Interpreter],
    name: Callable[[str | None], str],
    basis: str,
    zone: ZoneInfo,
    over: bool = True,
) -> LanguageAccess:
    """The report of the requests received between two days, both included. `name` gives a language's name; `over`:
    whether no more can come in."""
    told = figures(ended)
    spoken = {skill.language for one in roster for skill in one.skills}
    plain = LanguageAccess(first, last, basis, not ended, interpreters=len(roster), spoken=len(spoken), over=over)
    if told.requests < SMALLEST_SHOWN:
        return plain
    pair = (told.connected, told.requests - told.connected)
    # Of 12 with times and no word of how many got somebody, eleven did: then the twelfth would be told.
    enough = told.connected >= SMALLEST_SHOWN and (whole(pair) or told.requests > SMALLEST_SHOWN + 1)
    return LanguageAccess(
        first,
        last,
        basis,
        none=False,
        requests=told.requests,
        connected=told.connected if whole(pair) else None,
        p50=told.p50 if enough else None,
        p90=told.p90 if enough else None,
        hours=round(told.minutes / 60) if enough else None,
        languages=tuple(_languages(ended, name, whole(pair))),
        often=(
            _table("Requests by week", "Week", Counter(_week(one, first, zone) for one in ended)),
            _table("Requests by part of the week", "Part", Counter(_part(one, zone) for one in ended)),
        ),
        important=(
            _table("What the meeting was about", "Kind", Counter(_named(_ENCOUNTERS, one.encounter) for one in ended)),
            _table("Urgency", "Urgency", Counter(_named(_URGENCIES, one.urgency) for one in ended)),
        ),
        resources=tuple(_resources(ended, told, whole(pair))),
        interpreters=len(roster),
        spoken=len(spoken),
        over=over,
    )


def lines(report: LanguageAccess) -> list[tuple[str, str, str, str]]:
    """Everything that is published, as rows of a file: group, name, measure, value."""
    found = [("report", "month", "first day", str(report.first)), ("report", "month", "last day", str(report.last))]
    if report.basis:
        found.append(("report", "basis", "text", report.basis))
    if not report.over:
        found.append(("report", "month", "not over", f"not to be published yet; told up to {report.last}"))
    found += [
        ("resources", "roster", "interpreters", str(report.interpreters)),
        ("resources", "roster", "languages", str(report.spoken)),
    ]
    if report.requests is None:
        few = "none" if report.none else f"fewer than {report.smallest}"
        return [*found, ("total", "all", "requests", few)]
    found.append(("total", "all", "requests", str(report.requests)))
    found += _measures("total", "all", ("connected", report.connected), ("seconds, half within", report.p50))
    found += _measures("total", "all", ("seconds, 90 % within", report.p90), ("hours interpreted", report.hours))
    for row in report.languages:
        found.append(("language", row.name, "requests", str(row.requests)))
        found += _measures("language", row.name, ("connected", row.connected), ("seconds, 90 % within", row.p90))
    for table in (*report.often, *report.important, *report.resources):
        found += [(table.title.casefold(), row, "requests", str(count)) for row, count in table.rows]
    return found


def _measures(group: str, name: str, *measured: tuple[str, float | None]) -> Iterator[tuple[str, str, str, str]]:
    for what, value in measured:
        if value is not None:
            yield group, name, what, f"{value:.0f}"


def _languages(ended: Iterable[Ended], name: Callable[[str | None], str], totals: bool) -> Iterator[LanguageRow]:
    by_name: dict[str, list[Ended]] = defaultdict(list)
    for one in ended:
        by_name[name(one.language)].append(one)
    groups = {
        group: figures([one for member in group.members for one in by_name[member]])
        for group in merged({language: len(found) for language, found in by_name.items()})
    }
    split = totals and divisible((told.connected, told.requests - told.connected) for told in groups.values())
    for group, told in groups.items():
        p90 = told.p90 if split and told.connected >= SMALLEST_SHOWN else None
        yield LanguageRow(_label(group), told.requests, told.connected if split else None, p90)


def _resources(ended: Sequence[Ended], told: Figures, totals: bool) -> Iterator[Table]:
    yield _table("How people asked", "Way", Counter(_named(_CHANNELS, one.channel) for one in ended))
    if totals and told.connected:
        ways = Counter(_way(one) for one in ended if one.connected_at is not None)
        yield _table("Who interpreted, where somebody did", "Interpreter", ways)


def _way(one: Ended) -> str:
    if one.by_vendor:
        return "Vendor line"
    return "Two interpreters through a bridge language" if one.relay else "The agency's own roster"


def _table(title: str, first: str, counts: Counter[str]) -> Table:
    groups = merged(counts)
    if first in ("Week", "Part"):
        groups = sorted(groups, key=lambda group: group.members)
    return Table(title, first, tuple((_label(group), group.count) for group in groups))


def _label(group: Group) -> str:
    """The members by name; of a group that is hardly larger than its members are many, none is named."""
    return ", ".join(group.members) if group.named else "All others together"


def _named(words: dict[str, str], key: str) -> str:
    return words.get(key, key.replace("_", " ").capitalize())


def _week(one: Ended, first: date, zone: ZoneInfo) -> str:
    """Weeks from Monday; the month's first may be cut short."""
    day = one.created_at.astimezone(zone).date()
    begins = max(day - timedelta(days=day.weekday()), first)
    return f"from {begins.isoformat()}"


def _part(one: Ended, zone: ZoneInfo) -> str:
    at = one.created_at.astimezone(zone)
    by_day = 8 <= at.hour < 18
    if at.weekday() >= 5:
        return "Saturday and Sunday"
    return "Monday to Friday, 8:00 to 18:00" if by_day else "Monday to Friday, nights"
