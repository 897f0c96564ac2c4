"""Languages of the countries a text names: hints for what to ask first, never an answer.

Countries, the languages spoken there and by how many are CLDR's (through `babel`). An officer's "she is from Eritrea"
says what to try first; nobody's language is concluded from where they come from, and none of it is stored.
"""

import re
from functools import cache

from babel import Locale
from babel.core import get_global

from dispatch import languages
from dispatch.language_names import fold

_MOST = 3
"""Languages hinted at by one country."""
_LEAST_PERCENT = 5.0
_ENDINGS = ("n", "an", "ian", "ean", "i", "ese", "lese", "ish", "er")
"""Ethiopia: Ethiopian; Iraq: Iraqi; Sudan: Sudanese; Congo: Congolese."""
_CALLED = {
    "burma": "MM",
    "congo": "CD",
    "drc": "CD",
    "ivory coast": "CI",
    "cape verde": "CV",
    "kurdistan": "IQ",
    "turkey": "TR",
}
_NOT_MEANT = frozenset({"US", "GB", "JE", "GG", "IM", "ZZ", "EU", "EZ", "UN"})
"""Where the officer is, and names that are other words ("jersey")."""


def hinted(text: str) -> tuple[str, ...]:
    """ISO 639-3 codes of languages spoken in the countries a text names, commonest first; English left out."""
    said = fold(text)
    words = set(re.findall(r"[a-z]+", said))
    found = [
        territory
        for name, territory in _names().items()
        if (name in words if " " not in name else name in said) or any(name + e in words for e in _ENDINGS)
    ]
    found += [territory for stem, territory in _stems().items() if any(stem + e in words for e in ("", *_ENDINGS))]
    return tuple(dict.fromkeys(code for territory in dict.fromkeys(found) for code in spoken_in(territory)))


@cache
def spoken_in(territory: str) -> tuple[str, ...]:
    """Languages we can route that many speak in an ISO 3166 territory, commonest first; English left out."""
    listed = get_global("territory_languages").get(territory, {})
    ranked = sorted(listed.items(), key=lambda pair: -pair[1]["population_percent"])
    codes: list[str] = []
    for tag, about in ranked:
        if about["population_percent"] < _LEAST_PERCENT:
            continue
        try:
            # Persian in Afghanistan is Dari: the territory belongs to the tag.
            codes.append(languages.normalise(f"{tag.partition('_')[0]}-{territory}"))
        except languages.UnknownLanguage:
            continue
    return tuple(code for code in dict.fromkeys(codes) if code != "eng")[:_MOST]


@cache
def _names() -> dict[str, str]:
    """Folded English name to ISO 3166 code."""
    named = {
        fold(re.sub(r"\s*[(-].*", "", str(name))).strip(): code
        for code, name in Locale("en").territories.items()
        if re.fullmatch(r"[A-Z]{2}", code) and code not in _NOT_MEANT
    }
    return {name: code for name, code in (named | _CALLED).items() if len(name) >= 3}


@cache
def _stems() -> dict[str, str]:
    """Names without the ending that another replaces: Hait-ian, Afghan-i, Turk-ish."""
    stems = {}
    for name, code in _names().items():
        stem = name.removesuffix("istan") if name.endswith("istan") else name.rstrip("aeiouy")
        if len(stem) >= 4 and stem != name and stem not in _names():
            stems[stem] = code
    return stems
