"""Reports as PDF: the figures of a period, and the month as it is published. Drawn here, charts as vectors.

The file names its title and language, and embeds its fonts: DejaVu Sans (dispatch/fonts, with its licence), which has
Latin, Greek, Cyrillic, Armenian and Georgian. What it cannot set, such as Arabic or Chinese names, is set as "…", and
the file says so: the web page has the whole name.
"""

import io
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from dispatch.charts import Columns, Row

PLAIN, BOLD = "DejaVuSans", "DejaVuSans-Bold"
_INK, _SOFT, _LINE = HexColor("#17202b"), HexColor("#525d6c"), HexColor("#d3dae3")
_FIRST, _SECOND, _BACK = HexColor("#1a56ad"), HexColor("#864b00"), HexColor("#eff2f6")
_FEET = frozenset({"US", "CA", "MX", "CO", "CL", "PH", "PR"})
"""Regions that print on Letter; the others on A4."""
_SMALL = 7.5
_MISSING = "…"


class Picture(Flowable):  # type: ignore[misc]
    """A chart: lines, then bars, then words, in points from its lower left corner."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        self.width, self.height = width, height
        self.lines: list[tuple[float, float, float]] = []
        """From x to x at that height."""
        self.bars: list[tuple[float, float, float, float, Color]] = []
        self.texts: list[tuple[float, float, str, str]] = []
        """At x and y, and where x is: "left", "middle" or "right"."""

    def draw(self) -> None:
        """Called when the page is written."""
        canvas = self.canv
        canvas.setStrokeColor(_LINE)
        canvas.setLineWidth(0.5)
        for start, end, y in self.lines:
            canvas.line(start, y, end, y)
        for x, y, width, height, colour in self.bars:
            canvas.setFillColor(colour)
            canvas.rect(x, y, width, height, stroke=0, fill=1)
        canvas.setFont(PLAIN, _SMALL)
        canvas.setFillColor(_SOFT)
        ways = {"left": canvas.drawString, "middle": canvas.drawCentredString, "right": canvas.drawRightString}
        for x, y, text, anchor in self.texts:
            ways[anchor](x, y, text)


@dataclass
class Pages:
    """A document being written, from top to bottom."""

    title: str
    agency: str
    region: str = "US"
    _parts: list[Flowable] = field(default_factory=list)
    _lost: bool = False

    def heading(self, text: str) -> None:
        """The document's own."""
        self._parts.append(Paragraph(self._safe(text), _styles()["h1"]))

    def words(self, text: str, soft: bool = False) -> None:
        """A paragraph."""
        self._parts.append(Paragraph(self._safe(text), _styles()["soft" if soft else "body"]))

    def figures(self, told: Sequence[tuple[str, str, str]]) -> None:
        """Boxes: what, its value, and a word beside it."""
        cells = [
            [
                Paragraph(self._safe(what), _styles()["small"]),
                Paragraph(self._safe(value), _styles()["value"]),
                Paragraph(self._safe(beside), _styles()["small"]),
            ]
            for what, value, beside in told
        ]
        across = 3
        rows = [cells[at : at + across] for at in range(0, len(cells), across)]
        rows[-1] += [[""]] * (across - len(rows[-1]))
        style: list[tuple[Any, ...]] = [("BACKGROUND", (0, 0), (-1, -1), _BACK)]
        style.append(("INNERGRID", (0, 0), (-1, -1), 5, HexColor("#ffffff")))
        style += [("VALIGN", (0, 0), (-1, -1), "TOP"), ("FONTNAME", (0, 0), (-1, -1), PLAIN)]
        boxes = Table(rows, colWidths=[self.width / across] * across, style=style)
        self._parts += [Spacer(0, 2 * mm), boxes, Spacer(0, 2 * mm)]

    def section(self, title: str, *parts: Flowable | None) -> None:
        """A heading that stays with what stands under it."""
        kept: list[Flowable] = [Paragraph(self._safe(title), _styles()["h2"])]
        kept += [part for part in parts if part is not None]
        self._parts.append(KeepTogether(kept))

    def subsection(self, title: str, *parts: Flowable) -> None:
        """A smaller heading, with what stands under it."""
        self._parts.append(KeepTogether([Paragraph(self._safe(title), _styles()["h3"]), *parts]))

    def table(
        self, header: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float] = ()
    ) -> Flowable | None:
        """A table; its header is repeated on every page. Numbers stand right, from the second column on."""
        if not rows:
            return Paragraph("None.", _styles()["soft"])
        shares = widths or (3.0, *([1.0] * (len(header) - 1)))
        cells: list[list[Any]] = [
            [Paragraph(self._safe(word), _styles()["headnumber" if at else "head"]) for at, word in enumerate(header)]
        ]
        cells += [
            [Paragraph(self._safe(word), _styles()["number" if at else "cell"]) for at, word in enumerate(row)]
            for row in rows
        ]
        style = TableStyle(
            [
                ("FONTNAME", (0, 0), (-1, -1), PLAIN),
                ("LINEBELOW", (0, 0), (-1, -2), 0.4, _LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 2),
                ("RIGHTPADDING", (0, 0), (-1, -1), 2),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        )
        return Table(cells, colWidths=[self.width * one / sum(shares) for one in shares], repeatRows=1, style=style)

    def columns(self, drawn: Columns, names: Sequence[str]) -> Picture:
        """A column chart with its key."""
        scale = self.width / drawn.width
        picture = Picture(self.width, drawn.height * scale + 14)

        def flipped(y: float) -> float:
            return (drawn.height - y) * scale

        picture.lines = [(drawn.left * scale, self.width, flipped(y)) for y in drawn.lines]
        for bar in drawn.bars:
            colour = _SECOND if bar.second else _FIRST
            low = flipped(bar.y + bar.height)
            picture.bars.append((bar.x * scale, low, bar.width * scale, bar.height * scale, colour))
        picture.texts = [
            *((label.x * scale, flipped(label.y), self._plain(label.text), "middle") for label in drawn.below),
            *((label.x * scale, flipped(label.y), label.text, "right") for label in drawn.beside),
        ]
        for at, name in enumerate(names):
            x, top = drawn.left * scale + at * 110, drawn.height * scale + 4
            picture.bars.append((x, top, 7, 7, _SECOND if at else _FIRST))
            picture.texts.append((x + 11, top, name, "left"))
        return picture

    def bars(self, rows: Sequence[Row]) -> Picture | None:
        """A chart of rows, the value at each bar's end."""
        if not rows:
            return None
        high, left, right = 15.0, 150.0, 60.0
        picture = Picture(self.width, high * len(rows) + 6)
        for at, row in enumerate(rows):
            y = high * (len(rows) - 1 - at) + 6
            long = (self.width - left - right) * row.share / 100
            picture.bars.append((left, y + 2, max(long, 0.5), high - 5, _FIRST))
            picture.texts.append((left - 6, y + 4, _fitted(self._plain(row.label), left - 8), "right"))
            picture.texts.append((left + long + 4, y + 4, row.told, "left"))
        return picture

    @property
    def width(self) -> float:
        """Between the margins and the frame's padding (6 on either side), in points."""
        return float((LETTER if self.region in _FEET else A4)[0] - 36 * mm - 12)

    def written(self) -> bytes:
        """The file."""
        if self._lost:
            self.words(
                f'Where a name shows "{_MISSING}", this file has no letters for it; the web page has them.', soft=True
            )
        out = io.BytesIO()
        document = SimpleDocTemplate(
            out,
            pagesize=LETTER if self.region in _FEET else A4,
            leftMargin=18 * mm,
            rightMargin=18 * mm,
            topMargin=16 * mm,
            bottomMargin=18 * mm,
            title=self.title,
            author=self.agency,
            subject=self.title,
            lang="en-US",
            displayDocTitle=True,
            initialFontName=PLAIN,
        )
        foot = self._foot
        document.build(self._parts, onFirstPage=foot, onLaterPages=foot)
        return out.getvalue()

    @property
    def _foot(self) -> Callable[[Any, Any], None]:
        agency, title = self._plain(self.agency), self._plain(self.title)

        def drawn(canvas: Any, document: Any) -> None:
            canvas.setFont(PLAIN, _SMALL)
            canvas.setFillColor(_SOFT)
            canvas.drawString(18 * mm, 10 * mm, _fitted(f"{agency} · {title}", self.width - 60))
            canvas.drawRightString(document.pagesize[0] - 18 * mm, 10 * mm, f"Page {document.page}")

        return drawn

    def _cells(self, words: Sequence[str], first: str, others: str) -> list[Paragraph]:
        return [Paragraph(self._safe(word), _styles()[others if at else first]) for at, word in enumerate(words)]

    def _plain(self, text: str) -> str:
        """The text with what the font cannot set left out."""
        shown = printable(text)
        self._lost = self._lost or shown != text
        return shown

    def _safe(self, text: str) -> str:
        """The same, for a paragraph, which reads markup."""
        return self._plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def printable(text: str) -> str:
    """The text as the font can set it: each run of what it cannot is one "…"."""
    known, shown = _font().face.charToGlyph, ""
    for sign in unicodedata.normalize("NFC", text):
        if ord(sign) in known and unicodedata.bidirectional(sign) not in ("R", "AL", "AN"):
            shown += sign
        elif not shown.endswith(_MISSING):
            shown += _MISSING
    return shown


def told_days(first: date, last: date) -> str:
    """A period in words."""
    return f"{first.day} {first:%B %Y} to {last.day} {last:%B %Y}"


@cache
def _font() -> TTFont:
    """The fonts, registered once."""
    folder = files("dispatch").joinpath("fonts")
    for name in (BOLD, PLAIN):
        made = TTFont(name, io.BytesIO(folder.joinpath(f"{name}.ttf").read_bytes()))
        pdfmetrics.registerFont(made)
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)
    return made


