"""The roster by the API: find, read, add, change, retire, sign on and off; and files, looked at before the import."""

from collections.abc import Mapping
from datetime import timedelta

from dispatch import roster_changes, roster_files, roster_preview, roster_search, spreadsheets
from dispatch.api.operations import Call, Created, Operation
from dispatch.api.problems import ApiProblem
from dispatch.api.roster_shapes import (
    AvailabilityIn,
    ChangedInterpreter,
    ImportIn,
    ImportOut,
    InterpreterIn,
    InterpreterOut,
    NewInterpreter,
    PreviewOut,
    RevealQuery,
    RosterPage,
    RosterQuery,
    RowOut,
    SkillOut,
)
from dispatch.api.shapes import language_out, number_out, read_cursor, variety_out, write_cursor
from dispatch.errors import Conflict
from dispatch.integrations import Scope
from dispatch.people import Availability, Interpreter, Skill
from dispatch.roster_changes import By
from dispatch.roster_search import Sought
from dispatch.store import Transaction

DRAFT_LIFE = timedelta(hours=1)
_TERMS = ("timezone", "quiet", "daily_limit", "weekly_limit", "cost", "english", "channels", "not_for")


def listed(call: Call) -> RosterPage:
    """The roster, by tier and number."""
    asked: RosterQuery = call.query
    begin = _offset(asked.cursor)
    with call.store.reading() as tx:
        everybody = tx.retired() if asked.status == "left" else tx.roster()
        statuses = {one.id: "left" for one in everybody}
        if asked.status != "left":
            statuses = roster_changes.statuses(tx, everybody, call.now)
    sought = Sought(asked.find, asked.language, asked.status, asked.tier, asked.certification)
    found = [one for one in everybody if roster_search.fits(one, statuses[one.id], sought, call.now.date())]
    page = found[begin : begin + asked.limit]
    more = write_cursor(begin + asked.limit) if len(found) > begin + asked.limit else None
    told = [shown(one, statuses[one.id]) for one in page]
    return RosterPage(interpreters=told, total=len(found), next=more)


def read(call: Call) -> InterpreterOut:
    """One interpreter."""
    asked: RevealQuery = call.query
    if not asked.reveal:
        with call.store.reading() as tx:
            return _one(tx, call)
    if not call.may(Scope.REVEAL):
        raise ApiProblem("not-allowed", "This token does not have the scope 'reveal'.")
    with call.store.transaction() as tx:
        told = _one(tx, call, whole=True)
        tx.audit(call.by, "number revealed", f"interpreter {told.code}", "", call.now)
    return told


def add(call: Call) -> Created:
    """Somebody new."""
    sent: NewInterpreter = call.body
    try:
        with call.store.transaction() as tx:
            made = roster_changes.add(tx, {"code": sent.code, **_cells(sent)}, _region(call), By(call.by, call.now))
            return Created(_one(tx, call, code=made.code), f"/roster/{made.code}")
    except Conflict as error:
        raise ApiProblem("in-use", "This number is somebody else's on the roster.") from error


def change(call: Call) -> InterpreterOut:
    """Somebody changed, unless they were changed meanwhile."""
    sent: ChangedInterpreter = call.body
    try:
        with call.store.transaction() as tx:
            one = tx.interpreter_by_code(call.path["code"])
            roster_changes.change(tx, one, _cells(sent), sent.version, _region(call), By(call.by, call.now))
            return _one(tx, call)
    except Conflict as error:
        raise ApiProblem("in-use", "This number is somebody else's on the roster.") from error


def retire(call: Call) -> InterpreterOut:
    """They have left."""
    return _leave(call, back=False)


def bring_back(call: Call) -> InterpreterOut:
    """They are back."""
    return _leave(call, back=True)


