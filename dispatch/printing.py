"""Documents as PDF: pages of HTML, set by WeasyPrint on the agency's own machine.

A document is a template under console/templates/documents with the style sheets and fonts of this package. It has
nothing else: what it names outside is refused, so that no text which somebody typed can make it read or fetch. Every
document is tagged for readers (PDF/UA-1), with its title and language, and carries its fonts.

They are made one at a time, in a process of their own (`press`): calls come first.
"""

import html
import importlib
import io
import logging
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import count
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dispatch import languages
from dispatch.errors import DocumentsUnavailable
from dispatch.press import Press
from dispatch.printed_text import add_text
from dispatch.reports import spell_seconds

_LOG = logging.getLogger(__name__)
_ROOT = files("dispatch")
_FOLDERS = {
    "fonts": (_ROOT / "fonts", ".ttf"),
    "static": (_ROOT / "console/static", ".css"),
    "scripts": (_ROOT / "console/static/fonts", ".woff2"),
}
"""What a document can name, by the first part of the path: the folder, and the only kind of file in it."""
_BASE = "https://packaged.invalid/"
"""Stands before those paths. Nothing is ever at such a name (RFC 2606)."""
_LETTER = frozenset({"US", "CA", "MX", "CO", "CL", "PH", "PR"})
"""Regions that print on Letter; the others on A4."""
PRESS = Press()
_IN_LINE = BoundedSemaphore(5)
"""Each that waits holds a thread that calls need too."""
_USUAL = 9.0
"""Size of the text, in points."""
_TRIALS = 4
"""Layouts before a size that fits is taken as it is."""
INSTALL = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
"""Debian's packages that setting type needs."""


class Paper(StrEnum):
    """What it is printed on."""

    LETTER = "letter"
    A4 = "A4"

    @staticmethod
    def of(region: str) -> "Paper":
        """What a region's printers hold."""
        return Paper.LETTER if region in _LETTER else Paper.A4


class Refused(ValueError):
    """A document named something that is not one of our own style sheets or fonts."""


def printed(template: str, paper: Paper, largest: float | None = None, **values: Any) -> bytes:
    """The document as PDF. With `largest`, in points: on one page, in the largest type up to that which fits it.

    Raises DocumentsUnavailable where the machine lacks what setting type needs, or is too busy.
    """
    if not _IN_LINE.acquire(blocking=False):
        raise DocumentsUnavailable("Several PDF files are being made already. Try again in a minute.")
    try:
        return PRESS.run(set_in_type, template, paper, largest, values)
    finally:
        _IN_LINE.release()


def trouble() -> str:
    """What keeps this machine from making documents, and what to do about it; "" for nothing."""
    try:
        PRESS.run(_complaint)
    except DocumentsUnavailable as error:
        return str(error)
    return ""


# -- setting type, over there ------------------------------------------------------------------------------------------


def set_in_type(template: str, paper: Paper, largest: float | None, values: dict[str, Any]) -> bytes:
    """The document, once more with a word about it where the machine has no glyph for a letter."""
    made, complete = _made(template, paper, largest, values | {"missing": False})
    return made if complete else _made(template, paper, largest, values | {"missing": True})[0]


def _complaint() -> None:
    _weasyprint()


def _made(template: str, paper: Paper, largest: float | None, values: dict[str, Any]) -> tuple[bytes, bool]:
    """The file, and whether there was a glyph for every letter in it."""
    weasyprint = _weasyprint()
    fonts = importlib.import_module("weasyprint.text.fonts").FontConfiguration()
    page = _templates().get_template(f"documents/{template}")

    def laid_out(size: float) -> Any:
        text = directed(page.render(paper=paper, size=round(size, 2), **values))
        fetch = _fetcher(weasyprint, text)
        return weasyprint.HTML(string=text, base_url=_BASE, url_fetcher=fetch).render(font_config=fonts)

    heard, logger = _Heard(), logging.getLogger("weasyprint")
    logger.addHandler(heard)
    try:
        document = laid_out(_USUAL) if largest is None else _on_one_page(laid_out, largest)
        content: bytes = document.write_pdf(finisher=add_text, pdf_variant="pdf/ua-1")
    finally:
        logger.removeHandler(heard)
    return content, not heard.missing


def _on_one_page(laid_out: Callable[[float], Any], largest: float) -> Any:
    """The document in the largest type that leaves it on one page, or nearly: each trial is a whole layout, so the size
    is reckoned from how much of the page the last one filled."""
    fits, size = None, _USUAL
    for trial in count(1):
        tried = laid_out(size)
        filled = _filled(tried)
        if len(tried.pages) == 1:
            fits = tried
            if filled > 0.86 or size == largest or trial >= _TRIALS:
                break
        elif fits is not None:
            break
        reckoned = size * filled**-0.55 * 0.985
        size = min(reckoned, size * 0.97) if fits is None else min(reckoned, largest)
    return fits


