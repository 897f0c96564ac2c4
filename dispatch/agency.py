"""The agency as the console knows it: its name, top languages, greeting and duty desk, laid over the environment's.

Plain functions over values. What has not been said on the console stays as the environment (or the default) says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from dispatch import languages
from dispatch.errors import InvalidNumber, SettingsInvalid
from dispatch.people import PhoneNumber

LONGEST_NAME = 60
"""Said at the beginning of every call and text: longer, and nobody listens to the end."""
MOST_LANGUAGES = 30
MOST_GREETINGS = 6
"""Heard before the tone; half a minute is all that somebody in need waits."""


class Source(StrEnum):
    """Where a value comes from."""

    CONSOLE = "set on the console"
    ENVIRONMENT = "from the environment"
    DEFAULT = "the default"


@dataclass(frozen=True)
class Profile:
    """What was said on the console; None where nothing was. `version` counts the changes."""

    version: int = 0
    name: str | None = None
    languages: tuple[str, ...] | None = None
    """ISO 639-3, most asked for first."""
    greeting_languages: int | None = None
    """How many of the languages the greeting is spoken in."""
    desk: str | None = None
    """E.164 of the duty desk; "" for none."""

    def overlay(self) -> dict[str, object]:
        """The settings that this replaces, by their names in `Settings`."""
        told = {
            "agency": self.name,
            "languages": self.languages,
            "greeting_languages": self.greeting_languages,
            "desk": self.desk,
        }
        return {name: value for name, value in told.items() if value is not None}


def read_profile(before: Profile, sent: Mapping[str, str], top: Sequence[str], region: str) -> Profile:
    """The profile with what a form says: of `name`, `greeting_languages` and `desk` those that were sent, and `top`
    (names or codes, in order; none: they stay). Raises SettingsInvalid naming every field that will not do."""
    problems: list[str] = []
    after = before
    if "name" in sent:
        name = " ".join(sent["name"].split())
        if not 2 <= len(name) <= LONGEST_NAME or not name.isprintable():
            problems.append(f"Agency's name: write 2 to {LONGEST_NAME} characters.")
        after = replace(after, name=name)
    if top:
        chosen, wrong = read_languages(top)
        problems += wrong
        after = replace(after, languages=chosen)
    if "greeting_languages" in sent:
        told = sent["greeting_languages"]
        if not told.isdecimal() or not 1 <= int(told) <= MOST_GREETINGS:
            problems.append(f"Languages of the greeting: write a whole number from 1 to {MOST_GREETINGS}.")
        else:
            after = replace(after, greeting_languages=int(told))
    if "desk" in sent:
        try:
            after = replace(after, desk=PhoneNumber.parse(sent["desk"], region).e164 if sent["desk"] else "")
        except InvalidNumber as error:
            problems.append(f"Duty desk: {error}")
    if problems:
        raise SettingsInvalid(problems)
    return after


def read_languages(written: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """Codes of the languages named, each once, in order; and what was wrong with the others, with their place."""
    found: dict[str, None] = {}
    problems = []
    for place, name in enumerate(written, 1):
        try:
            code = languages.normalise(name)
        except languages.UnknownLanguage as error:
            problems.append(f"Language {place}: {error}")
            continue
        if languages.get(code).signed:
            problems.append(f"Language {place}: {languages.get(code).english} cannot be spoken on a hotline.")
            continue
        found.setdefault(code)
    if not found and not problems:
        problems.append("Language 1: name at least one language.")
    if len(found) > MOST_LANGUAGES:
        problems.append(f"Language {MOST_LANGUAGES + 1}: {MOST_LANGUAGES} languages are the most that a menu can use.")
    return tuple(found), problems


def source(field: str, profile: Profile, told: object, default: object) -> Source:
    """Where the value of a setting comes from; `told` is what the environment, or failing it the default, says."""
    if field in profile.overlay():
        return Source.CONSOLE
    return Source.DEFAULT if told == default else Source.ENVIRONMENT


def changes(before: Profile, after: Profile) -> str:
    """What changed, for the audit log: the desk's number is not told."""
    told = []
    for field in ("name", "languages", "greeting_languages", "desk"):
        was, now = getattr(before, field), getattr(after, field)
        if was == now:
            continue
        label = field.replace("_", " ")
        if now is None:
            told.append(f"{label} as the environment says")
        elif field == "desk":
            told.append("duty desk set" if now else "no duty desk")
        else:
            told.append(f"{label}: {', '.join(now) if isinstance(now, tuple) else now}")
    return "; ".join(told) or "nothing"
