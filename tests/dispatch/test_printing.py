"""Documents as PDF: every script, tagged, on the paper that was asked for, and nothing from outside."""

import io
import os
import re
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from jinja2 import DictLoader, Environment
from pypdf import PdfReader
from pypdf.generic import ContentStream, DictionaryObject

from dispatch import brief_pdf, languages, printing, report_files
from dispatch.arrival import Share
from dispatch.brief import PHRASES, Brief, Spoken, make
from dispatch.errors import DocumentsUnavailable
from dispatch.people import PhoneNumber
from dispatch.report_files import Period
from dispatch.reports import figures
from scripts.shipped_fonts import our_words
from tests.dispatch.test_arrival import BUS

SCRIPTS = {
    "arb": "arabic",
    "pus": "arabic",
    "amh": "ethiopic",
    "tir": "ethiopic",
    "mya": "myanmar",
    "khm": "khmer",
    "ben": "bengali",
    "nep": "devanagari",
    "cmn": "cjk",
    "yue": "cjk",
    "kor": "cjk",
    "rus": "",
    "vie": "",
}
"""Languages whose phrases a brief may show, and the font that each is drawn with besides the Latin one."""


def read(content: bytes) -> PdfReader:
    """The file, as a reader opens it."""
    return PdfReader(io.BytesIO(content))


def brief(*codes: str, **changed: object) -> Brief:
    """A brief for people who speak these."""
    shares = tuple(Share(code, 10) for code in codes)
    return brief_of(shares, **changed)


def brief_of(shares: tuple[Share, ...], **changed: object) -> Brief:
    """The same, with their shares."""
    bus = replace(BUS, people=500, languages=shares, **changed)  # type: ignore[arg-type]
    return make(bus, "Town", PhoneNumber("+16175550100"), "Friday")


def with_phrases_of(*codes: str) -> Brief:
    """The same with the phrases of all of them, more than a page usually has."""
    spoken: list[Spoken] = []
    for code in codes:
        spoken += brief(code).spoken
    return replace(brief(*codes[:8]), spoken=tuple(spoken))


def fonts_of(pdf: PdfReader) -> dict[str, DictionaryObject]:
    """The fonts on the first page by name, without the letters of their subset."""
    kept = pdf.pages[0]["/Resources"]["/Font"].get_object()
    found = [one.get_object() for one in kept.values()]
    return {str(one["/BaseFont"]).split("+")[-1]: one for one in found}


def structure(pdf: PdfReader) -> list[DictionaryObject]:
    """Every element of the tree that a reader for the blind walks."""
    waiting, found = [pdf.trailer["/Root"]["/StructTreeRoot"]], []
    while waiting:
        one = waiting.pop().get_object()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, DictionaryObject):
            found.append(one)
            waiting += [one["/K"]] if "/K" in one else []
    return found


