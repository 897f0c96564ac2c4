"""Forms with rows that can be added, taken out and moved: by the page's script, or without it by the server."""

import re
from collections.abc import Sequence
from typing import TypeVar

from dispatch.console.visits import Visit

MOST_ROWS = 60
_DO = re.compile(r"(add|remove|up|down)(?:-(\d{1,3}))?")
_Row = TypeVar("_Row")


def sent_rows(visit: Visit, *fields: str) -> list[dict[str, str]]:
    """The rows of a form whose fields are called `<field>_<number>`, in the order of their numbers."""
    numbers = {
        int(found.group(1))
        for name in visit.form
        if (found := re.fullmatch(rf"(?:{'|'.join(fields)})_(\d{{1,3}})", name)) is not None
    }
    return [{field: visit.text(f"{field}_{n}") for field in fields} for n in sorted(numbers)[:MOST_ROWS]]


def wants_rows(visit: Visit) -> bool:
    """Whether the form was sent by one of its row buttons: then it is drawn again and nothing is written."""
    return _DO.fullmatch(visit.text("do")) is not None


def rows_after(rows: Sequence[_Row], do: str, empty: _Row) -> list[_Row]:
    """The rows after the button `do`: "add", "remove-2", "up-2" or "down-2"; others change nothing."""
    after = list(rows)
    asked = _DO.fullmatch(do)
    if asked is None:
        return after
    what, at = asked.group(1), int(asked.group(2) or 0)
    if what == "add":
        return [*after, empty]
    if at >= len(after):
        return after
    if what == "remove":
        del after[at]
        return after or [empty]
    other = at - 1 if what == "up" else at + 1
    if 0 <= other < len(after):
        after[at], after[other] = after[other], after[at]
    return after
