"""The agency's settings: what is in force, where each value comes from, and changing it for all processes at once."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dispatch import agency, languages, phrases
from dispatch.accounts import May
from dispatch.agency import Profile
from dispatch.console.guard import Guard
from dispatch.console.row_forms import rows_after, sent_rows, wants_rows
from dispatch.console.visits import Console, Visit, back_to
from dispatch.errors import ChangedMeanwhile, Conflict, SettingsInvalid
from dispatch.people import PhoneNumber
from dispatch.settings import Settings

_FIELDS = {
    "name": ("agency", "DISPATCH_AGENCY"),
    "languages": ("languages", "DISPATCH_LANGUAGES"),
    "greeting_languages": ("greeting_languages", "DISPATCH_GREETING_LANGUAGES"),
    "desk": ("desk", "DISPATCH_DESK"),
}
"""Fields of the profile: the setting that each replaces, and its name in the environment."""


def routes(console: Console, guard: Guard) -> list[BaseRoute]:
    """The addresses of the settings."""
    pages = AgencyPages(console)
    return [
        Route("/console/settings", guard(pages.page, May.SETTINGS)),
        Route("/console/settings", guard(pages.save, May.SETTINGS), methods=["POST"]),
        Route("/console/settings/reset", guard(pages.reset, May.SETTINGS), methods=["POST"]),
    ]


class AgencyPages:
    """The handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def page(self, visit: Visit) -> Response:
        """What is in force."""
        return self._drawn(visit, (), 200, "kept" if visit.asked("kept") else "")

    def save(self, visit: Visit) -> Response:
        """Write what was said, or draw the rows again."""
        named = [row["language"] for row in sent_rows(visit, "language")]
        if wants_rows(visit):
            return self._drawn(visit, (), 200, "", rows_after(named, visit.text("do"), ""))
        told, sent = self._console.in_force(), sent_fields(visit)
        # What is sent as it was goes on coming from where it came.
        as_they_are = {"name": told.agency, "greeting_languages": str(told.greeting_languages)}
        changed = {field: value for field, value in sent.items() if as_they_are.get(field) != value}
        top = [name for name in named if name] or [""]
        try:
            if agency.read_languages(top) == (told.languages, []):
                top = []
            keep(self._console, visit, changed, top)
        except SettingsInvalid as error:
            return self._drawn(visit, error.problems, 422, "", named)
        except ChangedMeanwhile as error:
            return self._drawn(visit, [str(error)], 409, as_sent=False)
        return back_to("/console/settings?kept=1")

    def reset(self, visit: Visit) -> Response:
        """Leave one value to the environment again."""
        field = visit.text("field")
        if field not in _FIELDS:
            return self._console.pages.say(visit, "Not done", "There is no such setting.", 422)
        _write(self._console, visit, lambda before: replace(before, **{field: None}))
        return back_to("/console/settings?kept=1")

    def _drawn(
        self,
        visit: Visit,
        problems: Sequence[str],
        status: int,
        said: str = "",
        named: Sequence[str] | None = None,
        as_sent: bool = True,
    ) -> Response:
        told = self._console.in_force()
        values = shown(self._console, visit, named, as_sent) | {"problems": problems, "said": said}
        values |= {"sources": _sources(self._console, told), "greeting": greeting(told)}
        return self._console.pages.draw("settings.html", visit, status=status, **values)


def sent_fields(visit: Visit) -> dict[str, str]:
    """The plain fields that a form sent. An empty desk keeps the number there is; "none" takes it away."""
    sent = {name: visit.text(name) for name in ("name", "greeting_languages") if name in visit.form}
    if visit.text("no_desk"):
        sent["desk"] = ""
    elif visit.text("desk"):
        sent["desk"] = visit.text("desk")
    return sent


def keep(console: Console, visit: Visit, sent: dict[str, str], named: Sequence[str]) -> None:
    """Write what a form says. Raises SettingsInvalid, and ChangedMeanwhile when somebody else was quicker."""
    _write(console, visit, lambda before: agency.read_profile(before, sent, named, console.settings.region))


def shown(console: Console, visit: Visit, named: Sequence[str] | None = None, as_sent: bool = True) -> dict[str, Any]:
    """What the forms show: the values in force, or with `as_sent` what was just sent."""
    with console.store.reading() as tx:
        profile = tx.agency_profile()
    told = console.in_force()
    spoken = [languages.get(code).english for code in told.languages]
    sent = sent_fields(visit) if as_sent else {}
    return {
        "seen": (as_sent and visit.text("seen")) or str(profile.version),
        "name": sent.get("name", told.agency),
        "greeting_languages": sent.get("greeting_languages", str(told.greeting_languages)),
        "desk": str(PhoneNumber.parse(told.desk, told.region)) if told.desk else "",
        "named": spoken if named is None else named,
        "known": sorted(languages.all_languages().values(), key=lambda one: one.english),
        "most": agency.MOST_GREETINGS,
    }


def greeting(told: Settings) -> list[tuple[str, str]]:
    """What a caller hears first: language names with the sentences."""
    top = told.languages[: told.greeting_languages]
    first = phrases.sentence("greeting", top[0], agency=told.agency)
    lines = [(first.language, first.text)]
    lines += [(line.language, line.text) for line in (phrases.sentence("speak_now", code) for code in top)]
    return lines


def _sources(console: Console, told: Settings) -> dict[str, str]:
    with console.store.reading() as tx:
        profile = tx.agency_profile()
    found = {}
    for field, (setting, variable) in _FIELDS.items():
        default = Settings.model_fields[setting].default
        where = agency.source(setting, profile, getattr(console.settings, setting), default)
        found[field] = f"{where} ({variable})" if where is agency.Source.ENVIRONMENT else str(where)
    return found


def _write(console: Console, visit: Visit, change: Any) -> None:
    try:
        with console.store.transaction() as tx:
            before = tx.agency_profile()
            if visit.text("seen") and visit.text("seen") != str(before.version):
                raise ChangedMeanwhile("Somebody changed the settings meanwhile. What you see now is theirs.")
            after: Profile = change(before)
            if after != before:
                tx.save_agency_profile(after, visit.now)
                told = agency.changes(before, after)
                tx.audit(visit.visitor.name, "agency's settings changed", "agency", told, visit.now)
    except Conflict as error:
        raise ChangedMeanwhile("Somebody changed the settings meanwhile. What you see now is theirs.") from error
    console.in_force.refresh()