def _filled(document: Any) -> float:
    """How many pages are full; the mark at the end of every document shows it. Margins below are left out."""
    last = document.pages[-1]
    return float(len(document.pages) - 1 + last.anchors["end"][1] / (last.height * 0.96))


def directed(page: str) -> str:
    """With every direction that a browser would find from the first letters written out: here nobody else does."""
    return re.sub(r'dir="auto"([^>]*>)([^<]*)', lambda found: f'dir="{direction(found[2])}"{found[1]}{found[2]}', page)


def direction(text: str) -> str:
    """How the text runs, "ltr" or "rtl", by its first letter that tells. `text` may have HTML's escapes."""
    kinds = (unicodedata.bidirectional(sign) for sign in html.unescape(text))
    return "rtl" if next((kind for kind in kinds if kind in ("L", "R", "AL")), "L") != "L" else "ltr"


def _weasyprint() -> Any:
    """Imported when the first document is made: it needs libraries of the system that the rest does not."""
    try:
        weasyprint = importlib.import_module("weasyprint")
    except (ImportError, OSError) as error:
        words = f"PDF files need Pango, which this machine lacks. Install it, on Debian: apt-get install {INSTALL}"
        raise DocumentsUnavailable(words) from error
    logging.getLogger("weasyprint").propagate = False  # it repeats letters of what people typed
    return weasyprint


class _Heard(logging.Handler):
    """Hears whether a glyph was missing, which is told in no other way."""

    missing = False

    def emit(self, record: logging.LogRecord) -> None:
        self.missing = self.missing or record.msg.startswith(".notdef glyph")


@cache
def _templates() -> Environment:
    loader = FileSystemLoader(str(_ROOT / "console/templates"))
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    made.filters |= {"tag": languages.tag, "seconds": spell_seconds}
    return made


# -- what a document may name ------------------------------------------------------------------------------------------


def _fetcher(weasyprint: Any, text: str) -> Any:
    """Gives our own style sheets and fonts and nothing else."""
    signs = frozenset(ord(sign) for sign in text)

    class Packaged(weasyprint.urls.URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            content, kind = packaged(url, signs)
            return weasyprint.urls.URLFetcherResponse(url, content, {"Content-Type": kind})

    return Packaged()


def packaged(url: str, signs: frozenset[int]) -> tuple[bytes, str]:
    """One of our files, and its type. Of the sheet of fonts only the lines whose signs the document has.

    Raises Refused for everything else.
    """
    folder, _, name = url.removeprefix(_BASE).partition("/")
    known, ending = _FOLDERS.get(folder, (None, ""))
    if not url.startswith(_BASE) or known is None or not re.fullmatch(rf"[A-Za-z-]+\{ending}", name):
        _LOG.warning("a document named something outside of this package (%s:), which is refused", urlsplit(url).scheme)
        raise Refused("Documents have our own style sheets and fonts alone.")
    if name == "fonts.css":
        return _faces_for(signs), "text/css"
    return _file(folder, name), "text/css" if ending == ".css" else "font/ttf"


@cache
def _file(folder: str, name: str) -> bytes:
    content = (_FOLDERS[folder][0] / name).read_bytes()
    return _unpacked(content) if name.endswith(".woff2") else content


def _unpacked(woff2: bytes) -> bytes:
    """Unpacked once in a process, not for every document."""
    from fontTools.ttLib.woff2 import decompress

    out = io.BytesIO()
    decompress(io.BytesIO(woff2), out)
    return out.getvalue()


def _faces_for(signs: frozenset[int]) -> bytes:
    """The faces, each under a name of its own: fonts of one name are taken for one font when the file is written."""
    wanted = [face for face in _faces() if any(sign in one for one in face.ranges for sign in signs)]
    families = ", ".join(f'"{name}"' for name in ("Document", *(face.name for face in wanted)))
    lines = [*(face.line for face in wanted), f"html {{ font-family: {families}, sans-serif; }}"]
    return "\n".join(lines).encode()


@dataclass(frozen=True)
class _Face:
    """A font of one script."""

    name: str
    line: str
    """As the style sheet has it."""
    ranges: tuple[range, ...]
    """The signs it is there for; those that stand between letters of any script do not count."""


@cache
def _faces() -> tuple[_Face, ...]:
    found = []
    for line in _file("static", "fonts.css").decode().splitlines():
        told = re.match(r"@font-face .* url\(\"fonts/([a-z-]+)\.woff2.* unicode-range: ([^;]+);", line)
        if told is None:
            continue
        name, ranges = told[1], []
        for part in told[2].split(", "):
            first, _, last = part.removeprefix("U+").partition("-")
            ranges.append(range(int(first, 16), int(last or first, 16) + 1))
        own = tuple(one for one in ranges if one.start > 0x052F and not 0x2000 <= one.start < 0x2E80)
        line = f'@font-face {{ font-family: "{name}"; src: url("/scripts/{name}.woff2"); unicode-range: {told[2]}; }}'
        found.append(_Face(name, line, own))
    return tuple(found)
