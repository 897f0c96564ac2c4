"""Callers' messages, sealed, until they are handled or their time is over."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select

from dispatch.gist import Gist
from dispatch.schema import alerts
from dispatch.schema_voicemails import voicemails
from dispatch.store.journal import Journal
from dispatch.voicemail import Voicemail


class Voicemails(Journal):
    """Keep, read, handle and forget messages."""

    def keep_voicemail(self, message: Voicemail, expires_at: datetime) -> None:
        """Keep a message until then, in place of itself where it was kept before."""
        self._db.execute(delete(voicemails).where(voicemails.c.id == message.id))
        row = {
            "id": message.id,
            "request_id": message.request_id,
            "at": message.at,
            "seconds": message.seconds,
            "words_sealed": self._seal.seal(message.written.words),
            "english_sealed": self._seal.seal(message.written.english),
            "language": message.written.language,
            "certainty": message.written.certainty,
            "expires_at": expires_at,
        }
        self._db.execute(insert(voicemails), row)

    def voicemails_of(self, request_id: str, now: datetime) -> list[Voicemail]:
        """A request's messages that nobody has handled, oldest first."""
        kept = select(voicemails).where(voicemails.c.request_id == request_id, voicemails.c.expires_at > now)
        return [
            Voicemail(
                row.id,
                row.request_id,
                row.at,
                row.seconds,
                Gist(
                    self._seal.open(row.words_sealed),
                    self._seal.open(row.english_sealed),
                    row.language,
                    row.certainty,
                ),
            )
            for row in self._db.execute(kept.order_by(voicemails.c.at))
        ]

    def with_voicemail(self, request_ids: Sequence[str], now: datetime) -> frozenset[str]:
        """Which of these requests have a message that nobody has handled."""
        kept = select(voicemails.c.request_id).where(
            voicemails.c.request_id.in_(request_ids), voicemails.c.expires_at > now
        )
        return frozenset(self._db.execute(kept).scalars())

    def voicemail_handled(self, message_id: str, request_id: str, alert: str, now: datetime) -> bool:
        """A dispatcher has seen to it: its words are gone at once, and with the last of a request's messages the alert.
        False: it was gone already."""
        mine = (voicemails.c.id == message_id, voicemails.c.request_id == request_id)
        if self._db.execute(delete(voicemails).where(*mine)).rowcount != 1:
            return False
        told = (alerts.c.request_id == request_id, alerts.c.reason == alert, alerts.c.cleared_at.is_(None))
        if not self.with_voicemail([request_id], now):
            for number in self._db.execute(select(alerts.c.id).where(*told)).scalars().all():
                self.clear_alert(number, now)
        return True

    def forget_voicemails(self, now: datetime) -> int:
        """Remove those whose time is over; returns how many."""
        return self._db.execute(delete(voicemails).where(voicemails.c.expires_at <= now)).rowcount
