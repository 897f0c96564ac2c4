"""The roster: find, add, change and retire interpreters; files in, with a preview, and out; numbers masked."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dispatch import (
    languages,
    phone_check,
    roster_changes,
    roster_files,
    roster_preview,
    roster_search,
    spreadsheets,
    varieties,
    week_grid,
)
from dispatch.accounts import May
from dispatch.console import first_run_pages, interpreter_form, shift_pages
from dispatch.console.guard import Guard
from dispatch.console.interpreter_form import SentForm
from dispatch.console.row_forms import wants_rows
from dispatch.console.visits import HEADERS, Console, Visit, as_file, back_to
from dispatch.errors import ChangedMeanwhile, Conflict, RosterError
from dispatch.people import Availability, Interpreter
from dispatch.roster_changes import By
from dispatch.roster_preview import Fate
from dispatch.roster_search import Sought
from dispatch.shifts import zone_named
from dispatch.store import Transaction

_DRAFT_LIFE = timedelta(hours=1)


def routes(console: Console, guard: Guard) -> list[BaseRoute]:
    """The roster's addresses."""
    pages = RosterPages(console)
    one = "/console/roster/one/{code}"
    see, change, reveal = May.SEE_ROSTER, May.CHANGE_ROSTER, May.REVEAL
    return [
        Route("/console/roster", guard(pages.page, see)),
        Route("/console/roster/new", guard(pages.new, change)),
        Route("/console/roster/new", guard(pages.add, change), methods=["POST"]),
        Route("/console/roster/import", guard(pages.import_page, change)),
        Route("/console/roster/import", guard(pages.look, change), methods=["POST"]),
        Route("/console/roster/import/{draft}", guard(pages.take, change), methods=["POST"]),
        Route("/console/roster/export", guard(pages.export, reveal), methods=["POST"]),
        Route(one, guard(pages.edit, change)),
        Route(one, guard(pages.save, change), methods=["POST"]),
        Route(f"{one}/leave", guard(pages.leave, change), methods=["POST"]),
        Route(f"{one}/number", guard(pages.number, reveal), methods=["POST"]),
        Route(f"{one}/test", guard(pages.test, change), methods=["POST"]),
        Route(f"{one}/reunite", guard(pages.reunite, change), methods=["POST"]),
    ]


