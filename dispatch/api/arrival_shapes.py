"""What goes in and out of the API where something is done about an arrival: changes, invitations, the brief."""

from typing import Annotated, Literal

from pydantic import Field

from dispatch.api.arrivals import Hours, Languages
from dispatch.api.request_shapes import Who
from dispatch.api.shapes import In, LanguageOut, Line, Moment, Number, Out, Short, Time, Words
from dispatch.arrival import MOST_PEOPLE
from dispatch.inviting import MOST_TURNS


class ChangedArrival(In):
    """What is changed of an arrival; fields that are left out stay."""

    version: int = Field(ge=0, le=2**31 - 1, description="As you read it.")
    name: Annotated[Short, Field(min_length=1)] | None = None
    starts: Time | None = None
    hours: Hours | None = None
    people: Annotated[int, Field(ge=1, le=MOST_PEOPLE)] | None = None
    languages: Languages | None = None
    area: Annotated[Short, Field(max_length=60)] | None = None
    place: Annotated[Line, Field(max_length=120)] | None = None
    contacts_per_day: Annotated[float, Field(gt=0, le=20)] | None = None
    shape: Literal["intake", "daytime", "even"] | None = None
    liaison: Annotated[Short, Field(max_length=80)] | None = None
    liaison_phone: Number | Literal[""] | None = None
    note: Annotated[Words, Field(max_length=300)] | None = None


class Span(In):
    """A stretch of time."""

    starts: Time
    ends: Time


class SpanOut(Out):
    """A stretch of time."""

    starts: Moment
    ends: Moment


class SuggestionOut(Out):
    """Somebody who could be invited."""

    interpreter: Who
    languages: list[LanguageOut]
    why: str
    hours: list[SpanOut] = Field(description="For which to ask them; none: see `against`.")
    against: str = Field(description="Why there is nothing to ask them for.")


class SuggestionsOut(Out):
    """Whom to invite, best first."""

    suggestions: list[SuggestionOut]


class Chosen(In):
    """Somebody to be invited."""

    code: Annotated[Short, Field(min_length=1, description="Their own number, as on the roster.")]
    hours: list[Span] = Field(default=[], max_length=MOST_TURNS, description="None: those suggested for them.")


class InviteIn(In):
    """Whom to invite."""

    interpreters: list[Chosen] = Field(min_length=1, max_length=200)


class InvitationOut(Out):
    """Somebody who was invited."""

    id: str
    code: str = Field(description="What they put into their answer.")
    interpreter: Who
    state: Literal["waiting", "asked", "yes", "no", "cannot", "withdrawn", "done", "lapsed"]
    words: str = Field(description="The same, as people say it.", examples=["silent for 3 h"])
    hours: list[SpanOut]
    asked_at: Moment | None
    answered_at: Moment | None


class InvitationsOut(Out):
    """Everybody who was invited to it."""

    invitations: list[InvitationOut]


class BriefQuery(In):
    """How to read it."""

    reveal: bool = Field(default=False, description="Show the liaison's whole number; needs the scope `reveal`.")


class PhraseOut(Out):
    """A phrase, as it is written and as it is said."""

    means: str
    text: str
    say: str


class PhrasesOut(Out):
    """The phrases of one language."""

    language: LanguageOut | None
    stands_for: list[str] = Field(description="Languages without phrases whose speakers often know this one.")
    phrases: list[PhraseOut]


class KnowOut(Out):
    """What to know."""

    title: str
    text: str
    source: str


class ExpectedOut(Out):
    """One language of those who come."""

    language: LanguageOut | None
    people: int
    variety: str
    say: str = Field(description="How its own name is said.")
    ask: str = Field(description='What to ask because it is seldom the first language, or stands for another; "".')


class BriefOut(Out):
    """What officers are given."""

    title: str
    when: str
    where: str
    people: int
    languages: list[ExpectedOut]
    languages_more: int = Field(description="Languages that are not named on it.")
    language_not_known: int = Field(description="People whose language nobody knows.")
    phrases: list[PhrasesOut]
    without: list[str] = Field(description="Languages that no phrase is for.")
    notes: list[KnowOut]
    draft: bool = Field(description="Phrases or notes in it have not been reviewed by a speaker.")
    liaison: str
    liaison_phone: str
    note: str
    number: str = Field(description="The number to text for an interpreter.")
    example: str = Field(description="What such a text says.")
