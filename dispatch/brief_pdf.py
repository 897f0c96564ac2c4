"""The brief for officers as PDF: one page, drawn with the fonts that this machine has.

A PDF needs each script's font, and for scripts whose letters join or stack (Arabic, Devanagari, Burmese, Khmer...) a
shaping engine besides. Text that cannot be set correctly is never set wrongly: its pronunciation stays, and the page
says that the script is on the page printed from the browser.
"""

import io
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepInFrame, Paragraph, Spacer, Table, TableStyle

from dispatch.brief import PHRASES, Brief, Phrase

FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/Library/Fonts"))
_PLAIN = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial Unicode.ttf")
_BOLD = ("DejaVuSans-Bold.ttf", "NotoSans-Bold.ttf")
_SCRIPTS = ("NotoSansEthiopic-Regular.ttf", "AbyssinicaSIL-Regular.ttf")
_NEEDS_SHAPING = (
    "ARABIC",
    "DEVANAGARI",
    "BENGALI",
    "MYANMAR",
    "KHMER",
    "GURMUKHI",
    "GUJARATI",
    "TAMIL",
    "HEBREW",
    "SYRIAC",
)
_READER = ("Helvetica", "Helvetica-Bold")
"""Every reader of PDF has these; Latin letters only."""
_CJK = (("CJK", "STSong-Light"), ("HANGUL", "HYSMyeongJo-Medium"))
"""Fonts that readers of PDF bring along themselves."""
_MARGIN = 12 * mm


def draw(brief: Brief, letter: bool = True) -> bytes:
    """The brief on one page, Letter or A4; what does not fit at full size is drawn smaller."""
    size = LETTER if letter else A4
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size, pageCompression=1)
    canvas.setTitle(f"Brief: {brief.title}")
    canvas.setAuthor(brief.agency)
    room = (size[0] - 2 * _MARGIN, size[1] - 2 * _MARGIN)
    page = KeepInFrame(room[0], room[1], _story(brief, room[0]), mode="shrink")
    page.wrapOn(canvas, *room)
    page.drawOn(canvas, _MARGIN, size[1] - _MARGIN - page.height)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def can_set(text: str) -> bool:
    """Whether that text can be set correctly here."""
    return _font_for(text) is not None


# -- the page ----------------------------------------------------------------------------------------------------------


def _story(brief: Brief, width: float) -> list[Flowable]:
    parts: list[Flowable] = [_top(brief, width), _heading("Languages")]
    rows = [[_small("Write"), _small("Its own name"), _small("Say"), _small("People")]]
    for one in brief.expected:
        name = f"<b>{_set(one.name)}</b>" + (f" ({_set(one.variety)})" if one.variety else "")
        own = _set(one.native) + (f" <i>Ask: {_set(one.better)}</i>" if one.better else "")
        rows.append([_body(name), _body(own), _body(_set(one.say)), _body(str(one.people))])
    parts.append(_table(rows, [0.34, 0.34, 0.2, 0.12], width))
    if brief.spoken:
        draft = " (draft: no speaker has reviewed this yet)" if brief.draft else ""
        parts.append(_heading(f"Until the interpreter is on the line{draft}"))
        rows = [[_small(""), *[_small(said) for said in PHRASES.values()]]]
        for spoken in brief.spoken:
            name = f"<b>{_set(spoken.name)}</b>"
            if spoken.stands_for:
                name += f"<br/><font size=7>often known by speakers of {_set(', '.join(spoken.stands_for))}</font>"
            rows.append([_body(name), *[_body(_phrase(phrase)) for phrase in spoken.phrases]])
        parts.append(_table(rows, [0.16, 0.26, 0.24, 0.19, 0.15], width))
        if not all(can_set(phrase.text) for spoken in brief.spoken for phrase in spoken.phrases):
            parts.append(_small("Scripts that are missing here are on the page printed from the browser."))
    if brief.without:
        parts.append(_body(f"No phrases here for {_set(', '.join(brief.without))}."))
    draft = " (draft until a community liaison has reviewed it)" if brief.draft else ""
    parts.append(_heading(f"Good to know{draft}"))
    for note in brief.notes:
        source = f" <font size=7>({_set(note.source)})</font>" if note.source else ""
        parts.append(_body(f"<b>{_set(note.title)}.</b> {_set(note.text)}{source}"))
    return [*parts, Spacer(1, 4), _end(brief, width)]