class RosterPages:
    """The handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._store = console.store
        self._pages = console.pages
        self._region = console.settings.region

    # -- looking -------------------------------------------------------------------------------------------------------

    def page(self, visit: Visit) -> Response:
        """The roster, narrowed to what was asked for."""
        asked = Sought(*(visit.asked(name) for name in ("find", "language", "status", "tier", "proof")))
        today = visit.now.astimezone(zone_named(self._console.settings.time_zone)).date()
        with self._store.reading() as tx:
            everybody = tx.retired() if asked.status == "left" else tx.roster()
            statuses = roster_changes.statuses(tx, everybody, visit.now)
            if asked.status == "left":
                statuses = {one.id: "left" for one in everybody}
            found = [one for one in everybody if roster_search.fits(one, statuses[one.id], asked, today)]
            page, pages = roster_search.page_of(len(found), visit.asked("page"))
            shown = found[(page - 1) * roster_search.PAGE : page * roster_search.PAGE]
            checks = tx.phone_checks_of([one.id for one in shown])
        spoken = {skill.language for one in everybody for skill in one.skills}
        return self._pages.draw(
            "roster.html",
            visit,
            asked=asked,
            found=shown,
            total=len(found),
            everybody=len(everybody),
            first=(page - 1) * roster_search.PAGE + 1,
            page=page,
            of_pages=pages,
            narrowed=f"/console/roster?{urlencode({key: value for key, value in asdict(asked).items() if value})}",
            statuses=statuses,
            skills={one.id: [roster_search.told(skill, today) for skill in one.skills] for one in shown},
            checks={key: phone_check.as_of(check, visit.now) for key, check in checks.items()},
            proofs=roster_search.PROOF_WORDS,
            languages=sorted((languages.get(code) for code in spoken), key=lambda language: language.english),
        )

    def number(self, visit: Visit) -> Response:
        """Show one number, and write down that it was shown."""
        with self._store.transaction() as tx:
            one = _known(tx, visit)
            tx.audit(visit.visitor.name, "number revealed", f"interpreter {one.code}", "", visit.now)
        if visit.by_script:
            return JSONResponse({"number": one.number.e164}, headers=HEADERS)
        return self._pages.say(visit, f"{one.code} {one.name}", one.number.e164, 200)

    # -- changing ------------------------------------------------------------------------------------------------------

    def new(self, visit: Visit) -> Response:
        """An empty form."""
        return self._form(visit, None, SentForm.empty(), ())

    def add(self, visit: Visit) -> Response:
        """Add somebody."""
        sent = SentForm.of(visit)
        if wants_rows(visit):
            return self._form(visit, None, sent.after(visit.text("do")), ())
        try:
            with self._store.transaction() as tx:
                made = roster_changes.add(tx, sent.checked(), self._region, _by(visit))
        except RosterError as error:
            return self._form(visit, None, sent, error.problems, 422)
        except Conflict:
            return self._form(visit, None, sent, ["phone: this number is somebody else's on the roster"], 409)
        return back_to(_on(visit, f"/console/roster?find={made.code}"))

    def edit(self, visit: Visit) -> Response:
        """Their form, filled in; the number stays hidden."""
        with self._store.reading() as tx:
            one = _known(tx, visit)
        return self._form(visit, one, SentForm.showing(one), ())

    def save(self, visit: Visit) -> Response:
        """Write what was changed, unless somebody else changed them meanwhile."""
        sent = SentForm.of(visit)
        one: Interpreter | None = None
        try:
            with self._store.transaction() as tx:
                one = _known(tx, visit)
                if wants_rows(visit):
                    return self._form(visit, one, sent.after(visit.text("do")), ())
                cells = {name: value for name, value in sent.checked().items() if name != "phone" or value}
                cells.pop("code", None)
                if cells.get("availability") == sent.seen_availability:
                    cells.pop("availability", None)  # they may have texted ON or OFF meanwhile
                made = roster_changes.change(tx, one, cells, sent.seen, self._region, _by(visit))
        except ChangedMeanwhile as error:
            if one is None:
                raise
            return self._form(visit, one, SentForm.showing(one), [str(error)], 409)
        except RosterError as error:
            return self._form(visit, one, sent, error.problems, 422)
        except Conflict:
            return self._form(visit, one, sent, ["phone: this number is somebody else's on the roster"], 409)
        if made.availability is Availability.ON and one.availability is not Availability.ON:
            self._console.intake.match_waiting(made.id)
        return back_to(f"/console/roster?find={made.code}")

    def leave(self, visit: Visit) -> Response:
        """They have left, or are back. Past requests keep naming them."""
        with self._store.transaction() as tx:
            roster_changes.leave(tx, _known(tx, visit), visit.text("action") == "return", _by(visit))
        return back_to("/console/roster")

    def test(self, visit: Visit) -> Response:
        """Send them a text that shows that they can be reached."""
        with self._store.reading() as tx:
            one = _known(tx, visit)
        self._console.intake.test_text(one.id, visit.visitor.name)
        words = f"A test text is on its way to {one.code} {one.name}. If it cannot be delivered, the board says so."
        return self._pages.say(visit, "Test text", words, 200)

    def reunite(self, visit: Visit) -> Response:
        """An interpreter and a requester may be brought together again; why goes into the audit log."""
        reason, requester_id = visit.text("reason"), visit.text("requester")
        with self._store.transaction() as tx:
            one = _known(tx, visit)
            if all(pair.requester_id != requester_id for pair in tx.apart_of(one.id)):
                raise RosterError(["They are not kept apart any more."])
            if len(reason) < 3:
                problem = ["Reason: say why they may be brought together again."]
                return self._form(visit, one, SentForm.showing(one), problem, 422)
            tx.reunite(one.id, requester_id)
            told = f"requester {requester_id}: {reason[:200]}"
            tx.audit(visit.visitor.name, "kept apart no more", f"interpreter {one.code}", told, visit.now)
        return back_to(f"/console/roster/one/{one.code}#apart")

    # -- files ---------------------------------------------------------------------------------------------------------

    def import_page(self, visit: Visit) -> Response:
        """Choose a file."""
        columns = ", ".join(roster_files.INTERPRETER_COLUMNS)
        return self._pages.draw("roster_import.html", visit, problems=(), columns=columns, next=_next(visit))

    def look(self, visit: Visit) -> Response:
        """Show what the file would do; nothing is written yet."""
        columns = ", ".join(roster_files.INTERPRETER_COLUMNS)
        try:
            text = _text_of(visit)
            with self._store.transaction() as tx:
                rows = roster_preview.preview(text, (*tx.roster(), *tx.retired()), self._region)
                draft = tx.keep_draft(visit.visitor.name, text, visit.now, visit.now + _DRAFT_LIFE)
        except RosterError as error:
            shown = {"problems": error.problems, "columns": columns, "next": _next(visit)}
            return self._pages.draw("roster_import.html", visit, status=422, **shown)
        counts = {fate: sum(row.fate is fate for row in rows) for fate in Fate}
        found: dict[str, Any] = {"rows": rows, "counts": counts, "draft": draft, "next": _next(visit)}
        return self._pages.draw("roster_preview.html", visit, Fate=Fate, **found)

    def take(self, visit: Visit) -> Response:
        """Import the good rows of the file that was looked at, judged anew against the roster as it is now."""
        with self._store.transaction() as tx:
            taken = roster_changes.take(tx, str(visit.request.path_params["draft"]), self._region, _by(visit))
        if taken is None:
            return self._pages.say(visit, "Not done", "This preview is too old; choose the file again.", 410)
        return back_to(_on(visit, "/console/roster"))

    def export(self, visit: Visit) -> Response:
        """The whole roster as a file, numbers and all, which the audit log says."""
        wanted = "xlsx" if visit.text("kind") == "xlsx" else "csv"
        with self._store.transaction() as tx:
            text = roster_changes.export(tx, wanted, _by(visit))
        if wanted == "csv":
            return as_file(text, "interpreters.csv", "text/csv; charset=utf-8")
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return as_file(spreadsheets.from_csv(text, "Interpreters"), "interpreters.xlsx", kind)

    # -- what they share -----------------------------------------------------------------------------------------------

    def _form(
        self,
        visit: Visit,
        one: Interpreter | None,
        sent: SentForm,
        problems: list[str] | tuple[str, ...],
        status: int = 200,
    ) -> Response:
        shown: dict[str, Any] = {"one": one, "cells": sent.cells, "rows": sent.rows, "problems": problems}
        shown |= {"seen": sent.seen, "seen_availability": sent.seen_availability, "gone": False, "next": _next(visit)}
        shown |= interpreter_form.CHOICES | {"varied": interpreter_form.VARIED}
        known = sorted(languages.all_languages().values(), key=lambda language: language.english)
        kinds = [(each, varieties.of_language(each.code)) for each in known if varieties.of_language(each.code)]
        shown |= {
            "known": known,
            "kinds": [(language, ", ".join(each.name for each in listed)) for language, listed in kinds],
        }
        if one is not None:
            with self._store.reading() as tx:
                shown |= self._beside(tx, one, visit)
        return self._pages.draw("interpreter.html", visit, status=status, **shown)

    def _beside(self, tx: Transaction, one: Interpreter, visit: Visit) -> dict[str, Any]:
        """What an interpreter's page shows beside the form."""
        zone = shift_pages.zone_of(tx, one, self._console.settings.time_zone)
        monday = week_grid.monday_of(visit.now.astimezone(zone_named(zone)).date())
        apart = tx.apart_of(one.id)
        asked = tx.requesters([pair.requester_id for pair in apart])
        check = tx.phone_check_of(one.id)
        week = shift_pages.week_values(tx, one, monday, zone)
        week["calendar_seen"] = week.pop("seen")
        return week | {
            "gone": any(left.id == one.id for left in tx.retired()),
            "apart": [(pair, asked.get(pair.requester_id)) for pair in apart],
            "check": phone_check.as_of(check, visit.now) if check is not None else None,
            "feed": tx.has_calendar_token(one.id),
        }


def _known(tx: Transaction, visit: Visit) -> Interpreter:
    return roster_changes.known(tx, str(visit.request.path_params["code"]))


def _by(visit: Visit) -> By:
    return By(visit.visitor.name, visit.now)


def _next(visit: Visit) -> str:
    """Where to go on afterwards: the guided start, when that is where one came from."""
    wanted = visit.text("next") or visit.asked("next")
    return wanted if wanted == first_run_pages.ADDRESS else ""


def _on(visit: Visit, plain: str) -> str:
    return _next(visit) or plain


def _text_of(visit: Visit) -> str:
    file = visit.file("file")
    if file is None:
        raise RosterError(["Choose a file first."])
    content = file.file.read()
    if content[:2] == b"PK":
        return spreadsheets.to_csv(content)
    for encoding in ("utf-8-sig", "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RosterError(["This is neither CSV nor a spreadsheet; save it as .csv (UTF-8) or .xlsx."])
