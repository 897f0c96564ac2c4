"""Ratings, who is not to be asked, who is held back, notes on interpreters, and what is due."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy import insert as plain_insert

from dispatch.offer import OfferState
from dispatch.people import Certificate, Interpreter
from dispatch.ratings import Rated
from dispatch.request import Request
from dispatch.schema import interpreters, offers, requests, skills
from dispatch.schema_quality import held_back, interpreter_notes, no_asking, quality_dues, ratings
from dispatch.store.notes import Note
from dispatch.store.people import People
from dispatch.store.unit import insert

RATING, LINE = "rating", "line"


@dataclass(frozen=True)
class OpenRating:
    """A rating that somebody was asked for and has not given."""

    id: str
    request_id: str
    language: str
    asked_at: datetime


@dataclass(frozen=True)
class GivenRating:
    """An answer, for the request's own page and its task."""

    kind: str
    value: int
    words: str
    """"" where they wrote none, or it has been forgotten."""
    language: str
    at: datetime


class Quality(People):
    """What follows sessions."""

    # -- what is due ---------------------------------------------------------------------------------------------------

    def put_due(self, kind: str, subject: str, at: datetime) -> bool:
        """Let it be due then; False where it was already put, done or not."""
        row = {"kind": kind, "subject": subject, "at": at}
        put = insert(self._dialect)(quality_dues).on_conflict_do_nothing().returning(quality_dues.c.kind)
        return self._db.execute(put, row).first() is not None

    def quality_due(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """Kind and subject of what is due, oldest first."""
        found = select(quality_dues).where(quality_dues.c.done_at.is_(None), quality_dues.c.at <= now)
        return [(row.kind, row.subject) for row in self._db.execute(found.order_by(quality_dues.c.at).limit(limit))]

    def take_due(self, kind: str, subject: str, now: datetime) -> bool:
        """Whether it is ours to do, in this transaction: false once somebody has done it, or put it off."""
        mine = quality_dues.c.kind == kind, quality_dues.c.subject == subject, quality_dues.c.at <= now
        taken = update(quality_dues).where(*mine, quality_dues.c.done_at.is_(None)).values(done_at=now)
        return self._db.execute(taken).rowcount == 1

    def put_off(self, kind: str, subject: str, at: datetime) -> None:
        """Do it then instead."""
        mine = quality_dues.c.kind == kind, quality_dues.c.subject == subject
        self._db.execute(update(quality_dues).where(*mine).values(at=at, done_at=None))

    def forget_dues(self, before: datetime) -> None:
        """Remove the rows of what was done before then."""
        self._db.execute(delete(quality_dues).where(quality_dues.c.done_at < before))

    # -- ratings -------------------------------------------------------------------------------------------------------

    def ask_rating(
        self, rating_id: str, request_id: str, kind: str, person_id: str, language: str, effect_id: str, now: datetime
    ) -> None:
        """Note that somebody has been asked."""
        row = {
            "id": rating_id,
            "request_id": request_id,
            "kind": kind,
            "person_id": person_id,
            "language": language,
            "effect_id": effect_id,
            "asked_at": now,
        }
        self._db.execute(insert(self._dialect)(ratings).on_conflict_do_nothing(), row)

    def open_rating(self, person_id: str, kind: str, since: datetime) -> OpenRating | None:
        """The newest rating that this person was asked for since then and has not given."""
        mine = ratings.c.person_id == person_id, ratings.c.kind == kind, ratings.c.asked_at >= since
        found = select(ratings).where(*mine, ratings.c.answered_at.is_(None)).order_by(ratings.c.asked_at.desc())
        row = self._db.execute(found.limit(1)).first()
        return OpenRating(row.id, row.request_id, row.language, row.asked_at) if row is not None else None

    def give_rating(self, rating_id: str, value: int, words: str, now: datetime) -> bool:
        """Keep the answer, its words sealed; false where one was kept before."""
        sealed = self._seal.seal(words) if words else ""
        mine = ratings.c.id == rating_id, ratings.c.answered_at.is_(None)
        kept = update(ratings).where(*mine).values(value=value, words_sealed=sealed, answered_at=now)
        return self._db.execute(kept).rowcount == 1

    def last_asked(self, person_id: str) -> datetime | None:
        """When this person was last asked for a rating of a session."""
        mine = ratings.c.person_id == person_id, ratings.c.kind == RATING
        found: datetime | None = self._db.execute(select(func.max(ratings.c.asked_at)).where(*mine)).scalar()
        return found

    def rated_between(self, since: datetime, until: datetime) -> list[Rated]:
        """Every rating of a session that was given in that time."""
        when = ratings.c.kind == RATING, ratings.c.answered_at >= since, ratings.c.answered_at < until
        return [Rated(row.language, row.value) for row in self._db.execute(select(ratings).where(*when))]

    def asked_between(self, since: datetime, until: datetime) -> int:
        """How many people were asked in that time."""
        when = ratings.c.kind == RATING, ratings.c.asked_at >= since, ratings.c.asked_at < until
        return int(self._db.execute(select(func.count()).select_from(ratings).where(*when)).scalar_one())

    def ratings_of(self, request_id: str) -> list[GivenRating]:
        """The answers about one request."""
        mine = ratings.c.request_id == request_id, ratings.c.answered_at.is_not(None)
        found = self._db.execute(select(ratings).where(*mine).order_by(ratings.c.answered_at))
        return [
            GivenRating(
                row.kind,
                row.value,
                self._seal.open(row.words_sealed) if row.words_sealed else "",
                row.language,
                row.answered_at,
            )
            for row in found
        ]

    def person_of_effect(self, effect_id: str) -> str | None:
        """Whom a text that asked for a rating was sent to; None for every other effect."""
        found: str | None = self._db.execute(
            select(ratings.c.person_id).where(ratings.c.effect_id == effect_id)
        ).scalar()
        return found

    def forget_rating_words(self, before: datetime) -> None:
        """Remove the words of ratings that were given before then; the numbers stay."""
        old = ratings.c.answered_at < before, ratings.c.words_sealed != ""
        self._db.execute(update(ratings).where(*old).values(words_sealed=""))

    # -- who is not to be asked ----------------------------------------------------------------------------------------

    def refuse_asking(self, person_id: str, reason: str, now: datetime) -> None:
        """Do not send this person such texts again."""
        row = {"person_id": person_id, "reason": reason, "at": now}
        self._db.execute(insert(self._dialect)(no_asking).on_conflict_do_nothing(), row)

    def allow_asking(self, person_id: str) -> None:
        """They may be sent them again."""
        self._db.execute(delete(no_asking).where(no_asking.c.person_id == person_id))

    def refused_asking(self, person_id: str) -> frozenset[str]:
        """Why this person is not sent such texts; empty where they may be."""
        return frozenset(
            self._db.execute(select(no_asking.c.reason).where(no_asking.c.person_id == person_id)).scalars()
        )

    # -- sessions ------------------------------------------------------------------------------------------------------

    def last_session(self, requester_id: str, since: datetime) -> Request | None:
        """The newest request of this person that is over and had an interpreter speaking."""
        mine = requests.c.requester_id == requester_id, requests.c.over, requests.c.ended_at >= since
        found = select(requests.c.id).where(*mine, requests.c.connected_at.is_not(None))
        request_id = self._db.execute(found.order_by(requests.c.ended_at.desc()).limit(1)).scalar()
        return self.request(request_id) if request_id is not None else None

    def last_interpreted(self, interpreter_id: str, since: datetime) -> str | None:
        """The newest request in which this interpreter held a seat, over or not."""
        sat = offers.c.state.in_((OfferState.FINISHED.value, OfferState.ACCEPTED.value))
        mine = offers.c.interpreter_id == interpreter_id, sat, offers.c.answered_at >= since
        newest = select(offers.c.request_id).where(*mine).order_by(offers.c.answered_at.desc()).limit(1)
        found: str | None = self._db.execute(newest).scalar()
        return found

    # -- held back -----------------------------------------------------------------------------------------------------

    def hold_back(self, interpreter_id: str, encounter: str, reason: str, account: str, now: datetime) -> None:
        """Do not ask this interpreter for that encounter type ("" for all) until it is cleared."""
        self.let_again(interpreter_id, encounter)
        row = {
            "interpreter_id": interpreter_id,
            "encounter": encounter,
            "reason": reason,
            "account": account,
            "at": now,
        }
        self._db.execute(plain_insert(held_back), row)

    def let_again(self, interpreter_id: str, encounter: str) -> bool:
        """Cleared: they may be asked again; false where they were not held back."""
        held = held_back.c.interpreter_id == interpreter_id, held_back.c.encounter == encounter
        return self._db.execute(delete(held_back).where(*held)).rowcount == 1

    def holds(self, interpreter_ids: Sequence[str]) -> dict[str, Mapping[str, str]]:
        """Of these interpreters, who is held back: the reason by encounter type."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for row in self._db.execute(select(held_back).where(held_back.c.interpreter_id.in_(interpreter_ids))):
            found[row.interpreter_id][row.encounter] = row.reason
        return dict(found)

    # -- notes on interpreters -----------------------------------------------------------------------------------------

    def note_on_interpreter(self, interpreter_id: str, account: str, words: str, now: datetime) -> None:
        """Write something down about an interpreter; sealed."""
        row = {"interpreter_id": interpreter_id, "account": account, "words_sealed": self._seal.seal(words), "at": now}
        self._db.execute(plain_insert(interpreter_notes), row)

    def notes_on_interpreter(self, interpreter_id: str) -> list[Note]:
        """What was written about an interpreter, oldest first."""
        mine = interpreter_notes.c.interpreter_id == interpreter_id
        found = self._db.execute(select(interpreter_notes).where(mine).order_by(interpreter_notes.c.id))
        return [Note(row.at, row.account, self._seal.open(row.words_sealed)) for row in found]

    # -- certificates --------------------------------------------------------------------------------------------------

    def certified(self) -> list[Interpreter]:
        """Interpreters on the roster with a certificate that ends."""
        dated = select(skills.c.interpreter_id).where(
            skills.c.expires.is_not(None), skills.c.certificate != Certificate.NONE.value
        )
        here = interpreters.c.retired_at.is_(None), interpreters.c.id.in_(dated)
        return self._interpreters(select(interpreters).where(*here))

    def is_retired(self, interpreter_id: str) -> bool:
        """Whether this interpreter has left."""
        left = select(interpreters.c.id).where(
            interpreters.c.id == interpreter_id, interpreters.c.retired_at.is_not(None)
        )
        return self._db.execute(left).first() is not None
