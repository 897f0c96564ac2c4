"""One interpreter's notes, certificates, open tasks, and what they are not asked for."""

from datetime import date

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dispatch import languages, roster_changes
from dispatch.accounts import May
from dispatch.console.guard import Guard
from dispatch.console.visits import Console, Visit, back_to
from dispatch.people import Certificate, Interpreter, Skill
from dispatch.roster_changes import By

LONGEST_NOTE = 2000


def routes(console: Console, guard: Guard) -> list[BaseRoute]:
    """The page's addresses."""
    pages = InterpreterQuality(console)
    one = "/console/roster/one/{code}/quality"
    return [Route(one, guard(pages.page, May.TASKS)), Route(one, guard(pages.act, May.TASKS), methods=["POST"])]


class InterpreterQuality:
    """The handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._store = console.store

    def page(self, visit: Visit) -> Response:
        """All of it."""
        with self._store.reading() as tx:
            one = tx.interpreter_by_code(str(visit.request.path_params["code"]))
            notes = tx.notes_on_interpreter(one.id)
            held = sorted(tx.holds([one.id]).get(one.id, {}).items())
            tasks = tx.tasks_of_interpreter(one.id, roster_only=May.WATCH not in visit.visitor.may)
        settings = self._console.settings
        shown = _certificates(one, one.local(visit.now, settings.time_zone).date())
        stages = sorted(settings.certificate_reminder_days, reverse=True)
        return self._console.pages.draw(
            "interpreter_quality.html",
            visit,
            one=one,
            notes=notes,
            held=held,
            tasks=tasks,
            certificates=shown,
            stages=stages,
        )

    def act(self, visit: Visit) -> Response:
        """Keep a note, or ask them again."""
        by = By(visit.visitor.name, visit.now)
        with self._store.transaction() as tx:
            one = tx.interpreter_by_code(str(visit.request.path_params["code"]))
            if visit.text("action") == "clear":
                roster_changes.ask_again(tx, one, visit.text("encounter"), by)
            else:
                roster_changes.note(tx, one, visit.text("words")[:LONGEST_NOTE], by)
        return back_to(f"/console/roster/one/{one.code}/quality")


def _certificates(one: Interpreter, today: date) -> list[tuple[str, str, date | None, str, str]]:
    """Language, kind, last day, how it stands in words, and the chip's colour."""
    proven = [skill for skill in one.skills if skill.certificate is not Certificate.NONE]
    return [
        (languages.get(skill.language).english, skill.certificate.value, skill.expires, *_standing(skill, today))
        for skill in proven
    ]


def _standing(skill: Skill, today: date) -> tuple[str, str]:
    if skill.expires is None:
        return "does not end", "on"
    left = (skill.expires - today).days
    if left < 0:
        return f"ended {skill.expires}: not asked where it is needed", "failed"
    return f"until {skill.expires}, {left} days", "urgent" if left <= 60 else "on"
