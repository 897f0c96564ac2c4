"""Finished requests, as the reports count them."""

import json
from collections import defaultdict
from datetime import datetime

from sqlalchemy import func, select

from dispatch.causes import CORRECTING
from dispatch.occupancy import Change
from dispatch.offer import OfferState
from dispatch.people import Availability
from dispatch.reports import Ended
from dispatch.request import RequestState
from dispatch.schema import event_log, offers, requesters, requests
from dispatch.serialised import reach_from_json
from dispatch.store.unit import Unit

_SETTLED = ("", "matching", "offering", "waiting", "callback_scheduled")
"""States in which a language was taken for settled; the log names none where a correction did not change it."""


class Reports(Unit):
    """What is over."""

    def ended_requests(self, since: datetime, until: datetime) -> list[Ended]:
        """Requests that were received in that time and are over, oldest first."""
        when = requests.c.over, requests.c.created_at >= since, requests.c.created_at < until
        found = self._db.execute(
            select(requests, requesters.c.unit).join(requesters).where(*when).order_by(requests.c.created_at)
        ).mappings()
        seated = select(offers.c.request_id, offers.c.interpreter_id, offers.c.answered_at, offers.c.seat)
        seated = seated.join(requests)
        seats = self._db.execute(
            seated.where(*when, offers.c.state == OfferState.FINISHED.value).order_by(offers.c.answered_at)
        )
        interpreters, relays = {}, set()
        for row in seats:
            interpreters[row.request_id] = row.interpreter_id
            if row.seat > 1:
                relays.add(row.request_id)
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
                corrections=len(corrected[row["id"]]),
                corrected_by=tuple(corrected[row["id"]]),
                result=row["result"],
                miss=row["miss"],
                encounter=json.loads(row["need"]).get("encounter") or "routine",
                relay=row["id"] in relays and row["connected_at"] is not None,
                vendor_spoke=reach_from_json(row["reach"]).vendor_spoke if "vendor_spoke" in row["reach"] else "",
                by_vendor=bool(json.loads(row["reach"]).get("vendor"))
                and row["connected_at"] is not None
                and row["id"] not in interpreters,
            )
            for row in found
        ]

    def _corrections(self, since: datetime) -> dict[str, list[str]]:
        """What put each request's language right, each time; choosing one for the first time does not count."""
        said = select(event_log.c.request_id, event_log.c.kind, event_log.c.detail)
        found: dict[str, list[str]] = defaultdict(list)
        for row in self._db.execute(said.where(event_log.c.at >= since, event_log.c.kind.in_(CORRECTING))):
            detail = json.loads(row.detail)
            before = detail.get("state", "").partition(" > ")[0]
            if row.kind in ("LanguageChosen", "LanguageSet") and before not in _SETTLED:
                continue
            if row.kind == "AnotherWanted" and detail.get("why") != "language":
                continue
            found[row.request_id].append(row.kind)
        return found

    # -- how long interpreters were there ------------------------------------------------------------------------------

    def availability_changes(self, until: datetime) -> dict[str, list[Change]]:
        """What each interpreter has said about being rung, before then, oldest first."""
        told = event_log.c.request_id.is_(None), event_log.c.kind == "AvailabilityChanged", event_log.c.at < until
        found: dict[str, list[Change]] = defaultdict(list)
        for row in self._db.execute(select(event_log).where(*told).order_by(event_log.c.seq)):
            detail = json.loads(row.detail)
            ends = datetime.fromisoformat(detail["until"]) if detail.get("until") else None
            found[detail.get("interpreter_id", "")].append(Change(row.at, Availability(detail["to"]), ends))
        return found

    def begun_at(self) -> datetime | None:
        """When the first request came in: nobody was there to be rung before."""
        found: datetime | None = self._db.execute(select(func.min(requests.c.created_at))).scalar()
        return found
