"""The team's week: who is on call when, all interpreters or those of one language, and where it is thin."""

from datetime import date, timedelta

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dispatch import languages, roster_search, week_grid
from dispatch.accounts import May
from dispatch.console.guard import Guard
from dispatch.console.visits import Console, Visit
from dispatch.shifts import zone_named


def routes(console: Console, guard: Guard) -> list[BaseRoute]:
    """The page's address."""
    return [Route("/console/shifts", guard(TeamShifts(console).page, May.SEE_ROSTER))]


class TeamShifts:
    """The handler."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def page(self, visit: Visit) -> Response:
        """The week of everybody on the roster, or of those who speak one language, in the agency's own zone."""
        zone, wanted = self._console.settings.time_zone, visit.asked("language")
        monday = _monday(visit, zone)
        with self._console.store.reading() as tx:
            everybody = tx.roster()
            people = [one for one in everybody if not wanted or one.speaks(wanted) is not None]
            team = week_grid.team_week(people, tx.calendars([one.id for one in people]), monday, zone)
        page, pages = roster_search.page_of(len(team.lines), visit.asked("page"))
        first = (page - 1) * roster_search.PAGE
        spoken = {skill.language for one in everybody for skill in one.skills}
        return self._console.pages.draw(
            "shifts.html",
            visit,
            team=team,
            lines=team.lines[first : first + roster_search.PAGE],
            thin=[week_grid.hour_named(hour) for hour in team.thinnest],
            fewest=min(team.counts),
            most=max(team.counts),
            unfixed=sum(not line.fixed for line in team.lines),
            languages=sorted((languages.get(code) for code in spoken), key=lambda one: one.english),
            wanted=wanted,
            monday=monday,
            before=monday - timedelta(days=7),
            after=monday + timedelta(days=7),
            zone=zone,
            page=page,
            of_pages=pages,
            days=week_grid.DAYS,
            everybody=len(everybody),
        )


def _monday(visit: Visit, zone: str) -> date:
    try:
        return week_grid.monday_of(date.fromisoformat(visit.asked("week")))
    except ValueError:
        return week_grid.monday_of(visit.now.astimezone(zone_named(zone)).date())