def _top(brief: Brief, width: float) -> Flowable:
    told = [
        _small(f"{brief.agency}: brief for officers"),
        Paragraph(_set(brief.title), _style("title", 15, 18, bold=True)),
        _body(f"<b>{_set(brief.when)}</b>"),
    ]
    unknown = f", the language of {brief.not_known} not known" if brief.not_known else ""
    told += [_body(_set(brief.where))] if brief.where else []
    told += [_body(f"About {brief.people} people{unknown}.")]
    told += [_body(_set(brief.note))] if brief.note else []
    how = [
        _small("Text for an interpreter"),
        Paragraph(_set(brief.number), _style("number", 14, 18, bold=True)),
        _body(f"Text the language: <b>{_set(brief.example)}</b>. Your phone rings with the interpreter."),
        _body("Not sure? Text <b>ID</b> and let the person speak."),
    ]
    top = Table([[told, how, _qr(brief.text_address)]], [width * 0.46, width * 0.39, width * 0.15])
    top.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]))
    return top


def _end(brief: Brief, width: float) -> Flowable:
    contact = f"{_set(brief.liaison)} {brief.liaison_phone}".strip() or "none named yet; ask dispatch"
    rows = [
        [
            _body(
                "<b>Do not</b> use children or bystanders to interpret. <b>Do not</b> ask about immigration status. "
                "<b>Do not</b> guess a language from looks."
            )
        ],
        [_body(f"<b>Liaison:</b> {contact}")],
    ]
    end = Table(rows, [width])
    end.setStyle(TableStyle([("BOX", (0, 0), (-1, -1), 1.2, colors.black)]))
    return end


def _qr(text: str) -> Flowable:
    code = QrCodeWidget(text, barLevel="M")
    left, bottom, right, top = code.getBounds()
    side = 25 * mm
    return Drawing(side, side, code, transform=[side / (right - left), 0, 0, side / (top - bottom), 0, 0])


def _table(rows: list[list[Flowable]], shares: list[float], width: float) -> Flowable:
    table = Table(rows, [share * width for share in shares])
    plain: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEABOVE", (0, 1), (-1, -1), 0.4, colors.grey),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
    ]
    table.setStyle(TableStyle(plain))
    return table


def _heading(text: str) -> Flowable:
    return Paragraph(_set(text), _style("heading", 10, 13, bold=True, before=5))


def _body(markup: str) -> Flowable:
    return Paragraph(markup, _style("body", 8.6, 10.6))


def _small(text: str) -> Flowable:
    return Paragraph(_set(text), _style("small", 7.4, 9.4, grey=True))


def _style(
    name: str, size: float, leading: float, bold: bool = False, grey: bool = False, before: float = 0
) -> ParagraphStyle:
    color = colors.HexColor("#444444") if grey else colors.black
    font = _family()[1] if bold else _family()[0]
    return ParagraphStyle(name, fontName=font, fontSize=size, leading=leading, textColor=color, spaceBefore=before)


def _phrase(phrase: Phrase) -> str:
    said = f"<font size=7.4>{_set(phrase.say)}</font>"
    return f"{_set(phrase.text)}<br/>{said}" if can_set(phrase.text) else said


# -- fonts -------------------------------------------------------------------------------------------------------------


def _set(text: str) -> str:
    """The text as markup in a font that has it; "" where no font here can set it."""
    font = _font_for(text)
    if font is None:
        return ""
    return escape(text) if font == _family()[0] else f'<font name="{font}">{escape(text)}</font>'


def _font_for(text: str) -> str | None:
    letters = [sign for sign in text if not sign.isspace() and sign not in "\u200c\u200e\u200f"]
    names = [unicodedata.name(sign, "") for sign in letters]
    if any(name.startswith(_NEEDS_SHAPING) for name in names):
        return None
    for start, font in _CJK:
        if any(name.startswith(start) for name in names):
            return _registered_cid(font)
    return next((font for font in (_family()[0], *_others()) if all(_has(font, sign) for sign in letters)), None)


def _has(font: str, sign: str) -> bool:
    if font in _READER:
        return sign.encode("cp1252", "ignore") != b""
    glyphs = getattr(pdfmetrics.getFont(font).face, "charToGlyph", {})
    return ord(sign) in glyphs


@cache
def _family() -> tuple[str, str]:
    """A plain and a bold font: of this machine, or those that every reader has, with Latin letters only."""
    plain = next((font for name in _PLAIN if (font := _registered(name))), None)
    if plain is None:
        return _READER
    bold = next((font for name in _BOLD if (font := _registered(name))), plain)
    pdfmetrics.registerFontFamily(plain, normal=plain, bold=bold, italic=plain, boldItalic=bold)
    return plain, bold


@cache
def _others() -> tuple[str, ...]:
    return tuple(font for name in _SCRIPTS if (font := _registered(name)))


@cache
def _registered(file: str) -> str | None:
    for folder in FOLDERS:
        for path in sorted(folder.rglob(file)) if folder.is_dir() else ():
            try:
                pdfmetrics.registerFont(TTFont(path.stem, str(path)))
            except TTFError:
                continue
            return path.stem
    return None


@cache
def _registered_cid(name: str) -> str:
    pdfmetrics.registerFont(UnicodeCIDFont(name))
    return name
