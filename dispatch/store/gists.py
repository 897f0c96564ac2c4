"""Machine's gists, sealed, for as long as the agency keeps them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select

from dispatch.gist import Gist
from dispatch.schema import gists
from dispatch.store.unit import Unit


class Gists(Unit):
    """Keep, read and forget gists."""

    def keep_gist(self, request_id: str, gist: Gist, expires_at: datetime) -> None:
        """Keep the gist of a request until then, in place of an earlier one."""
        self._db.execute(delete(gists).where(gists.c.request_id == request_id))
        row = {
            "request_id": request_id,
            "words_sealed": self._seal.seal(gist.words),
            "english_sealed": self._seal.seal(gist.english),
            "language": gist.language,
            "certainty": gist.certainty,
            "expires_at": expires_at,
        }
        self._db.execute(insert(gists), row)

    def gists(self, request_ids: Sequence[str], now: datetime) -> dict[str, Gist]:
        """Gists that are still kept, by request id."""
        kept = select(gists).where(gists.c.request_id.in_(request_ids), gists.c.expires_at > now)
        return {
            row.request_id: Gist(
                self._seal.open(row.words_sealed), self._seal.open(row.english_sealed), row.language, row.certainty
            )
            for row in self._db.execute(kept)
        }
