"""What was written before the interpreter was there: kept sealed until it is passed on, a day at most."""

from datetime import datetime

from sqlalchemy import delete, insert, select

from dispatch.request import Channel, RequestState
from dispatch.schema import requests
from dispatch.schema_writing import unread_texts
from dispatch.store.requests import Requests

_TALKING = (RequestState.CONNECTING.value, RequestState.CONNECTED.value)


class Writing(Requests):
    """Unread words, and the sessions that go on in writing."""

    def keep_unread(self, request_id: str, words: str, now: datetime) -> None:
        """Keep what was written for the interpreter who comes."""
        row = {"request_id": request_id, "words_sealed": self._seal.seal(words), "at": now}
        self._db.execute(insert(unread_texts), row)

    def take_unread(self, request_id: str) -> list[str]:
        """What was written so far, oldest first; it is kept no longer."""
        mine = unread_texts.c.request_id == request_id
        sealed = self._db.execute(select(unread_texts.c.words_sealed).where(mine).order_by(unread_texts.c.id))
        words = [self._seal.open(one) for one in sealed.scalars()]
        if words:
            self._db.execute(delete(unread_texts).where(mine))
        return words

    def texted_sessions(self) -> list[str]:
        """Ids of requests by text whose interpreter is there."""
        talking = (requests.c.over.is_(False), requests.c.state.in_(_TALKING))
        found = select(requests.c.id).where(*talking, requests.c.channel == Channel.TEXT.value)
        return list(self._db.execute(found.order_by(requests.c.created_at)).scalars())
