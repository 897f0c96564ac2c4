"""The values that all the API's models are made of: moments, languages, numbers, words."""

import base64
import json
from datetime import UTC, datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from dispatch import languages, varieties
from dispatch.language_names import bare, fold, names
from dispatch.people import PhoneNumber

_YEARS = range(2000, 2101)


class In(BaseModel):
    """What is sent to us: nothing that we do not know."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Out(BaseModel):
    """What we send."""

    model_config = ConfigDict(extra="forbid")


def _clean(text: str) -> str:
    """Without control signs: the database takes no NUL, and a text no others."""
    if any(not sign.isprintable() and sign not in "\n\t" for sign in text):
        raise ValueError("holds control characters; send plain text")
    return text


def _language(text: str) -> str:
    folded = fold(text)
    known = names().get(folded) or names().get(bare(folded)) or ()
    if len(known) == 1:
        return known[0]
    try:
        return languages.normalise(text)
    except languages.UnknownLanguage as error:
        raise ValueError(str(error)) from error


def _in_range(at: datetime) -> datetime:
    if at.year not in _YEARS:
        raise ValueError(f"the year is not one of {_YEARS[0]} to {_YEARS[-1]}")
    return at.astimezone(UTC)


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_Plain = AfterValidator(_clean)
Short = Annotated[str, StringConstraints(max_length=100), _Plain]
Line = Annotated[str, StringConstraints(max_length=200), _Plain]
Words = Annotated[str, StringConstraints(max_length=2000), _Plain]
Moment = Annotated[
    datetime,
    PlainSerializer(_utc, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-03-04T12:00:00.000Z"]}),
]
"""A moment as we tell it: UTC, ISO 8601."""
Time = Annotated[AwareDatetime, AfterValidator(_in_range)]
"""A moment as it is sent to us: ISO 8601 with its offset from UTC."""
Tongue = Annotated[
    str,
    StringConstraints(min_length=2, max_length=60),
    AfterValidator(_clean),
    AfterValidator(_language),
    Field(description="ISO 639-3 code, BCP 47 tag or name of a language.", examples=["spa", "es-MX", "Haitian Creole"]),
]
Number = Annotated[
    str,
    StringConstraints(min_length=3, max_length=40, pattern=r"^[+0-9 ().\-/]+$"),
    Field(description="Phone number, best in E.164; without a country code it is of the agency's region."),
]
Version = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{1,9}-[0-9]{1,12}$"),
    Field(description="The version that you looked at, as you read it.", examples=["3-118"]),
]


class LanguageOut(Out):
    """A language."""

    code: str = Field(description="ISO 639-3.", examples=["hat"])
    tag: str = Field(description="The shortest BCP 47 tag.", examples=["ht"])
    name: str = Field(description="In English.", examples=["Haitian Creole"])
    native: str = Field(description="In the language itself.", examples=["Kreyòl ayisyen"])


def language_out(code: str | None) -> LanguageOut | None:
    """A language as it is told; None where it is not known."""
    known = languages.all_languages().get(code or "")
    if known is None:
        return None
    return LanguageOut(code=known.code, tag=languages.tag(known.code), name=known.english, native=known.native)


class VarietyOut(Out):
    """A variety (dialect) of a language."""

    code: str = Field(examples=["mam-todossantos"])
    name: str = Field(examples=["Todos Santos"])


def variety_out(code: str) -> VarietyOut | None:
    """A variety as it is told; None where it is not known."""
    return VarietyOut(code=code, name=varieties.get(code).name) if varieties.known(code) else None


def number_out(number: PhoneNumber, whole: bool) -> str | None:
    """A number as it is told: masked, or whole in E.164; None where it was withheld."""
    if number.withheld:
        return None
    return number.e164 if whole else str(number)


def read_number(text: str, region: str) -> PhoneNumber:
    """A number that was sent. Raises InvalidNumber."""
    return PhoneNumber.parse(text, region)


class Page(In):
    """Which part of a list."""

    limit: int = Field(50, ge=1, le=200, description="Entries at most.")
    cursor: Line = Field("", description="`next` of the page before; without it the first page.")


def write_cursor(*parts: str | int) -> str:
    """Where the next page begins, to be given back as it is."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def read_cursor(text: str) -> list[str]:
    """What `write_cursor` wrote, as texts; [] for none. Raises ValueError for what it did not write."""
    if not text:
        return []
    read = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    if not isinstance(read, list) or not all(isinstance(part, str | int) for part in read):
        raise ValueError("no cursor")
    return [str(part) for part in read]
