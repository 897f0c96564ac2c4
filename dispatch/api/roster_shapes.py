"""The roster as the API takes and tells it."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dispatch import varieties
from dispatch.api.shapes import In, LanguageOut, Moment, Number, Out, Page, Short, Time, Tongue, VarietyOut


class SkillIn(In):
    """A language somebody works in."""

    language: Tongue
    proficiency: int = Field(default=4, ge=1, le=5, description="1 gets by, 5 native and tested.")
    certificate: Literal["none", "tested", "certified"] = "none"
    expires: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = Field(
        default="", description="The last day on which the certificate is good."
    )
    varieties: list[Short] = Field(
        default=[], max_length=20, description="Names or codes of those they speak.", examples=[["Todos Santos"]]
    )

    @model_validator(mode="after")
    def _known(self) -> "SkillIn":
        """Their codes, each once. Raises ValueError."""
        try:
            codes = [varieties.as_code(self.language, one) for one in self.varieties]
        except varieties.UnknownVariety as error:
            raise ValueError(str(error)) from error
        self.varieties = list(dict.fromkeys(codes))
        return self


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
    varieties: list[VarietyOut] = Field(description="None: they have not said which.")


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
    certification: Literal["", "tested", "certified", "expiring", "expired", "none"] = Field(
        default="", description="Of the language, or of any; `expiring` within 60 days."
    )


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
