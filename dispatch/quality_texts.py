"""Texts about how it went: a rating, COMPLAINT, NOASK, ASKME; of interpreters NOTE, BREAK, and A, B or C for the line.

None of the words is one that a carrier acts on. Whatever else is open for the sender goes first: an interpreter's 1
accepts the offer that rings, and a person with a request open answers that request.
"""

import re
import secrets
from datetime import datetime, timedelta

from dispatch import after_session, quality_tasks, ratings
from dispatch.effects import SendText, To
from dispatch.events import OfferAnswered
from dispatch.gist import Gist, danger
from dispatch.offer import OfferState
from dispatch.people import Availability, Interpreter, PhoneNumber, Requester, Role
from dispatch.quality_tasks import Source
from dispatch.replies import read_reply
from dispatch.store import Transaction
from dispatch.store.quality import LINE, RATING

WINDOW = timedelta(hours=24)
"""How long after a session a text may be about it."""
_COMPLAINT_WINDOW = timedelta(days=30)
_BREAK = timedelta(minutes=30)
_LONGEST_BREAK = timedelta(hours=12)
_LONGEST = 1000
_NO_MORE = re.compile(r"\s*no\s*ask\s*[.!]*\s*", re.IGNORECASE)
_AGAIN = re.compile(r"\s*ask\s*me\s*[.!]*\s*", re.IGNORECASE)
_COMPLAINT = re.compile(
    r"\s*(?:complaint|complain|queja|plainte|reclama[cç][aã]o|plent|жалоба|скарга|شكوى)(?=\W|$)[\s:,.-]*(?P<words>.*)",
    re.IGNORECASE | re.DOTALL,
)
_NOTE = re.compile(r"\s*note\b[\s:,.-]*(?P<words>.*)", re.IGNORECASE | re.DOTALL)
_PAUSE = re.compile(
    r"\s*(?:i )?(?:need a |take a |taking a )?break(?:\s+(?:for\s+)?(?P<amount>\d{1,3})\s*(?P<hours>h|hr|hrs|hours?)?"
    r"(?:m|min|mins|minutes?)?)?\s*[.!]*\s*",
    re.IGNORECASE,
)


