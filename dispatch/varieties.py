"""Varieties (dialects) of languages, and which understand which. Data in language_data/varieties.toml.

A variety's code is its language's ISO 639-3 code, a hyphen and its own name: "zap-juchitan". Where no pair of the data
says that two varieties understand one another, they are taken not to: a wrong interpreter costs more than a question.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib.resources import files

from rapidfuzz import fuzz, process

from dispatch import languages
from dispatch.errors import DispatchError


class UnknownVariety(DispatchError):
    """Not a variety of that language that the data knows; the message names those it does."""


@dataclass(frozen=True)
class Variety:
    """One variety of a language."""

    code: str
    language: str
    """ISO 639-3."""
    name: str
    names: tuple[str, ...] = ()
    """What people also write, lower case, without accents."""
    place: str = ""
    """Where it is at home: a path of `origins`, or "" where the caller's menu does not ask for it."""
    native: str = ""


@dataclass(frozen=True)
class Pair:
    """A rule: these varieties understand one another, or may."""

    of: frozenset[str]
    """Codes."""
    understood: bool
    """False: near, only ever asked about."""
    source: str


class Fit(IntEnum):
    """How what an interpreter speaks fits the variety asked for, best first."""

    SAME = 0
    UNDERSTOOD = 1
    NOT_SAID = 2
    """One side has not said which."""
    OTHER = 3
    """Another one, which is not understood."""


def of_language(language: str | None) -> tuple[Variety, ...]:
    """The varieties of a language (ISO 639-3), in the data's order; none where it makes no difference."""
    return _data().varieties.get(language or "", ())


def known(code: str) -> bool:
    """Whether that is a variety's code."""
    return code in _by_code()


def get(code: str) -> Variety:
    """The variety with that code. Raises UnknownVariety."""
    if code not in _by_code():
        raise UnknownVariety(f"{code!r} is no variety that this service knows.")
    return _by_code()[code]


def asked_for(language: str | None) -> bool:
    """Whether an officer who names only the language is asked which."""
    return language in _data().asked


def at(place: str, language: str) -> tuple[Variety, ...]:
    """The varieties at home at a place of `origins`; those of its whole country where the district has none."""
    country = place.partition("/")[0]
    there = [one for one in of_language(language) if one.place == place]
    anywhere = [one for one in of_language(language) if one.place and one.place.partition("/")[0] == country]
    return tuple(there or anywhere)


def find(language: str, written: str) -> Variety:
    """The variety that somebody means by `written`, misspelt or not. Raises UnknownVariety naming the nearest."""
    listed = of_language(language)
    english = languages.get(language).english
    if not listed:
        raise UnknownVariety(f"No varieties of {english} are told apart here; write the language alone.")
    names = _names(language)
    plain = _plain(written)
    if plain in names:
        return names[plain]
    best = process.extractOne(plain, names.keys(), scorer=fuzz.ratio, score_cutoff=82)
    if best is not None and len(plain) > 4:
        return names[best[0]]
    near = process.extractOne(plain, names.keys(), scorer=fuzz.WRatio, score_cutoff=60)
    hint = f" Did you mean {names[near[0]].name}?" if near else ""
    told = ", ".join(one.name for one in listed)
    raise UnknownVariety(f"{written!r} is no variety of {english} that is known here.{hint} Known are: {told}.")


def as_code(language: str, written: str) -> str:
    """The code of a variety of that language, from its code or what somebody wrote. Raises UnknownVariety."""
    if any(one.code == written for one in of_language(language)):
        return written
    return find(language, written).code


def mentioned(text: str, language: str) -> tuple[tuple[str, int], ...]:
    """Codes of the varieties of that language which a text names, each with where; misspelt ones only where one is
    likely to stand ("zapotec from juchitn", "iraki arabic")."""
    plain = _same_length(text)
    found: dict[str, int] = {}
    for name, variety in _names(language).items():
        match = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", plain)
        if match is not None and (variety.code not in found or match.start() < found[variety.code]):
            found[variety.code] = match.start()
    if not found:
        found = dict(_misspelt(plain, language))
    return tuple(sorted(found.items(), key=lambda pair: pair[1]))


def fit(spoken: Iterable[str], wanted: Iterable[str]) -> Fit:
    """How well an interpreter's varieties fit those wanted, any of which will do; all of one language."""
    spoken, wanted = frozenset(spoken), frozenset(wanted)
    if not spoken or not wanted:
        return Fit.NOT_SAID
    if spoken & wanted:
        return Fit.SAME
    return Fit.UNDERSTOOD if any(spoken & understood(code) for code in wanted) else Fit.OTHER


@cache
def understood(code: str) -> frozenset[str]:
    """Other varieties whose speakers understand this one and are understood, by the data."""
    return _beside(code, True)


