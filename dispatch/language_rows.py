"""An interpreter's languages as rows of a form: the columns `languages`, `certificate` and `expires` of a roster file,
taken apart and put together. What is right is judged where files are judged, so that a form and a file never differ.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dispatch import languages
from dispatch.people import Certificate

FIELDS = ("language", "variety", "proficiency", "certificate", "expires")
_SPOKEN = re.compile(r"(?P<name>[^(:;]+?)\s*(?:\((?P<variety>.*)\))?\s*(?::\s*(?P<level>[^:]*))?")


@dataclass(frozen=True)
class LanguageRow:
    """One language as it is written in the form."""

    language: str = ""
    """Name or code."""
    variety: str = ""
    """In the file it stands in brackets behind the language; shown where the roster keeps varieties."""
    proficiency: str = "4"
    certificate: str = Certificate.NONE.value
    expires: str = ""


def rows_of(cells: Mapping[str, str]) -> list[LanguageRow]:
    """The rows that these cells of a file stand for."""
    held, until = _by_language(cells.get("certificate", "")), _by_language(cells.get("expires", ""))
    rows = []
    for part in _split(cells.get("languages", "")):
        found = _SPOKEN.fullmatch(part)
        written = found["name"] if found else part
        code = _code(written)
        rows.append(
            LanguageRow(
                languages.get(code).english if code else written,
                (found["variety"] or "") if found else "",
                (found["level"] or "4").strip() if found else "4",
                held.get(code, held.get("", Certificate.NONE.value)),
                until.get(code, until.get("", "")),
            )
        )
    return rows


def cells_of(rows: Sequence[LanguageRow]) -> tuple[dict[str, str], list[str]]:
    """The cells of a file for these rows, and what is wrong, naming row and field. Empty rows do not count."""
    spoken, held, until, problems = [], [], [], []
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        if not row.language:
            if row.expires or row.certificate != Certificate.NONE.value or row.variety:
                problems.append(f"Language {number}: choose a language, or take the row out.")
            continue
        try:
            code = languages.normalise(row.language)
        except languages.UnknownLanguage as error:
            problems.append(f"Language {number}: {error}")
            continue
        if code in seen:
            problems.append(f"Language {number}: {languages.get(code).english} stands in row {seen[code]} already.")
            continue
        seen[code] = number
        if row.expires and row.certificate == Certificate.NONE.value:
            problems.append(f"Language {number}, expires: there is no certificate that could expire.")
        if ";" in row.variety:
            problems.append(f"Language {number}, variety: put commas between varieties, not semicolons.")
        spoken.append(f"{code} ({row.variety}):{row.proficiency}" if row.variety else f"{code}:{row.proficiency}")
        if row.certificate != Certificate.NONE.value:
            held.append(f"{code}:{row.certificate}")
            until += [f"{code}:{row.expires}"] if row.expires else []
    if not seen and not problems:
        problems.append("Language 1: name at least one language.")
    return {"languages": "; ".join(spoken), "certificate": "; ".join(held), "expires": "; ".join(until)}, problems


def only_for(cell: str, spoken: str) -> str:
    """Of a cell of values by language, those for the languages of the cell `spoken`."""
    codes = {_code(row.language) for row in rows_of({"languages": spoken})}
    return "; ".join(part for part in _split(cell) if _code(part.rpartition(":")[0]) in codes)


def _by_language(cell: str) -> dict[str, str]:
    """Values by language code; one for all languages stands under ""."""
    found = {}
    for part in _split(cell):
        name, colon, value = part.rpartition(":")
        found[_code(name) if colon else ""] = value.strip()
    return found


def _split(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _code(written: str) -> str:
    try:
        return languages.normalise(written.strip())
    except languages.UnknownLanguage:
        return ""