class QualityTexts:
    """Reads one incoming text within the intake's transaction."""

    def __init__(self, tx: Transaction, now: datetime) -> None:
        self._tx = tx
        self._now = now

    def received(self, sender: PhoneNumber, interpreter: Interpreter | None, body: str) -> list[str] | None:
        """Act on a text that is about how it went; None when it is not. Returns the ids of the effects."""
        requester = self._tx.requester_by_number(sender)
        if _NO_MORE.fullmatch(body) or _AGAIN.fullmatch(body):
            return self._asking(requester, interpreter, bool(_AGAIN.fullmatch(body)))
        complaint = _COMPLAINT.fullmatch(body)
        if complaint is not None:
            if requester is None and interpreter is None:  # perhaps they had called from another phone
                requester = Requester(secrets.token_hex(8), sender, Role.COMMUNITY)
                self._tx.add_requester(requester)
            return self._complained(requester, interpreter, complaint["words"])
        if interpreter is not None:
            told = self._from_interpreter(interpreter, body)
            if told is not None or interpreter.engaged:
                return told
        return self._rated(requester, body) if requester is not None else None

    # -- anybody -------------------------------------------------------------------------------------------------------

    def _asking(self, requester: Requester | None, interpreter: Interpreter | None, again: bool) -> list[str] | None:
        """No more questions of that kind, or again."""
        told: list[str] | None = None
        for person in (requester, interpreter):
            if person is None:
                continue
            if again:
                self._tx.allow_asking(person.id)
            else:
                self._tx.refuse_asking(person.id, "said no", self._now)
            told = self._answer(person, "rating_on" if again else "rating_off")
        return told

    def _complained(self, requester: Requester | None, interpreter: Interpreter | None, words: str) -> list[str]:
        """A person has to see to it; who complained is not asked for ratings."""
        since, said = self._now - _COMPLAINT_WINDOW, words.strip()[:_LONGEST]
        request_id, seated = None, None
        if requester is not None:
            session = self._tx.open_request_of(requester.id) or self._tx.last_session(requester.id, since)
            if session is not None:
                request_id = session.id
                seated = session.spoken_by
        elif interpreter is not None:
            request_id = self._tx.last_interpreted(interpreter.id, since)
        person = requester or interpreter
        task = quality_tasks.make(
            Source.COMPLAINT,
            secrets.token_hex(6),
            f"complaint:{secrets.token_hex(8)}",
            self._now,
            what="" if requester is not None else "Complaint by an interpreter",
            words=said,
            made_by="by text",
            request_id=request_id,
            requester_id=requester.id if requester is not None else None,
            interpreter_id=seated or (interpreter.id if requester is None and interpreter is not None else None),
        )
        self._tx.add_task(task)
        heed(self._tx, said, requester.language if requester is not None else None, request_id, self._now)
        if request_id is not None:
            self._tx.log(request_id, "ComplaintReceived", {}, self._now)
        return self._answer(person, "rating_complaint") if person is not None else []

    # -- requesters ----------------------------------------------------------------------------------------------------

    def _rated(self, requester: Requester, body: str) -> list[str] | None:
        asked = self._tx.open_rating(requester.id, RATING, self._now - WINDOW)
        if asked is None or self._tx.open_request_of(requester.id) is not None:
            return None
        read = ratings.read(body, asked.language)
        if read is None:
            return None
        if read.value is None:
            return self._answer(requester, "rating_again", asked.language)
        if self._tx.give_rating(asked.id, read.value, read.words, self._now):
            self._tx.log(asked.request_id, "Rated", {}, self._now)
            self._follow_up(requester, asked.request_id, read)
        return self._answer(requester, "rating_thanks", asked.language)

    def _follow_up(self, requester: Requester, request_id: str, read: ratings.Reading) -> None:
        if read.value is None or (read.value > ratings.LOW and not read.words):
            return
        low = read.value <= ratings.LOW
        request = self._tx.request(request_id)
        task = quality_tasks.make(
            Source.LOW_RATING if low else Source.WORDS,
            secrets.token_hex(6),
            f"rating:{request_id}:{requester.id}",
            self._now,
            what=f"Rated {read.value} of 5" + (", with words" if read.words else ""),
            made_by="by text",
            request_id=request_id,
            requester_id=requester.id,
            interpreter_id=request.spoken_by if request is not None else None,
        )
        self._tx.add_task(task)

    # -- interpreters --------------------------------------------------------------------------------------------------

    def _from_interpreter(self, interpreter: Interpreter, body: str) -> list[str] | None:
        note = _NOTE.fullmatch(body)
        if note is not None:
            return self._noted(interpreter, note["words"])
        pause = _PAUSE.fullmatch(body)
        if pause is not None:
            return self._pause(interpreter, pause["amount"], bool(pause["hours"]))
        line = ratings.read_line(body)
        return self._line(interpreter, line) if line is not None else None

    def _noted(self, interpreter: Interpreter, words: str) -> list[str]:
        """A note about the assignment, for the request's page."""
        said = words.strip()[:_LONGEST]
        request_id = self._tx.last_interpreted(interpreter.id, self._now - WINDOW)
        if not said or request_id is None:
            return self._answer(interpreter, "interpreter_note_how" if not said else "interpreter_note_none")
        self._tx.add_note(request_id, f"Interpreter {interpreter.code}, by text", said, self._now)
        self._tx.log(request_id, "NoteReceived", {"interpreter_id": interpreter.id}, self._now)
        return self._answer(interpreter, "interpreter_note_kept")

    def _pause(self, interpreter: Interpreter, amount: str | None, hours: bool) -> list[str]:
        """Off for a while, and nobody asks why."""
        unit = timedelta(hours=1) if hours else timedelta(minutes=1)
        wanted = _BREAK if amount is None else int(amount) * unit
        until = self._now + min(max(wanted, timedelta(minutes=1)), _LONGEST_BREAK)
        self._tx.set_availability(interpreter.id, Availability.BUSY, until, self._now)
        minutes = str(round((until - self._now).total_seconds() / 60))
        return self._answer(interpreter, "interpreter_break", minutes=minutes)

    def _line(self, interpreter: Interpreter, value: int) -> list[str] | None:
        """What they say of the call's sound, and whether it was suited."""
        since = self._now - WINDOW
        asked = self._tx.open_rating(interpreter.id, LINE, since)
        request_id = asked.request_id if asked is not None else self._tx.last_interpreted(interpreter.id, since)
        if request_id is None:
            return None
        rating_id = asked.id if asked is not None else secrets.token_hex(6)
        if asked is None:
            self._tx.ask_rating(rating_id, request_id, LINE, interpreter.id, "eng", "", self._now)
        if self._tx.give_rating(rating_id, value, "", self._now) and value == ratings.LINE["C"]:
            occasion = f"line:{request_id}:{interpreter.id}"
            made = quality_tasks.make(
                Source.LINE,
                secrets.token_hex(6),
                occasion,
                self._now,
                made_by="by text",
                request_id=request_id,
                interpreter_id=interpreter.id,
            )
            self._tx.add_task(made)
        return self._answer(interpreter, "interpreter_line_thanks")

    # -- answering -----------------------------------------------------------------------------------------------------

    def _answer(self, person: Requester | Interpreter, key: str, language: str = "", **params: str) -> list[str]:
        if isinstance(person, Interpreter):
            if not key.startswith("interpreter_"):
                key = f"interpreter_{key}"
            text = SendText(To.INTERPRETER, person.id, key, "eng", params)
        elif person.role is Role.OFFICER:
            text = SendText(To.REQUESTER, person.id, f"officer_{key}", "eng", params)
        else:
            text = SendText(To.REQUESTER, person.id, key, language or person.language or "eng", params)
        return self._tx.put_effects(None, [text], self._now)