@cache
def near(code: str) -> tuple[str, ...]:
    """Varieties that a speaker of this one may understand: only ever a question to them. In the data's order."""
    beside = _beside(code, False) - understood(code)
    return tuple(one.code for one in of_language(get(code).language) if one.code in beside)


def pairs(language: str) -> tuple[Pair, ...]:
    """The rules of a language with their sources."""
    return _data().pairs.get(language, ())


def named(code: str, display: str = "eng") -> str:
    """A language or variety as it is called in the language `display`: "Zapotec (Juchitán)"."""
    if not known(code):
        return languages.name_in(code, display)
    variety = get(code)
    own = variety.native if display == variety.language and variety.native else variety.name
    return f"{languages.name_in(variety.language, display)} ({own})"


def spoken_as(language: str, codes: Iterable[str]) -> str:
    """A language in English with the varieties somebody speaks: "Mam (Todos Santos, Tacaná)"."""
    listed = ", ".join(get(code).name for code in codes if known(code))
    return languages.get(language).english + (f" ({listed})" if listed else "")


# -- how it is done ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Data:
    varieties: dict[str, tuple[Variety, ...]]
    pairs: dict[str, tuple[Pair, ...]]
    asked: frozenset[str]


@cache
def _data() -> _Data:
    read = tomllib.loads(files("dispatch").joinpath("language_data/varieties.toml").read_text(encoding="utf-8"))
    varieties = {
        language: tuple(
            Variety(
                f"{language}-{key}",
                language,
                entry["name"],
                tuple(entry.get("names", ())),
                entry.get("place", ""),
                entry.get("native", ""),
            )
            for key, entry in told.items()
            if isinstance(entry, dict)
        )
        for language, told in read.items()
        if not language.endswith("_pairs")
    }
    pairs = {
        name.removesuffix("_pairs"): tuple(
            Pair(
                frozenset(f"{name.removesuffix('_pairs')}-{key}" for key in rule["of"]),
                rule["how"] == "understood",
                rule["source"],
            )
            for rule in told
        )
        for name, told in read.items()
        if name.endswith("_pairs")
    }
    asked = frozenset(language for language, told in read.items() if isinstance(told, dict) and told.get("ask"))
    return _Data(varieties, pairs, asked)


@cache
def _by_code() -> dict[str, Variety]:
    return {one.code: one for listed in _data().varieties.values() for one in listed}


@cache
def _names(language: str) -> dict[str, Variety]:
    """Every name people write, plain, to the variety; a variety's own name before another's second one."""
    own = {_plain(one.name): one for one in of_language(language)}
    own |= {_plain(one.name.partition(" (")[0]): one for one in of_language(language)}
    others = {_plain(name): one for one in of_language(language) for name in one.names}
    return others | own


def _beside(code: str, wanted: bool) -> frozenset[str]:
    language = code.partition("-")[0]
    return frozenset(
        other
        for pair in pairs(language)
        if code in pair.of and pair.understood is wanted
        for other in pair.of
        if other != code
    )


_WORD = r"[^\W\d_][\w'-]*"
_EVERYDAY = frozenset(
    "speaker speakers speaking interpreter interp terp translator please urgent female male woman victim caller person"
    " needed language emergency family certified asap guatemala mexico oaxaca someone somebody station hospital".split()
)


def _misspelt(plain: str, language: str) -> Iterable[tuple[str, int]]:
    """After "from" and its like or within brackets, up to four words; beside the language's own name, one."""
    names = _names(language)
    called = (languages.get(language).english, *languages.get(language).names)
    of = "|".join(sorted({re.escape(_plain(name)) for name in called}, key=len, reverse=True))
    places = (
        rf"(?:\b(?:from|of|de|del)\s+|\()(?P<said>{_WORD}(?:\s+{_WORD}){{0,3}})",
        rf"(?P<said>{_WORD})\s+(?:{of})\b",
        rf"\b(?:{of})\s*,?\s+(?P<said>{_WORD}(?:\s+{_WORD})?)",
    )
    for pattern in places:
        for match in re.finditer(pattern, plain):
            words = match["said"].split()
            for count in range(len(words), 0, -1):
                tried = " ".join(words[:count])
                if len(tried) < 5 or _EVERYDAY & set(words[:count]):
                    continue
                best = process.extractOne(tried, names.keys(), scorer=fuzz.ratio, score_cutoff=80)
                if best is not None and best[0][0] == tried[0]:
                    return ((names[best[0]].code, match.start("said")),)
    return ()


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", _same_length(text).strip())


def _same_length(text: str) -> str:
    """Lower case and without accents, as long as the text itself, so that places stay the same."""
    return "".join(_bare(character) for character in text)


@cache
def _bare(character: str) -> str:
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 else character
