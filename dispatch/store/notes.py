"""What dispatchers write down: notes on requests, and roster files that wait to be imported. All of it sealed."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select

from dispatch.schema import event_log
from dispatch.schema_console import notes, roster_drafts
from dispatch.store.unit import Unit


@dataclass(frozen=True)
class Note:
    """What somebody wrote about a request."""

    at: datetime
    account: str
    words: str


class Notes(Unit):
    """Keep and read them."""

    def add_note(self, request_id: str, account: str, words: str, now: datetime) -> None:
        """Write something down about a request."""
        row = {"request_id": request_id, "account": account, "words_sealed": self._seal.seal(words), "at": now}
        self._db.execute(insert(notes), row)

    def notes_of(self, request_id: str) -> list[Note]:
        """A request's notes, oldest first."""
        found = self._db.execute(select(notes).where(notes.c.request_id == request_id).order_by(notes.c.id))
        return [Note(row.at, row.account, self._seal.open(row.words_sealed)) for row in found]

    def takers(self, request_ids: Sequence[str]) -> dict[str, str]:
        """Which of these requests a dispatcher took over, and who did last."""
        taken = event_log.c.request_id.in_(request_ids), event_log.c.kind == "TakenOver"
        newest = select(func.max(event_log.c.seq)).where(*taken).group_by(event_log.c.request_id)
        found = self._db.execute(select(event_log.c.request_id, event_log.c.detail).where(event_log.c.seq.in_(newest)))
        return {row.request_id: str(json.loads(row.detail).get("by", "")) for row in found}

    def keep_draft(self, account: str, content: str, now: datetime, expires_at: datetime) -> str:
        """Keep a roster file that has been looked at but not imported; returns its id. Old ones go."""
        self._db.execute(delete(roster_drafts).where(roster_drafts.c.expires_at <= now))
        draft_id = secrets.token_hex(12)
        row = {"id": draft_id, "account": account, "content_sealed": self._seal.seal(content), "expires_at": expires_at}
        self._db.execute(insert(roster_drafts), row)
        return draft_id

    def draft(self, draft_id: str, account: str, now: datetime) -> str | None:
        """That account's file again; None when it is not theirs or too old."""
        mine = select(roster_drafts.c.content_sealed).where(
            roster_drafts.c.id == draft_id, roster_drafts.c.account == account, roster_drafts.c.expires_at > now
        )
        sealed = self._db.execute(mine).scalar()
        return self._seal.open(sealed) if sealed is not None else None

    def forget_draft(self, draft_id: str) -> None:
        """It was imported."""
        self._db.execute(delete(roster_drafts).where(roster_drafts.c.id == draft_id))