def set_availability(call: Call) -> InterpreterOut:
    """As if they had texted it; who waits for them is told."""
    sent: AvailabilityIn = call.body
    if sent.busy_until is not None and (sent.availability != "busy" or sent.busy_until <= call.now):
        raise ApiProblem("invalid", "busy_until goes with busy, and lies ahead.")
    with call.store.transaction() as tx:
        one = tx.interpreter_by_code(call.path["code"])
        tx.set_availability(one.id, Availability(sent.availability), sent.busy_until, call.now)
        tx.audit(call.by, "availability changed", f"interpreter {one.code}", sent.availability, call.now)
    if sent.availability == "on":
        call.parts.intake.match_waiting(one.id)
    with call.store.reading() as tx:
        return _one(tx, call)


def look(call: Call) -> PreviewOut:
    """What a file would do."""
    sent: ImportIn = call.body
    return _looked(call, sent.csv)


def look_xlsx(call: Call) -> PreviewOut:
    """What a spreadsheet would do."""
    return _looked(call, spreadsheets.to_csv(call.body))


def take(call: Call) -> ImportOut:
    """Import the good rows of a file that was looked at."""
    with call.store.transaction() as tx:
        taken = roster_changes.take(tx, call.path["draft"], _region(call), By(call.by, call.now))
    if taken is None:
        raise ApiProblem("not-found", "There is no such preview, or it is too old; send the file again.")
    return ImportOut(written=taken[0], left_out=taken[1])


# -- how it is done ----------------------------------------------------------------------------------------------------


def shown(one: Interpreter, status: str, whole: bool = False) -> InterpreterOut:
    """Somebody as they are told."""
    cells = roster_preview.as_cells(one)
    return InterpreterOut(
        code=one.code,
        version=roster_changes.digest(one),
        name=one.name,
        number=number_out(one.number, whole),
        languages=[
            SkillOut(
                language=language_out(skill.language),
                proficiency=skill.proficiency,
                certificate=skill.certificate.value,
                expires=skill.expires.isoformat() if skill.expires else None,
                varieties=[told for code in skill.varieties if (told := variety_out(code)) is not None],
            )
            for skill in one.skills
        ],
        tier=one.tier,
        gender=one.gender or "",
        status=status,
        availability=one.availability.value,
        busy_until=one.busy_until,
        terms={name: cells[name] for name in _TERMS if cells.get(name)},
    )


def _looked(call: Call, text: str) -> PreviewOut:
    """What that file would do; nothing is written yet. Raises RosterError."""
    with call.store.transaction() as tx:
        rows = roster_preview.preview(text, (*tx.roster(), *tx.retired()), _region(call))
        draft = tx.keep_draft(call.by, text, call.now, call.now + DRAFT_LIFE)
    told = [
        RowOut(row=row.line, code=row.code, name=row.name, fate=row.fate.value, told=list(row.told)) for row in rows
    ]
    return PreviewOut(draft=draft, rows=told)


def _one(tx: Transaction, call: Call, whole: bool = False, code: str = "") -> InterpreterOut:
    one = tx.interpreter_by_code(code or call.path["code"])
    left = any(gone.id == one.id for gone in tx.retired())
    return shown(one, "left" if left else roster_changes.statuses(tx, [one], call.now)[one.id], whole)


def _leave(call: Call, back: bool) -> InterpreterOut:
    with call.store.transaction() as tx:
        one = tx.interpreter_by_code(call.path["code"])
        roster_changes.leave(tx, one, back, By(call.by, call.now))
        return _one(tx, call)


def _cells(sent: InterpreterIn | ChangedInterpreter) -> Mapping[str, str]:
    """As the fields of a file, so that nothing is judged otherwise than in one."""
    cells: dict[str, str] = {}
    if sent.name is not None:
        cells["name"] = sent.name
    if sent.number is not None:
        cells["phone"] = sent.number
    if sent.languages is not None:
        spoken = {one.language: one for one in sent.languages}.values()
        proven = [one for one in spoken if one.certificate != "none"]
        cells["languages"] = "; ".join(
            roster_files.skill_cell(Skill(one.language, one.proficiency, varieties=tuple(one.varieties)))
            for one in spoken
        )
        cells["certificate"] = "; ".join(f"{one.language}:{one.certificate}" for one in proven)
        cells["expires"] = "; ".join(f"{one.language}:{one.expires}" for one in proven if one.expires)
    if sent.tier is not None:
        cells["tier"] = str(sent.tier)
    if sent.gender is not None:
        cells["gender"] = sent.gender
    if sent.terms is not None:
        cells |= {name: getattr(sent.terms, name) for name in _TERMS}
    return cells


