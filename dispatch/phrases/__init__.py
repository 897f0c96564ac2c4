"""Every sentence the service says or texts, by language: one TOML file per ISO 639-3 code.

`reviewed_by` names the native speaker who checked a file; empty means that it is a draft. A sentence that a language
does not have is given in English, and the result says so.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Formatter

from dispatch.errors import DispatchError

FALLBACK = "eng"


class PhraseMissing(DispatchError):
    """No language has this phrase, or a value that it needs was not given."""


@dataclass(frozen=True)
class Sentence:
    """A phrase, filled in."""

    text: str
    language: str
    """ISO 639-3 of the text: the language asked for, or the fallback."""
    draft: bool
    """True until a native speaker has reviewed the language's file."""


@dataclass(frozen=True)
class Coverage:
    """How far one language is."""

    language: str
    phrases: int
    missing: tuple[str, ...]
    """Phrases of the community's own (spoken, and `text_...`) that this language lacks."""
    reviewed_by: str


@dataclass(frozen=True)
class _File:
    reviewed_by: str
    phrases: dict[str, str]


def sentence(key: str, language: str, /, **params: str) -> Sentence:
    """The phrase in that language, or in English where it lacks it. Values it does not use are ignored.

    Raises PhraseMissing.
    """
    for code in (language, FALLBACK):
        found = _all().get(code)
        if found is None or key not in found.phrases:
            continue
        try:
            return Sentence(found.phrases[key].format_map(params), code, not found.reviewed_by)
        except KeyError as error:
            raise PhraseMissing(f"Phrase {key!r} needs a value for {error}.") from error
    raise PhraseMissing(f"There is no phrase {key!r}; see dispatch/phrases/eng.toml for those there are.")


def text(key: str, language: str) -> str:
    """The phrase as it is written, its values still to be filled in. Raises PhraseMissing."""
    found = _all().get(language)
    if found is None or key not in found.phrases:
        raise PhraseMissing(f"{language!r} has no phrase {key!r}.")
    return found.phrases[key]


def is_draft(language: str) -> bool:
    """Whether no speaker of the language has reviewed its sentences."""
    found = _all().get(language)
    return found is None or not found.reviewed_by


def has(key: str, language: str) -> bool:
    """Whether the language itself has the phrase."""
    found = _all().get(language)
    return found is not None and key in found.phrases


def all_keys() -> tuple[str, ...]:
    """Every phrase there is."""
    return tuple(_all()[FALLBACK].phrases)


def languages_with(key: str) -> tuple[str, ...]:
    """ISO 639-3 codes of the languages that have the phrase."""
    return tuple(code for code, found in _all().items() if key in found.phrases)


def placeholders(key: str, language: str) -> frozenset[str]:
    """Names of the values that the phrase takes in that language."""
    parts = Formatter().parse(_all()[language].phrases[key])
    return frozenset(name for _, name, _, _ in parts if name)


def report() -> tuple[Coverage, ...]:
    """Every language's coverage, by code."""
    expected = [key for key in _all()[FALLBACK].phrases if is_community(key)]
    return tuple(
        Coverage(
            code, len(found.phrases), tuple(key for key in expected if key not in found.phrases), found.reviewed_by
        )
        for code, found in _all().items()
    )


def is_community(key: str) -> bool:
    """Whether every language needs the phrase. Officers, interpreters and the desk work in English; `first_...` is said
    in the language that a person also understands. Where a language of an agency's own lacks one, a plainer sentence
    that it has is given instead of a `wait_...` or a `session_...`, and English instead of a text."""
    return not key.startswith(("officer_", "interpreter_", "desk_", "request_", "first_", "session_full"))


@cache
def _all() -> dict[str, _File]:
    found = {}
    for entry in sorted(files("dispatch").joinpath("phrases").iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            data = tomllib.loads(entry.read_text(encoding="utf-8"))
            found[entry.name.removesuffix(".toml")] = _File(data["reviewed_by"], data["phrases"])
    return found
