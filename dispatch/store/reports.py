"""Finished requests, as the reports count them."""

import json
from collections import Counter
from datetime import datetime

from sqlalchemy import select

from dispatch.offer import OfferState
from dispatch.reports import Ended
from dispatch.request import RequestState
from dispatch.schema import event_log, offers, requesters, requests
from dispatch.serialised import reach_from_json
from dispatch.store.unit import Unit

_SETTLED = ("", "matching", "offering", "waiting", "callback_scheduled")
"""States in which a language was taken for settled; the log names none where a correction did not change it."""
_CORRECTIONS = ("LanguageWrong", "OtherLanguageFirst", "LanguageSet", "LanguageChosen")


class Reports(Unit):
    """What is over."""

    def ended_requests(self, since: datetime, until: datetime) -> list[Ended]:
        """Requests that were received in that time and are over, oldest first."""
        when = requests.c.over, requests.c.created_at >= since, requests.c.created_at < until
        found = self._db.execute(
            select(requests, requesters.c.unit).join(requesters).where(*when).order_by(requests.c.created_at)
        ).mappings()
        seated = select(offers.c.request_id, offers.c.interpreter_id, offers.c.answered_at).join(requests)
        seats = self._db.execute(
            seated.where(*when, offers.c.state == OfferState.FINISHED.value).order_by(offers.c.answered_at)
        )
        interpreters = {row.request_id: row.interpreter_id for row in seats}
        corrected = self._corrections(since)
        return [
            Ended(
                created_at=row["created_at"],
                connected_at=row["connected_at"],
                ended_at=row["ended_at"] or row["created_at"],
                state=RequestState(row["state"]),
                language=row["language"],
                urgency=row["urgency"],
                channel=row["channel"],
                role=row["role"],
                unit=row["unit"],
                interpreter_id=interpreters.get(row["id"]) if row["connected_at"] else None,
                corrections=corrected[row["id"]],
                vendor_spoke=reach_from_json(row["reach"]).vendor_spoke if "vendor_spoke" in row["reach"] else "",
            )
            for row in found
        ]

    def _corrections(self, since: datetime) -> Counter[str]:
        """How often each request's language was put right; choosing one for the first time does not count."""
        said = select(event_log.c.request_id, event_log.c.kind, event_log.c.detail)
        counted: Counter[str] = Counter()
        for row in self._db.execute(said.where(event_log.c.at >= since, event_log.c.kind.in_(_CORRECTIONS))):
            before = json.loads(row.detail).get("state", "").partition(" > ")[0]
            if row.kind not in ("LanguageChosen", "LanguageSet") or before in _SETTLED:
                counted[row.request_id] += 1
        return counted