def _fitted(text: str, width: float) -> str:
    """The text, cut where it is too long for that many points."""
    while len(text) > 1 and pdfmetrics.stringWidth(text, PLAIN, _SMALL) > width:
        text = text.rstrip(_MISSING)[:-1] + _MISSING
    return text


@cache
def _styles() -> dict[str, ParagraphStyle]:
    _font()
    body = ParagraphStyle("body", fontName=PLAIN, fontSize=9.5, leading=13, textColor=_INK, spaceAfter=4)
    return {
        "body": body,
        "soft": ParagraphStyle("soft", body, fontSize=8, leading=11, textColor=_SOFT),
        "small": ParagraphStyle("small", body, fontSize=7.5, leading=9, textColor=_SOFT, spaceAfter=0),
        "value": ParagraphStyle("value", body, fontName=BOLD, fontSize=15, leading=19, spaceAfter=0),
        "h1": ParagraphStyle("h1", body, fontName=BOLD, fontSize=17, leading=21, spaceAfter=6),
        "h2": ParagraphStyle("h2", body, fontName=BOLD, fontSize=11.5, leading=15, spaceBefore=10, spaceAfter=4),
        "h3": ParagraphStyle("h3", body, fontName=BOLD, spaceBefore=6, spaceAfter=2),
        "cell": ParagraphStyle("cell", body, fontSize=8.5, leading=11, spaceAfter=0),
        "number": ParagraphStyle("number", body, fontSize=8.5, leading=11, spaceAfter=0, alignment=2),
        "head": ParagraphStyle("head", body, fontSize=7.5, leading=9, textColor=_SOFT, spaceAfter=0),
        "headnumber": ParagraphStyle("headnumber", body, fontSize=7.5, leading=9, textColor=_SOFT, alignment=2),
    }
