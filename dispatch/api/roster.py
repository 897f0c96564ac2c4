"""The roster by the API: find, read, add, change, retire, sign on and off; and files, looked at before the import."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from dispatch import roster_changes, roster_files, roster_preview
from dispatch.api.operations import Call, Created, Operation
from dispatch.api.problems import ApiProblem
from dispatch.api.shapes import (
    In,
    LanguageOut,
    Moment,
    Number,
    Out,
    Page,
    Short,
    Time,
    Tongue,
    language_out,
    number_out,
    read_cursor,
    write_cursor,
)
from dispatch.errors import Conflict
from dispatch.integrations import Scope
from dispatch.people import Availability, Interpreter
from dispatch.roster_changes import By
from dispatch.store import Transaction

DRAFT_LIFE = timedelta(hours=1)
_TERMS = ("timezone", "quiet", "daily_limit", "weekly_limit", "cost", "english", "channels", "not_for")


class SkillIn(In):
    """A language somebody works in."""

    language: Tongue
    proficiency: int = Field(default=4, ge=1, le=5, description="1 gets by, 5 native and tested.")
    certificate: Literal["none", "tested", "certified"] = "none"
    expires: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = Field(
        default="", description="The last day on which the certificate is good."
    )


class TermsIn(In):
    """On what terms somebody works, as in a roster file; what is not said limits nothing."""

    timezone: Short = Field(default="", examples=["America/New_York"])
    quiet: Short = Field(default="", examples=["22:00-07:00"])
    daily_limit: Short = Field(default="", description="Minutes.", examples=["240"])
    weekly_limit: Short = Field(default="", description="Minutes.", examples=["1200"])
    cost: Short = Field(default="", description="A minute.", examples=["0.75"])
    english: Literal["", "yes", "no"] = ""
    channels: Short = Field(default="", examples=["voice, text"])
    not_for: Short = Field(default="", examples=["custodial"])


class InterpreterIn(In):
    """Somebody new, or changed."""

    name: Annotated[Short, Field(min_length=1)]
    number: Number
    languages: list[SkillIn] = Field(min_length=1, max_length=30)
    tier: int = Field(default=1, ge=1, le=5, description="1 own staff, 2 contractors, 3 volunteers, 4 partners.")
    gender: Literal["", "female", "male"] = ""
    terms: TermsIn = TermsIn()


class NewInterpreter(InterpreterIn):
    """Somebody new."""

    code: Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$", examples=["207"])]


class ChangedInterpreter(In):
    """What is changed of somebody; fields that are left out stay."""

    version: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$", description="As you read it.")]
    name: Annotated[Short, Field(min_length=1)] | None = None
    number: Number | None = None
    languages: list[SkillIn] | None = Field(default=None, min_length=1, max_length=30)
    tier: int | None = Field(default=None, ge=1, le=5)
    gender: Literal["", "female", "male"] | None = None
    terms: TermsIn | None = None


class AvailabilityIn(In):
    """What an interpreter would text."""

    availability: Literal["on", "off", "busy"]
    busy_until: Time | None = Field(default=None, description="With busy; without it until they sign on.")


class SkillOut(Out):
    """A language somebody works in."""

    language: LanguageOut | None
    proficiency: int
    certificate: str
    expires: str | None


class InterpreterOut(Out):
    """Somebody on the roster."""

    code: str
    version: str = Field(description="Send it back with a change.")
    name: str
    number: str | None = Field(description="Masked unless revealed.")
    languages: list[SkillOut]
    tier: int
    gender: str
    status: str = Field(examples=["on", "being rung", "in a session", "wrap-up", "busy", "off", "left"])
    availability: str
    busy_until: Moment | None
    terms: dict[str, str] = Field(description="As in a roster file; only what is set.")


class RosterQuery(Page):
    """Whom to list."""

    find: Short = Field(default="", description="In number, name and languages.")
    language: Tongue | Literal[""] = ""
    status: Literal["", "on", "off", "busy", "being rung", "in a session", "wrap-up", "left"] = ""
    tier: Literal["", "1", "2", "3", "4", "5"] = ""


class RevealQuery(In):
    """How to read one."""

    reveal: bool = Field(default=False, description="Show the whole number; needs the scope `reveal`.")


class RosterPage(Out):
    """Some of the roster."""

    interpreters: list[InterpreterOut]
    total: int
    next: str | None = Field(description="`cursor` of the next page; null on the last.")


class ImportIn(In):
    """A roster file."""

    csv: Annotated[str, Field(min_length=1, max_length=4_000_000, description="Interpreters as CSV, header first.")]


class RowOut(Out):
    """A row of the file."""

    row: int = Field(description="As a spreadsheet counts: the header is 1.")
    code: str
    name: str
    fate: Literal["new", "changed", "same", "problem"]
    told: list[str] = Field(description="Its problems, or what would change; numbers are masked.")


class PreviewOut(Out):
    """What the import would do; nothing is written yet."""

    draft: str = Field(description="Import it by this, within an hour.")
    rows: list[RowOut]


class ImportOut(Out):
    """What the import did."""

    written: int
    left_out: int


def listed(call: Call) -> RosterPage:
    """The roster, by tier and number."""
    asked: RosterQuery = call.query
    begin = _offset(asked.cursor)
    with call.store.reading() as tx:
        everybody = tx.retired() if asked.status == "left" else tx.roster()
        statuses = {one.id: "left" for one in everybody}
        if asked.status != "left":
            statuses = roster_changes.statuses(tx, everybody, call.now)
    sought = {"find": asked.find, "language": asked.language, "status": asked.status, "tier": asked.tier}
    found = [one for one in everybody if roster_changes.fits(one, statuses[one.id], sought)]
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
    with call.store.transaction() as tx:
        rows = roster_preview.preview(sent.csv, (*tx.roster(), *tx.retired()), _region(call))
        draft = tx.keep_draft(call.by, sent.csv, call.now, call.now + DRAFT_LIFE)
    told = [
        RowOut(row=row.line, code=row.code, name=row.name, fate=row.fate.value, told=list(row.told)) for row in rows
    ]
    return PreviewOut(draft=draft, rows=told)


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
        cells["languages"] = "; ".join(f"{one.language}:{one.proficiency}" for one in spoken)
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
        "Find by words, language, status and tier; by tier and number.",
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