def offer_to_decline(tx: Transaction, interpreter: Interpreter, body: str) -> tuple[str, OfferAnswered] | None:
    """Who asks for a break, or signs off, while they are asked has declined: the request, and the event for it."""
    if _PAUSE.fullmatch(body) is None and read_reply(body).kind not in ("off", "busy"):
        return None
    active = tx.active_offer(interpreter.id)
    if active is None or active[1].state not in (OfferState.PENDING, OfferState.RINGING):
        return None
    return active[0].id, OfferAnswered(active[1].id, accepted=False)


def session_over(tx: Transaction, request_id: str, interpreter_ids: list[str], now: datetime) -> None:
    """A session has ended: what follows is due in a minute. Called in the transaction of the state change itself."""
    at = now + after_session.ASK_AFTER
    tx.put_due("ask", request_id, at)
    for interpreter_id in dict.fromkeys(interpreter_ids):
        tx.put_due("thank", f"{request_id}|{interpreter_id}", at)


def text_failed(tx: Transaction, effect_id: str, code: int, now: datetime) -> bool:
    """A text that asked for a rating cannot be read there: that person is not asked again. False: another text."""
    person_id = tx.person_of_effect(effect_id)
    if person_id is None:
        return False
    if code in after_session.NO_TEXTS:
        tx.refuse_asking(person_id, "cannot read", now)
    return True


def heed(tx: Transaction, words: str, language: str | None, request_id: str | None, now: datetime) -> None:
    """Words of danger in a complaint do not wait for its task to be read."""
    found = danger(Gist(words, words, language or "eng", 1.0))
    if found is not None:
        tx.raise_alert(request_id, f"A complaint suggests danger: {found.reason}. Call them.", now)
