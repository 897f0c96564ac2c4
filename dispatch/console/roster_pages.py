"""The roster: find, add, change and retire interpreters; files in, with a preview, and out; numbers masked."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dispatch import languages, roster_changes, roster_files, roster_preview, spreadsheets
from dispatch.accounts import May
from dispatch.console.guard import Guard
from dispatch.console.visits import HEADERS, Console, Visit, as_file, back_to
from dispatch.errors import ChangedMeanwhile, Conflict, RosterError
from dispatch.people import Interpreter
from dispatch.roster_preview import Fate
from dispatch.store import Transaction

SHOWN = 200
_DRAFT_LIFE = timedelta(hours=1)
_HINTS = {
    "code": "The interpreter's number, used instead of the name on calls.",
    "phone": "Like +1 617 555 0100.",
    "languages": 'Like "Spanish:5; Haitian Creole:4"; proficiency 1 (gets by) to 5 (native, tested).',
    "tier": "1 own staff, 2 contractors, 3 volunteers, 4 partner agencies, 5 others.",
}
_CHOICES = {"availability": ("on", "off", "busy"), "gender": ("", "female", "male"), "tier": ("1", "2", "3", "4", "5")}


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
        asked = {name: visit.asked(name) for name in ("find", "language", "status", "tier")}
        with self._store.reading() as tx:
            everybody = tx.retired() if asked["status"] == "left" else tx.roster()
            statuses = roster_changes.statuses(tx, everybody, visit.now)
        spoken = {skill.language for one in everybody for skill in one.skills}
        if asked["status"] == "left":
            statuses = {one.id: "left" for one in everybody}
        found = [one for one in everybody if roster_changes.fits(one, statuses[one.id], asked)]
        return self._pages.draw(
            "roster.html",
            visit,
            asked=asked,
            found=found[:SHOWN],
            total=len(found),
            everybody=len(everybody),
            statuses=statuses,
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
        return self._form(visit, None, {"tier": "1", "availability": "on"}, ())

    def add(self, visit: Visit) -> Response:
        """Add somebody."""
        cells = {name: visit.text(name) for name in roster_files.INTERPRETER_COLUMNS}
        try:
            with self._store.transaction() as tx:
                made = roster_changes.add(tx, cells, self._region, _by(visit))
        except RosterError as error:
            return self._form(visit, None, cells, error.problems, 422)
        except Conflict:
            return self._form(visit, None, cells, ["phone: this number is somebody else's on the roster"], 409)
        return back_to(f"/console/roster?find={made.code}")

    def edit(self, visit: Visit) -> Response:
        """Their form, filled in; the number stays hidden."""
        with self._store.reading() as tx:
            one = _known(tx, visit)
        return self._form(visit, one, roster_preview.as_cells(one) | {"phone": ""}, ())

    def save(self, visit: Visit) -> Response:
        """Write what was changed, unless somebody else changed them meanwhile."""
        sent = {name: visit.text(name) for name in roster_files.INTERPRETER_COLUMNS if name != "code"}
        cells = {name: value for name, value in sent.items() if name != "phone" or value}
        if sent.get("availability") == visit.text("seen_availability"):
            cells.pop("availability", None)  # they may have texted ON or OFF meanwhile
        one: Interpreter | None = None
        try:
            with self._store.transaction() as tx:
                one = _known(tx, visit)
                made = roster_changes.change(tx, one, cells, visit.text("seen"), self._region, _by(visit))
        except ChangedMeanwhile as error:
            if one is None:
                raise
            return self._form(visit, one, roster_preview.as_cells(one) | {"phone": ""}, [str(error)], 409)
        except RosterError as error:
            return self._form(visit, one, sent, error.problems, 422)
        except Conflict:
            return self._form(visit, one, sent, ["phone: this number is somebody else's on the roster"], 409)
        return back_to(f"/console/roster?find={made.code}")

    def leave(self, visit: Visit) -> Response:
        """They have left, or are back. Past requests keep naming them."""
        back = visit.text("action") == "return"
        with self._store.transaction() as tx:
            roster_changes.leave(tx, _known(tx, visit), back, _by(visit))
        return back_to("/console/roster")

    def test(self, visit: Visit) -> Response:
        """Send them a text that shows that they can be reached."""
        with self._store.reading() as tx:
            one = _known(tx, visit)
        self._console.intake.test_text(one.id, visit.visitor.name)
        words = f"A test text is on its way to {one.code} {one.name}. If it cannot be delivered, the board says so."
        return self._pages.say(visit, "Test text", words, 200)

    # -- files ---------------------------------------------------------------------------------------------------------

    def import_page(self, visit: Visit) -> Response:
        """Choose a file."""
        columns = ", ".join(roster_files.INTERPRETER_COLUMNS)
        return self._pages.draw("roster_import.html", visit, problems=(), columns=columns)

    def look(self, visit: Visit) -> Response:
        """Show what the file would do; nothing is written yet."""
        columns = ", ".join(roster_files.INTERPRETER_COLUMNS)
        try:
            text = _text_of(visit)
            with self._store.transaction() as tx:
                rows = roster_preview.preview(text, (*tx.roster(), *tx.retired()), self._region)
                draft = tx.keep_draft(visit.visitor.name, text, visit.now, visit.now + _DRAFT_LIFE)
        except RosterError as error:
            shown = {"problems": error.problems, "columns": columns}
            return self._pages.draw("roster_import.html", visit, status=422, **shown)
        counts = {fate: sum(row.fate is fate for row in rows) for fate in Fate}
        return self._pages.draw("roster_preview.html", visit, rows=rows, counts=counts, draft=draft, Fate=Fate)

    def take(self, visit: Visit) -> Response:
        """Import the good rows of the file that was looked at, judged anew against the roster as it is now."""
        with self._store.transaction() as tx:
            taken = roster_changes.take(tx, str(visit.request.path_params["draft"]), self._region, _by(visit))
        if taken is None:
            return self._pages.say(visit, "Not done", "This preview is too old; choose the file again.", 410)
        return back_to("/console/roster")

    def export(self, visit: Visit) -> Response:
        """The whole roster as a file, numbers and all, which the audit log says."""
        wanted = "xlsx" if visit.text("kind") == "xlsx" else "csv"
        with self._store.transaction() as tx:
            roster = tx.roster()
            text = roster_files.write_interpreters(roster)
            told = f"{len(roster)} interpreters with numbers, {wanted}"
            tx.audit(visit.visitor.name, "roster exported", "roster", told, visit.now)
        if wanted == "csv":
            return as_file(text, "interpreters.csv", "text/csv; charset=utf-8")
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return as_file(spreadsheets.from_csv(text, "Interpreters"), "interpreters.xlsx", kind)

    # -- what they share -----------------------------------------------------------------------------------------------

    def _form(
        self,
        visit: Visit,
        one: Interpreter | None,
        cells: Mapping[str, str],
        problems: list[str] | tuple[str, ...],
        status: int = 200,
    ) -> Response:
        fields = [
            (name, name.replace("_", " ").capitalize(), cells.get(name, ""), _HINTS.get(name, ""), _CHOICES.get(name))
            for name in roster_files.INTERPRETER_COLUMNS
            if one is None or name != "code"
        ]
        gone = False
        if one is not None:
            with self._store.reading() as tx:
                gone = any(left.id == one.id for left in tx.retired())
        shown: dict[str, Any] = {"one": one, "fields": fields, "problems": problems, "gone": gone}
        return self._pages.draw(
            "interpreter.html", visit, status=status, seen=roster_changes.digest(one) if one else "", **shown
        )


def _known(tx: Transaction, visit: Visit) -> Interpreter:
    return roster_changes.known(tx, str(visit.request.path_params["code"]))


def _by(visit: Visit) -> roster_changes.By:
    return roster_changes.By(visit.visitor.name, visit.now)


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