def said(pdf: PdfReader) -> list[tuple[str, str]]:
    """The texts that stand beside their glyphs on the first page, to be read aloud and copied, with their language."""
    content = ContentStream(pdf.pages[0]["/Contents"].get_object(), pdf)
    marks = [operands[1] for operands, operator in content.operations if operator == b"BDC"]
    return [(str(one["/ActualText"]), str(one["/Lang"])) for one in marks if "/ActualText" in one]


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without any font of its own."""
    config = tmp_path / "fonts.conf"
    config.write_text(f"<fontconfig><cachedir>{tmp_path}</cachedir></fontconfig>")
    monkeypatch.setenv("FONTCONFIG_FILE", str(config))
    printing.PRESS.stop()
    yield
    printing.PRESS.stop()


@pytest.mark.usefixtures("bare")
@pytest.mark.filterwarnings("ignore:No fonts configured")
def test_every_script_is_drawn_with_the_fonts_we_ship_on_one_page() -> None:
    made = with_phrases_of(*SCRIPTS)
    assert len(made.spoken) == len(SCRIPTS)
    pdf = read(brief_pdf.draw(made))
    assert len(pdf.pages) == 1
    fonts = fonts_of(pdf)
    assert {name.removeprefix("noto-sans-") for name in fonts} >= {name for name in SCRIPTS.values() if name}
    for font in fonts.values():
        below = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert "/FontFile2" in below or "/FontFile3" in below
    text = pdf.pages[0].extract_text()
    assert "Boxes stand for letters" not in text
    assert "Это бесплатно" in text
    assert "Miễn phí." in text
    told = said(pdf)
    for one in made.spoken:
        for phrase in one.phrases:
            assert phrase.text in text or (phrase.text, languages.tag(one.code)) in told, phrase.text


def test_every_sign_of_our_own_words_is_in_a_font_we_ship() -> None:
    have: set[int] = set()
    static = Path(printing.__file__).parent / "console/static/fonts"
    for path in (*static.glob("*.woff2"), *(static.parents[2] / "fonts").glob("*.ttf")):
        have |= set(TTFont(path).getBestCmap())
    missing = {sign for sign in our_words() if ord(sign) not in have and not sign.isspace()}
    assert not missing, "run scripts/shipped_fonts.py"


def test_a_brief_is_tagged_and_says_its_title_language_and_what_the_code_is() -> None:
    pdf = read(brief_pdf.draw(brief("arb", "spa"), region="GT"))
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.metadata is not None
    assert (pdf.metadata.title, pdf.metadata.author) == ("Brief: bus from the south", "Town")
    assert b'pdfuaid:part="1"' in root["/Metadata"].get_data()
    tree = structure(pdf)
    kinds = {one.get("/S") for one in tree}
    assert kinds >= {"/H1", "/H2", "/Table", "/TH", "/TD", "/L", "/LI", "/P", "/Figure"}
    assert [one["/Alt"] for one in tree if one.get("/S") == "/Figure"] == [
        "QR code that opens a text to +1 617 555 0100"
    ]
    width, height = pdf.pages[0].mediabox[2:]
    assert (round(width), round(height)) == (595, 842)


def test_the_longest_brief_stays_on_one_page_with_nothing_cut() -> None:
    long = {"name": "W" * 120, "place": "M" * 120, "area": "Q" * 60, "note": "မြန်မာ " * 43, "liaison": "G" * 80}
    codes = ("arb", "prs", "pus", "amh", "mya", "khm", "ben", "tir")
    varieties = tuple(Share(code, 10, f"{code} " + "w" * 36) for code in codes)
    made = brief(*codes, liaison_phone="+16175550140", **long)
    made = replace(made, expected=brief_of(varieties).expected)
    pdf = read(brief_pdf.draw(made))
    assert len(pdf.pages) == 1
    text = re.sub(r"\s", "", pdf.pages[0].extract_text())
    for told, count in (("W", 120), ("Q", 60), ("G", 80), ("w" * 36, len(codes))):
        assert text.count(told) >= count
    assert "+16175550140" in text
    assert "".join(PHRASES["free"].split()) in text


def test_text_that_runs_from_right_to_left_is_set_so() -> None:
    assert printing.direction("مرحبا.") == printing.direction("12 &lt;مرحبا") == "rtl"
    assert printing.direction("Ana مرحبا") == printing.direction("12 + 3") == printing.direction("") == "ltr"
    page = '<p dir="auto">&lt;b&gt; Ana</p><th scope="row" dir="auto" class="x">شكرا.</th>'
    assert printing.directed(page) == page.replace("auto", "ltr", 1).replace("auto", "rtl", 1)


@pytest.mark.usefixtures("bare")
@pytest.mark.filterwarnings("ignore:No fonts configured")
def test_letters_that_no_font_has_are_said_to_be_missing() -> None:
    def told(agency: str) -> str:
        day = date(2026, 3, 4)
        nothing = Period(day, day, False, "", (), figures([]), figures([]), (), (), (), ())
        return read(report_files.of_period(nothing, agency, "US")).pages[0].extract_text().replace("\0", "")

    assert "Boxes stand for letters that this machine has no font for" in told("龘")
    assert "Boxes" not in told("Юг 廣東話 עברית")


class Counting(BaseHTTPRequestHandler):
    """Counts who asks."""

    asked: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        """Anything."""
        self.asked.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def test_a_document_reaches_neither_the_network_nor_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = HTTPServer(("127.0.0.1", 0), Counting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    here, there = secret.as_uri(), f"http://127.0.0.1:{server.server_port}"
    page = f"""<html lang="en"><title>x</title><link rel="stylesheet" href="{there}/a.css">
      <link rel="attachment" href="{here}"><style>@import url({there}/b.css); p {{ background: url({there}/c.png) }}
      @font-face {{ font-family: x; src: url({there}/d.woff2) }}</style><p>Words<img src="{there}/e.png" alt="x">
      <img src="{here}" alt="y"><svg viewBox="0 0 9 9"><title>z</title><image href="{there}/f.png" width="9"/></svg>
      <object data="{there}/g.svg"></object><embed src="{here}"><base href="{there}/"></p><div id="end"></div></html>"""
    templates = Environment(loader=DictLoader({"documents/bad.html": page}), autoescape=True)
    monkeypatch.setattr(printing, "_templates", lambda: templates)
    try:
        made = printing.set_in_type("bad.html", printing.Paper.A4, None, {})
    finally:
        server.shutdown()
        server.server_close()
    assert Counting.asked == []
    pdf = read(made)
    assert "Words" in pdf.pages[0].extract_text()
    assert not pdf.attachments
    assert b"the secret" not in made


@pytest.mark.parametrize(
    "address",
    [
        "https://packaged.invalid/static/../../settings.py",
        "https://packaged.invalid/static/%2e%2e/settings.css",
        "https://packaged.invalid/fonts/LICENSE.txt",
        "https://packaged.invalid/static/console.js",
        "file:///etc/passwd",
        "data:text/css,p{}",
        "https://example.org/static/brief.css",
    ],
)
def test_only_our_own_style_sheets_and_fonts_are_given(address: str) -> None:
    with pytest.raises(printing.Refused):
        printing.packaged(address, frozenset())
    assert printing.packaged("https://packaged.invalid/static/brief.css", frozenset())[1] == "text/css"
    assert printing.packaged("https://packaged.invalid/fonts/NotoSans-Bold.ttf", frozenset())[1] == "font/ttf"


@pytest.mark.usefixtures("without_pango")
def test_without_pango_it_is_said_what_to_install() -> None:
    with pytest.raises(DocumentsUnavailable, match=r"apt-get install libpango-1\.0-0"):
        brief_pdf.draw(brief("spa"))
    assert "Pango" in printing.trouble()


def test_where_there_is_pango_nothing_is_said() -> None:
    assert printing.trouble() == ""


def test_a_press_that_is_killed_is_said_so_and_the_next_document_has_another() -> None:
    pid = printing.PRESS.run(os.getpid)
    assert pid != os.getpid()
    with pytest.raises(DocumentsUnavailable, match="Try again"):
        printing.PRESS.run(os.kill, pid, signal.SIGKILL)
    assert read(brief_pdf.draw(brief("spa"))).pages
    assert printing.PRESS.run(os.getpid) != pid


def test_the_press_gives_way_to_calls() -> None:
    assert printing.PRESS.run(os.nice, 0) == min(os.nice(0) + 3, 19)


def test_when_many_are_in_line_the_next_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    line = threading.BoundedSemaphore(1)
    monkeypatch.setattr(printing, "_IN_LINE", line)
    with line, pytest.raises(DocumentsUnavailable, match="Try again"):
        brief_pdf.draw(brief("spa"))
    assert line.acquire(blocking=False), "who was turned away holds no place"
