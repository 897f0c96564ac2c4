"""The audit log's chain: each line holds the hash of the one before, so that none is changed or taken out unseen."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

Digest = Callable[[str], str]
"""A keyed hash: who can write to the database but has not the key cannot make a line that fits."""

START = "0" * 64


@dataclass(frozen=True)
class AuditEntry:
    """One line: who did what to what, and when."""

    seq: int
    at: datetime
    account: str
    action: str
    subject: str
    detail: str
    previous: str
    hash: str


@dataclass(frozen=True)
class Verdict:
    """What the check of the chain found."""

    entries: int
    head: str
    """The newest hash. Noted elsewhere, it also proves that no lines are missing at the end."""
    broken_at: int | None = None
    """The first line that does not fit."""
    reason: str = ""


def sealed_line(at: datetime, account: str, action: str, subject: str, detail: str, previous: str) -> str:
    """The text that a line's hash is made of."""
    return json.dumps([at.astimezone(UTC).isoformat(), account, action, subject, detail, previous], ensure_ascii=False)


def verify(entries: Iterable[AuditEntry], digest: Digest) -> Verdict:
    """Go through the whole log, oldest first."""
    head, count = START, 0
    for one in entries:
        if one.previous != head:
            return Verdict(count, head, one.seq, "a line before it was taken out, added or put elsewhere")
        text = sealed_line(one.at, one.account, one.action, one.subject, one.detail, one.previous)
        if digest(text) != one.hash:
            return Verdict(count, head, one.seq, "the line was changed, or made with another key")
        head, count = one.hash, count + 1
    return Verdict(count, head)
