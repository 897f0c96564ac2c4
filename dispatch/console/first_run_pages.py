"""The guided start: step by step from an empty store to a number that can be given out. What is done shows by itself,
so it can be left at any step and taken up again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dispatch import printing
from dispatch.accounts import May
from dispatch.console import agency_pages
from dispatch.console.guard import Guard
from dispatch.console.readiness import Point, missing
from dispatch.console.row_forms import rows_after, sent_rows, wants_rows
from dispatch.console.visits import HEADERS, Console, Visit, back_to
from dispatch.errors import ChangedMeanwhile, SettingsInvalid
from dispatch.store import Transaction

ADDRESS = "/console/first-run"


@dataclass(frozen=True)
class Step:
    """One step of the start."""

    key: str
    label: str
    done: bool


def routes(console: Console, guard: Guard) -> list[BaseRoute]:
    """The start's addresses; the first account is made in signing_in."""
    pages = FirstRun(console)
    return [
        Route(ADDRESS, guard.signed_in(pages.page)),
        Route(f"{ADDRESS}/missing", guard(pages.missing, May.SETTINGS)),
        Route(f"{ADDRESS}/agency", guard(pages.agency, May.SETTINGS), methods=["POST"]),
        Route(f"{ADDRESS}/languages", guard(pages.languages, May.SETTINGS), methods=["POST"]),
    ]


class FirstRun:
    """The handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def page(self, visit: Visit) -> Response:
        """The step that was asked for, or the first that is not done."""
        return drawn(self._console, visit, visit.asked("step"))

    def missing(self, visit: Visit) -> Response:
        """How much is still missing to go live, for the number beside the page's name.

        Without PDF files, which take a moment to find out about and which nobody waits for on the phone.
        """
        with self._console.store.reading() as tx:
            points = _points(self._console, tx, tx.roster_size())
        return JSONResponse({"missing": sum(not point.done for point in points)}, headers=HEADERS)

    def agency(self, visit: Visit) -> Response:
        """Name, greeting and duty desk; saving them as they are counts as having decided."""
        return self._kept(visit, "agency", agency_pages.sent_fields(visit), None)

    def languages(self, visit: Visit) -> Response:
        """The top languages, in order."""
        named = [row["language"] for row in sent_rows(visit, "language")]
        if wants_rows(visit):
            return drawn(self._console, visit, "languages", named=rows_after(named, visit.text("do"), ""))
        return self._kept(visit, "languages", {}, named)

    def _kept(self, visit: Visit, step: str, sent: dict[str, str], named: list[str] | None) -> Response:
        top = [] if named is None else [name for name in named if name] or [""]
        try:
            agency_pages.keep(self._console, visit, sent, top)
        except SettingsInvalid as error:
            return drawn(self._console, visit, step, error.problems, 422, named)
        except ChangedMeanwhile as error:
            return drawn(self._console, visit, step, [str(error)], 409, as_sent=False)
        return back_to(ADDRESS)


def drawn(
    console: Console,
    visit: Visit,
    step: str,
    problems: Sequence[str] = (),
    status: int = 200,
    named: Sequence[str] | None = None,
    as_sent: bool = True,
) -> Response:
    """The page of a step, with what was wrong with what was sent; without `as_sent` the form shows what is in force."""
    with console.store.reading() as tx:
        roster = tx.roster()
        points = _points(console, tx, len(roster))
        if step == "ready" or all(point.done for point in points):
            # Asked last: the first time, it starts the process that sets type.
            points = _points(console, tx, len(roster), printing.trouble())
        steps = _steps(console, tx, len(roster), all(point.done for point in points))
    keys = [one.key for one in steps]
    here = step if step in keys else next((one.key for one in steps if not one.done), "ready")
    after = keys[keys.index(here) + 1] if here != keys[-1] else ""
    told = console.in_force()
    shown: dict[str, Any] = agency_pages.shown(console, visit, named, as_sent)
    shown |= {"steps": steps, "step": here, "after": after, "points": points, "problems": problems, "roster": roster}
    shown |= {"account": visit.text("name"), "greeting": agency_pages.greeting(told)}
    shown |= {"phones": told.carrier_url if told.local_carrier else ""}
    return console.pages.draw("first_run.html", visit, status=status, **shown)


def _points(console: Console, tx: Transaction, interpreters: int, no_pdf: str = "") -> tuple[Point, ...]:
    return missing(console.in_force(), interpreters, tx.any_account(), tx.agency_profile().overlay(), no_pdf)


def _steps(console: Console, tx: Transaction, interpreters: int, ready: bool) -> list[Step]:
    profile, told = tx.agency_profile(), console.settings
    default = type(told).model_fields
    return [
        Step("account", "First account", tx.any_account()),
        Step("agency", "Agency", profile.name is not None or told.agency != default["agency"].default),
        Step("languages", "Languages", profile.languages is not None or told.languages != default["languages"].default),
        Step("roster", "Roster", interpreters > 0),
        Step("test", "Test call", tx.any_phone_works()),
        Step("ready", "Going live", ready),
    ]
