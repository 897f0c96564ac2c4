"""Spreadsheet files (XLSX) to CSV text and back. Formulas are never worked out, and text stays text."""

import csv
import io
import zipfile
import zlib
from datetime import datetime, time

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from dispatch.errors import RosterError

LARGEST_UNPACKED = 40 * 1024 * 1024
MOST_ROWS = 20_000
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    SyntaxError,
    OSError,
    RuntimeError,
    LookupError,
    AttributeError,
    TypeError,
    ValueError,
)
"""What is raised of a damaged file, a locked one, or another program's that is packed alike, some of it only when its
rows are read."""


def to_csv(content: bytes) -> str:
    """The first sheet as CSV. Raises RosterError for what is no spreadsheet, or one too large to be a roster."""
    try:
        return _first_sheet(content)
    except _UNREADABLE as error:
        raise RosterError(["This is not a spreadsheet that can be read; save it as .xlsx or .csv."]) from error


def _first_sheet(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(entry.file_size for entry in packed.infolist()) > LARGEST_UNPACKED:
            raise RosterError(["The spreadsheet is too large to be a roster."])
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    sheet = book.worksheets[0]
    for count, row in enumerate(sheet.iter_rows(values_only=True)):
        if count > MOST_ROWS:
            raise RosterError([f"The spreadsheet has more than {MOST_ROWS} rows."])
        writer.writerow([_text(value) for value in row])
    book.close()
    return out.getvalue()


def from_csv(text: str, title: str) -> bytes:
    """CSV text as a spreadsheet. Every cell is text, so that numbers keep their plus and nothing runs as a formula."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for at, row in enumerate(csv.reader(io.StringIO(text)), 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(at, column)
            cell.value = value
            cell.data_type = "s"
            cell.number_format = "@"
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()  # a day that the program has made a date of, like the end of a certificate
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
