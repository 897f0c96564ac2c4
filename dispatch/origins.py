"""Whose first language may not be Spanish: places, and the languages of the Americas spoken first there.

A Spanish answer is often a second language's. Nothing here chooses for anybody: the caller says by key where their
family is from, then which language it is; what they said of the place is forgotten once the language is settled.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import phonenumbers

SECOND_LANGUAGE = "spa"
"""The language that speakers of these languages are regularly taken to speak first."""


@dataclass(frozen=True)
class Place:
    """A country or district a caller can choose. `path` is "gt" or "gt/huehuetenango"."""

    path: str
    name: str
    """As people from there write it."""
    languages: tuple[str, ...]
    """ISO 639-3 of what many speak first there."""


def countries() -> tuple[Place, ...]:
    """Where callers may be from, in the order they are read out."""
    return tuple(_countries())


def inside(path: str) -> tuple[Place, ...]:
    """The districts of a country; none for a place that has no more than one, or is not known."""
    found = next((districts for country, districts in _countries().items() if country.path == path), ())
    return found if len(found) > 1 else ()


def languages_of(path: str) -> tuple[str, ...]:
    """The languages spoken first at a place; of all places where it is not known."""
    everywhere = {place.path: place for country, districts in _countries().items() for place in (country, *districts)}
    if path in everywhere:
        return everywhere[path].languages
    country = path.partition("/")[0]
    if country in everywhere:
        return everywhere[country].languages
    return _unique(code for place in _countries() for code in place.languages)


def known(path: str) -> bool:
    """Whether that is a place of ours."""
    return any(path == place.path for country, districts in _countries().items() for place in (country, *districts))


def mentioned(text: str) -> tuple[str, ...]:
    """Languages first spoken where the text says that somebody is from; none where it names no such place.

    A phone number of such a place counts too, down to the Mexican state.
    """
    said, dialled = set(re.findall(r"[a-z]+", _plain(text))), _dialled(text)
    found = [place for place, names in _mentions().items() if names & said]
    found += [place for place, begun in _numbers().items() if any(number.startswith(begun) for number in dialled)]
    narrow = [place for place in found if "/" in place.path]
    return _unique(code for place in narrow or found for code in place.languages)


def _dialled(text: str) -> tuple[str, ...]:
    """The international numbers in a text: digits with the country code."""
    found = (match.number for match in phonenumbers.PhoneNumberMatcher(text, None))
    return tuple(f"{number.country_code}{number.national_number}" for number in found)


@cache
def _data() -> dict[str, dict[str, dict[str, dict[str, list[str]]]]]:
    return tomllib.loads(files("dispatch").joinpath("language_data/origins.toml").read_text(encoding="utf-8"))


@cache
def _countries() -> dict[Place, tuple[Place, ...]]:
    found: dict[Place, tuple[Place, ...]] = {}
    for code, entry in _data().items():
        districts = tuple(
            Place(f"{code}/{key}", str(one["name"]), tuple(one["languages"])) for key, one in entry["districts"].items()
        )
        spoken = _unique(language for district in districts for language in district.languages)
        found[Place(code, str(entry["name"]), spoken)] = districts
    return found


@cache
def _mentions() -> dict[Place, frozenset[str]]:
    found: dict[Place, frozenset[str]] = {}
    for country, districts in _countries().items():
        found[country] = frozenset(_data()[country.path]["mentions"])
        for district in inside(country.path) and districts:
            found[district] = frozenset({_plain(district.name)})
    return found


@cache
def _numbers() -> dict[Place, tuple[str, ...]]:
    """How phone numbers from each place begin."""
    found: dict[Place, tuple[str, ...]] = {}
    for country, districts in _countries().items():
        entry = _data()[country.path]
        found[country] = tuple(entry.get("numbers", ()))
        for district in districts:
            found[district] = tuple(entry["districts"][district.path.partition("/")[2]].get("numbers", ()))
    return found


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _unique(codes: "object") -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes))  # type: ignore[call-overload]
