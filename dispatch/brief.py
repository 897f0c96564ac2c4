"""The one-page brief for officers: what is coming, how to get an interpreter, what to say until one is there.

Plain functions over an arrival and data files (`language_data/brief_phrases.toml`, `cultural_notes.toml`). As much is
taken in as fits one page of A4 or Letter; what is left out is said.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from dispatch import languages, related
from dispatch.arrival import Arrival, Share
from dispatch.people import PhoneNumber

PHRASES = {
    "getting": "I am getting an interpreter.",
    "speak": "Do you speak it?",
    "wait": "Please wait.",
    "free": "It is free.",
}
MOST_LANGUAGES = 8
"""Named with their shares."""
MOST_PHRASES = 5
"""Languages whose phrases fit the page."""
_MOST_OWN_NOTES = 2


@dataclass(frozen=True)
class Phrase:
    """One phrase in one language."""

    text: str
    say: str


@dataclass(frozen=True)
class Expected:
    """One language of those who come."""

    code: str
    name: str
    native: str
    say: str
    people: int
    variety: str
    better: str
    """What to ask because it is seldom people's first language or often stands for another; ""."""


@dataclass(frozen=True)
class Spoken:
    """The phrases of one language."""

    code: str
    name: str
    phrases: tuple[Phrase, ...]
    """In the order of PHRASES."""
    stands_for: tuple[str, ...]
    """Languages without phrases of their own whose speakers often know this one."""


@dataclass(frozen=True)
class Note:
    """What to know."""

    title: str
    text: str
    source: str


@dataclass(frozen=True)
class Brief:
    """Everything on the page."""

    agency: str
    title: str
    when: str
    where: str
    people: int
    expected: tuple[Expected, ...]
    more: int
    """Languages that are not named."""
    not_known: int
    spoken: tuple[Spoken, ...]
    without: tuple[str, ...]
    """Languages that no phrase on the page is for."""
    notes: tuple[Note, ...]
    draft: bool
    """Whether phrases or notes have not been reviewed."""
    liaison: str
    liaison_phone: str
    note: str
    number: str
    """The number to text, as people write it."""
    text_address: str
    """What the QR code says: a text to that number."""
    example: str

    @property
    def note_columns(self) -> tuple[tuple[Note, ...], tuple[Note, ...]]:
        """The notes in their order, as two columns of about the same length."""
        lengths = [len(note.title) + len(note.text) + len(note.source) + 40 for note in self.notes]
        middle = min(range(len(lengths) + 1), key=lambda at: abs(sum(lengths[:at]) - sum(lengths[at:])))
        return self.notes[:middle], self.notes[middle:]

    @property
    def dense(self) -> bool:
        """Whether there is so much on it that it has to be printed smaller to fit one sheet."""
        words = len(self.note) + len(self.where) + sum(len(one.variety) for one in self.expected)
        return len(self.expected) + len(self.spoken) + words / 60 > 9


def make(arrival: Arrival, agency: str, hotline: PhoneNumber, when: str) -> Brief:
    """The brief for that arrival."""
    shown = arrival.languages[:MOST_LANGUAGES]
    spoken, without = _spoken([share.language for share in arrival.languages])
    notes, reviewed = _notes([share.language for share in arrival.languages])
    first = shown[0]
    example = languages.get(first.language).english.lower() + (f", {first.variety}" if first.variety else "")
    return Brief(
        agency,
        arrival.name,
        when,
        "; ".join(part for part in (arrival.place, arrival.area) if part),
        arrival.people,
        tuple(_expected(share) for share in shown),
        len(arrival.languages) - len(shown),
        round(arrival.not_known),
        spoken,
        without,
        notes,
        not reviewed or any(not _data()["phrases"][one.code]["reviewed_by"] for one in spoken),
        arrival.liaison,
        _written(arrival.liaison_phone),
        arrival.note,
        hotline.written,
        f"sms:{hotline.e164}",
        example,
    )


def _expected(share: Share) -> Expected:
    language = languages.get(share.language)
    data = _data()["phrases"].get(share.language, {})
    better = data["better"][0] if "better" in data else ""
    return Expected(
        share.language,
        language.english,
        language.native if language.native != language.english else "",
        _data()["say"].get(share.language, ""),
        round(share.people),
        share.variety,
        better,
    )


def _spoken(codes: list[str]) -> tuple[tuple[Spoken, ...], tuple[str, ...]]:
    """Phrases for as many of the languages as fit, and those that none is for."""
    data = _data()["phrases"]
    stands: dict[str, list[str]] = {}
    without = []
    for code in codes:
        own = code if code in data else next((other for other in related.also_spoken(code) if other in data), "")
        if not own or (own not in stands and len(stands) == MOST_PHRASES):
            without.append(languages.get(code).english)
            continue
        stands.setdefault(own, [])
        if own != code:
            stands[own].append(languages.get(code).english)
    found = []
    for code, others in stands.items():
        phrases = tuple(Phrase(*data[code][key]) for key in PHRASES)
        found.append(Spoken(code, languages.get(code).english, phrases, tuple(others)))
    return tuple(found), tuple(without)


def _notes(codes: list[str]) -> tuple[tuple[Note, ...], bool]:
    """The general notes, and the first that are about the languages expected; and whether they were reviewed."""
    data = _load("cultural_notes.toml")
    own = [note for code in codes for note in data["languages"] if code in note["codes"]]
    chosen = [*data["general"], *[note for place, note in enumerate(own) if note not in own[:place]][:_MOST_OWN_NOTES]]
    notes = tuple(Note(note["title"], note["text"], note.get("source", "")) for note in chosen)
    return notes, bool(data["reviewed_by"])


def _written(phone: str) -> str:
    """A number as people write it; a masked one as it is."""
    return PhoneNumber(phone).written if phone.removeprefix("+").isdigit() else phone


def _data() -> dict[str, Any]:
    return _load("brief_phrases.toml")


@cache
def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(files("dispatch").joinpath(f"language_data/{name}").read_text(encoding="utf-8"))