def _region(call: Call) -> str:
    return call.parts.settings.region


def _offset(cursor: str) -> int:
    try:
        read = read_cursor(cursor)
        begin = int(read[0]) if read else 0
    except ValueError as error:
        raise ApiProblem("invalid", "This is no cursor of ours; begin with the first page.") from error
    return max(0, min(begin, 10_000_000))


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_COLUMNS = ",".join(roster_files.INTERPRETER_COLUMNS)
_SOMEBODY = {
    "code": "207",
    "name": "Amina Warsame",
    "number": "+16175550127",
    "languages": [{"language": "Somali", "proficiency": 5, "certificate": "tested"}],
    "tier": 2,
}
OPERATIONS = (
    Operation(
        "list_interpreters",
        "GET",
        "/roster",
        Scope.ROSTER,
        listed,
        RosterPage,
        "List interpreters",
        "Find by words, language, status, tier and certification; by tier and number.",
        query=RosterQuery,
    ),
    Operation(
        "add_interpreter",
        "POST",
        "/roster",
        Scope.ROSTER,
        add,
        InterpreterOut,
        "Add an interpreter",
        "Their number of their own (`code`) cannot be somebody's already.",
        body=NewInterpreter,
        status=201,
        problems=(409,),
        examples={"a contractor": _SOMEBODY},
    ),
    Operation(
        "read_interpreter",
        "GET",
        "/roster/{code}",
        Scope.ROSTER,
        read,
        InterpreterOut,
        "Read an interpreter",
        "`reveal` shows the whole number to tokens with that scope; each look is audited.",
        query=RevealQuery,
    ),
    Operation(
        "change_interpreter",
        "PATCH",
        "/roster/{code}",
        Scope.ROSTER,
        change,
        InterpreterOut,
        "Change an interpreter",
        "Fields that are left out stay. 409 when somebody changed them since the version you read.",
        body=ChangedInterpreter,
        problems=(409,),
        examples={"another tier": {"version": "0123456789abcdef", "tier": 3}},
    ),
    Operation(
        "retire_interpreter",
        "POST",
        "/roster/{code}/retire",
        Scope.ROSTER,
        retire,
        InterpreterOut,
        "Say that an interpreter has left",
        "They are not rung any more; past requests keep naming them.",
    ),
    Operation(
        "bring_back_interpreter",
        "POST",
        "/roster/{code}/bring-back",
        Scope.ROSTER,
        bring_back,
        InterpreterOut,
        "Say that an interpreter is back",
    ),
    Operation(
        "set_availability",
        "PUT",
        "/roster/{code}/availability",
        Scope.ROSTER,
        set_availability,
        InterpreterOut,
        "Sign an interpreter on or off",
        "As if they had texted ON, OFF or BUSY. Requests that wait for their language look again at once.",
        body=AvailabilityIn,
        examples={"busy": {"availability": "busy"}},
    ),
    Operation(
        "preview_import",
        "POST",
        "/roster/import",
        Scope.ROSTER,
        look,
        PreviewOut,
        "See what a roster file would do",
        f"CSV with the columns {_COLUMNS}. Nothing is written yet.",
        body=ImportIn,
        largest=8 << 20,
        examples={"one row": {"csv": "code,name,phone,languages\n208,Bo Lind,+16175550128,swe:5\n"}},
    ),
    Operation(
        "preview_import_xlsx",
        "POST",
        "/roster/import.xlsx",
        Scope.ROSTER,
        look_xlsx,
        PreviewOut,
        "See what a roster spreadsheet would do",
        "The first sheet of an XLSX file, with the same columns. Nothing is written yet.",
        takes=XLSX,
        largest=8 << 20,
    ),
    Operation(
        "take_import",
        "POST",
        "/roster/import/{draft}",
        Scope.ROSTER,
        take,
        ImportOut,
        "Import a file that was looked at",
        "Its good rows, judged anew against the roster as it is now.",
    ),
)
