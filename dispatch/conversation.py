"""What a text means to us: who sent it, what they were in the middle of, and the event it becomes.

Called by the intake inside its transaction. Officers, interpreters and community members are told apart by number.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from dispatch import (
    appointment_texts,
    asking_events,
    bilingual,
    events,
    invitation_texts,
    on_site,
    opting_out,
    varieties,
    writing,
    writing_events,
    written_texts,
)
from dispatch.appointment_steps import said_when
from dispatch.effects import Effect, SendText, To
from dispatch.eligibility import in_writing
from dispatch.people import Availability, Interpreter, PhoneNumber, Requester, Role
from dispatch.policy import Policy
from dispatch.quality_texts import QualityTexts, offer_to_decline
from dispatch.replies import Reply, read_reply, read_swap
from dispatch.request import Channel, Need, Request, RequestState, Urgency
from dispatch.store import Transaction
from dispatch.territories import hinted
from dispatch.understanding import Understanding, understand

Apply = Callable[[Transaction, Request, events.Event], tuple[Request, list[str]]]

CARRIER_OPT_OUT = frozenset({"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"})
"""Words the carrier itself acts on before we see them (Twilio, advanced opt-out): the sender gets no more texts."""

CARRIER_ANSWERS = frozenset({"START", "UNSTOP", "HELP", "INFO"})
"""Words that the carrier answers with a standard text; ours tells people what they can really do."""

_TOLD_OF_SIGN_ON = 5
"""Waiting requests, most needing first, that look again when an interpreter signs on: one of them takes them."""

_SHORT_ANSWER = 4
"""Words: a longer text is a sentence, and no name of a place."""

_DONE = frozenset({RequestState.CONNECTING, RequestState.CONNECTED})


class Conversation:
    """Reads one incoming text within the intake's transaction."""

    def __init__(self, tx: Transaction, apply: Apply, policy: Policy, now: datetime, from_desk: bool = False) -> None:
        """`from_desk`: the sender is the duty desk."""
        self._tx = tx
        self._apply = apply
        self._policy = policy
        self._now = now
        self._from_desk = from_desk

    def received(self, sender: PhoneNumber, body: str, media: int) -> list[str]:
        """Act on a text; returns the ids of the effects it caused. `media` counts attachments."""
        interpreter = self._tx.interpreter_by_number(sender)
        if body.strip().upper() in CARRIER_ANSWERS:
            if interpreter is not None and self._tx.requester_by_number(sender) is None:
                return self._tell(interpreter, "interpreter_menu")  # they do not become a requester by asking
            return self._say(known_requester(self._tx, sender), "menu")
        if body.strip().upper() in CARRIER_OPT_OUT:
            return opting_out.received(self._tx, self._apply, sender, interpreter, self._now)
        about_appointment = appointment_texts.received(self._tx, sender, interpreter, body, self._now)
        if about_appointment is not None:
            return about_appointment
        in_session = self._in_written_session(sender, interpreter, body)
        if in_session is not None:
            return in_session
        about_invitation = invitation_texts.received(self._tx, interpreter, body, self._now)
        if about_invitation is not None:
            return about_invitation
        declined = self._break_while_rung(interpreter, body)
        about_quality = QualityTexts(self._tx, self._now).received(sender, interpreter, body)
        if about_quality is not None:
            return declined + about_quality
        if interpreter is not None:
            answered = self._sent_away(interpreter, read_swap(body)) or self._from_interpreter(
                interpreter, read_reply(body)
            )
            if answered is not None:
                return declined + answered
            if not bilingual.asks_too(self._tx, sender):
                return self._tell(interpreter, "interpreter_menu")
        return self._from_requester(known_requester(self._tx, sender), body, media)

    def _break_while_rung(self, interpreter: Interpreter | None, body: str) -> list[str]:
        """Who texts BREAK, OFF or BUSY while they are rung, or asked by text, is not any longer."""
        found = offer_to_decline(self._tx, interpreter, body) if interpreter is not None else None
        request = self._tx.request(found[0]) if found is not None else None
        return self._apply(self._tx, request, found[1])[1] if found is not None and request is not None else []

    # -- sessions in writing -------------------------------------------------------------------------------------------

    def _in_written_session(self, sender: PhoneNumber, interpreter: Interpreter | None, body: str) -> list[str] | None:
        """Pass on what somebody says in a session in writing; None for everything else."""
        if self._from_desk:
            return self._desk_writes(body)
        active = self._tx.active_offer(interpreter.id) if interpreter is not None else None
        if active is not None and interpreter is not None and _writes(active[0]) and active[1] in active[0].seated:
            return self._interpreter_writes(interpreter, active[0], written_texts.of_interpreter(body, active[1].id))
        requester = self._tx.requester_by_number(sender)
        opened = self._tx.open_request_of(requester.id) if requester is not None else None
        event = written_texts.of_requester(body) if opened is not None and _writes(opened) else None
        if opened is None or event is None:
            return None
        ids = self._apply(self._tx, opened, event)[1]
        if isinstance(event, events.AnotherWanted):
            ids += self._tx.put_effects(None, [writing.tell_waiting(opened)], self._now)
        return ids

    def _interpreter_writes(
        self, interpreter: Interpreter, request: Request, event: events.Event | None
    ) -> list[str] | None:
        if event is None:
            return None
        ids = self._apply(self._tx, request, event)[1]
        if isinstance(event, writing_events.Wrote) and event.to == "desk":
            # The desk's phone may be in a pocket: dispatchers read it with the request.
            self._tx.add_note(request.id, f"interpreter {interpreter.code}", event.text, self._now)
            if not self._policy.desk:
                self._tx.raise_alert(request.id, "The interpreter writes to you: see the notes.", self._now)
        return ids

    def _desk_writes(self, body: str) -> list[str] | None:
        found = (self._tx.request(request_id) for request_id in self._tx.texted_sessions())
        sessions = [one for one in found if one is not None and _writes(one)]
        if not sessions:
            return None
        meant = written_texts.of_desk(body, sessions)
        if meant is not None:
            return self._apply(self._tx, *meant)[1]
        codes = ", ".join(writing.code(one) for one in sessions)
        return self._tx.put_effects(
            None, [SendText(To.DESK, "", "desk_which_session", "eng", {"codes": codes})], self._now
        )

    # -- interpreters --------------------------------------------------------------------------------------------------

    def _from_interpreter(self, interpreter: Interpreter, reply: Reply) -> list[str] | None:
        """Act on an interpreter's command; None when it is not one."""
        match reply.kind:
            case "on":
                return self._signed_on(interpreter)
            case "off":
                self._tx.set_availability(interpreter.id, Availability.OFF, None, self._now)
                return self._tell(interpreter, "interpreter_off")
            case "busy":
                until = reply.busy_until(self._now)
                self._tx.set_availability(interpreter.id, Availability.BUSY, until, self._now)
                zone = interpreter.terms.timezone or self._policy.timezone
                said = said_when(until, zone, "eng")
                return self._tell(interpreter, "interpreter_busy", until=f"{said} UTC" if zone == "UTC" else said)
            case "yes" | "no":
                return self._answered(interpreter, accepted=reply.kind == "yes")
            case "done":
                return self._done(interpreter)
            case _:
                return None

    def _sent_away(self, interpreter: Interpreter, why: str | None) -> list[str] | None:
        """An interpreter in a session asks to be replaced; None where they do not, or are in none."""
        active = self._tx.active_offer(interpreter.id) if why else None
        if active is None or why is None or active[0].state not in _DONE:
            return None
        request, offer = active
        ids = self._apply(self._tx, request, events.AnotherWanted("interpreter", why, offer.id))[1]
        return ids + self._tell(interpreter, "interpreter_released")

    def _signed_on(self, interpreter: Interpreter) -> list[str]:
        self._tx.set_availability(interpreter.id, Availability.ON, None, self._now)
        ids = self._tell(interpreter, "interpreter_on")
        spoken = tuple(skill.language for skill in interpreter.skills)
        for request_id in self._tx.most_needing(spoken, self._policy.ahead, _TOLD_OF_SIGN_ON):
            waiting = self._tx.request(request_id)
            ids += self._apply(self._tx, waiting, events.SupplyChanged())[1] if waiting else []
        return ids

    def _answered(self, interpreter: Interpreter, accepted: bool) -> list[str] | None:
        active = self._tx.active_offer(interpreter.id)
        if active is None:
            requester = self._tx.requester_by_number(interpreter.number)
            if requester is not None and self._tx.open_request_of(requester.id) is not None:
                return None  # bilingual staff answering our question about their own request
            asked = invitation_texts.which(self._tx, interpreter, self._now)
            return asked if asked is not None else self._tell(interpreter, "interpreter_no_offer")
        request, offer = active
        after, ids = self._apply(self._tx, request, events.OfferAnswered(offer.id, accepted))
        seated = any(one.id == offer.id for one in after.seated)
        if seated and _writes(after):
            return ids  # what they were told is how to go about it
        key = "interpreter_accepted" if seated else "interpreter_taken" if accepted else "interpreter_declined"
        return ids + self._tell(interpreter, key)

    def _done(self, interpreter: Interpreter) -> list[str]:
        active = self._tx.active_offer(interpreter.id)
        if active is None or active[1] not in active[0].seated:
            # Who is only being asked ends nothing: neither the others' session nor half a relay that waits.
            return self._tell(interpreter, "interpreter_no_offer" if active is None else "interpreter_menu")
        ids = self._apply(self._tx, active[0], events.SessionDone())[1]
        return ids + self._tell(interpreter, "interpreter_thanks_done")

    def _tell(self, interpreter: Interpreter, key: str, **params: str) -> list[str]:
        text = SendText(To.INTERPRETER, interpreter.id, key, "eng", params)
        return self._tx.put_effects(None, [text], self._now)

    # -- requesters ----------------------------------------------------------------------------------------------------

    def _from_requester(self, requester: Requester, body: str, media: int) -> list[str]:
        opened = self._tx.open_request_of(requester.id)
        understood = understand(body)
        match understood.command:
            case "status":
                return self._status(requester, opened)
            case "drop":
                if opened is None:
                    return self._say(requester, "no_request")
                return self._apply(self._tx, opened, events.RequestDropped("requester"))[1]
            case "menu":
                return self._say(requester, "menu")
            case "identify":
                return self._listen_by_phone(requester, opened, understood, body)
        unknown = not (understood.languages or understood.alternatives) and (opened is None or opened.language is None)
        if media and unknown and requester.role is Role.OFFICER:
            # A voice note of them speaking: the attachment is not fetched, they are listened to by telephone.
            return self._listen_by_phone(requester, opened, understood, body)
        if opened is None:
            opened = new_request(requester, Channel.TEXT, self._now)
            self._tx.create_request(opened)
            if requester.role is Role.COMMUNITY and not understood.languages:
                self._tx.keep_unread(opened.id, body, self._now)
            return self._apply(self._tx, opened, events.TextReceived(_need(understood), body))[1]
        return self._about_open_request(requester, opened, understood, body)

    def _about_open_request(
        self, requester: Requester, opened: Request, understood: Understanding, body: str
    ) -> list[str]:
        named = understood.languages or understood.alternatives
        variety = understood.variety or ("" if named else _variety_alone(opened, body))
        if written_texts.WRITE_INSTEAD.fullmatch(body) and not in_writing(opened):
            return self._apply(self._tx, opened, writing_events.WritingWanted())[1] or self._status(requester, opened)
        if opened.state in _DONE:
            return self._in_session(requester, opened, named, variety, body)
        more: list[str] = []
        if requester.role is Role.OFFICER:
            opened, more = self._apply(self._tx, opened, asking_events.MoreSaid(_need(understood)))
        return more + self._while_they_wait(requester, opened, understood, variety, body)

    def _while_they_wait(
        self, requester: Requester, opened: Request, understood: Understanding, variety: str, body: str
    ) -> list[str]:
        """A text from somebody for whom an interpreter is looked for, or who was asked for the language."""
        named = understood.languages or understood.alternatives
        yes = opened.reach.told == "related" and read_reply(body).kind == "yes"
        if opened.reach.asked and (yes or opened.reach.asked == variety):
            # The answer to "do they also speak, or understand...".
            ids = self._apply(self._tx, opened, events.AlsoSpeaks(opened.reach.asked))[1]
            return ids + self._status(requester, opened)
        if variety and variety != opened.need.variety and variety.partition("-")[0] == opened.language:
            return self._apply(self._tx, opened, events.VarietyNamed(variety, "named in the text"))[1]
        if named and named[0] == opened.reach.asked and opened.reach.asked not in opened.need.alternatives:
            # The answer to "do they also speak...": either will do, so phones that ring go on ringing.
            ids = self._apply(self._tx, opened, events.AlsoSpeaks(named[0]))[1]
            return ids + self._status(requester, opened)
        if named:
            if opened.language is None and opened.channel is Channel.TEXT:
                # The answer to "which language?", and whatever else it says.
                return self._apply(self._tx, opened, events.TextReceived(_need(understood), body))[1]
            if named[0] == opened.language and in_writing(opened) and "text" not in understood.constraints:
                # They wanted to write, and are content with a call after all.
                need = replace(_need(understood), place=opened.need.place, encounter=opened.need.encounter)
                return self._apply(self._tx, opened, events.TextReceived(need, body))[1]
            if named[0] == opened.language:
                return self._status(requester, opened)
            chosen = events.LanguageChosen(named[0], "named in the text", variety)
            return self._apply(self._tx, opened, chosen)[1]
        if opened.state is not RequestState.CONFIRMING:
            if (in_writing(opened) or requester.role is Role.COMMUNITY) and body.strip():
                self._tx.keep_unread(opened.id, body, self._now)
            return self._status(requester, opened)
        event = _answer_to_question(opened, read_reply(body)) or events.TextReceived(_need(understood), body)
        return self._apply(self._tx, opened, event)[1]

    def _in_session(
        self, requester: Requester, opened: Request, named: tuple[str, ...], variety: str, body: str
    ) -> list[str]:
        """A text from somebody who talks with an interpreter, or is about to."""
        why = read_swap(body)
        if why is not None:
            other = next((code for code in named if code != opened.language), "")
            event = events.AnotherWanted("requester", why, language=other, variety=variety)
            ids = self._apply(self._tx, opened, event)[1]
            if not opened.seated:
                return ids + self._status(requester, opened)  # with a vendor's interpreter: a dispatcher looks at it
            spoken = "eng" if requester.role is Role.OFFICER else opened.language or "eng"
            key = "officer_another" if requester.role is Role.OFFICER else "text_status_waiting"
            told = SendText(To.REQUESTER, requester.id, key, spoken, {"language": variety or other or opened.spoken})
            return ids + self._tx.put_effects(None, [told], self._now)
        if opened.state is RequestState.CONNECTING and opened.reach.vendor and read_reply(body).kind == "yes":
            return self._apply(self._tx, opened, events.InterpreterSpeaks())[1]
        # Kept for whoever comes next; nobody is replaced without a complaint.
        named_now = events.VarietyNamed(variety, "named in the text")
        ids = self._apply(self._tx, opened, named_now)[1] if variety else []
        return ids + self._status(requester, opened)

    def _listen_by_phone(
        self, requester: Requester, opened: Request | None, understood: Understanding, body: str
    ) -> list[str]:
        """Nobody knows the language: ring their phone and let the person answer into it."""
        if opened is not None and opened.state in _DONE:
            return self._status(requester, opened)
        if opened is None:
            opened = new_request(requester, Channel.TEXT, self._now)
            self._tx.create_request(opened)
        return self._apply(self._tx, opened, events.ListenByPhone(replace(_need(understood), hints=hinted(body))))[1]

    def _status(self, requester: Requester, opened: Request | None) -> list[str]:
        if opened is None:
            return self._say(requester, "no_request")
        coming = on_site.status(opened, self._now)
        if coming is not None:
            return self._tx.put_effects(None, [coming], self._now)
        if in_writing(opened) and opened.language is not None:
            there = opened.state in _DONE
            told = writing.tell_ready(opened) if there else writing.tell_waiting(opened)
            return self._tx.put_effects(None, [told], self._now)
        if requester.role is Role.OFFICER:
            waited = int((self._now - opened.created_at).total_seconds())
            named = opened.spoken or "language not known yet"
            state = opened.state.value.replace("_", " ")
            return self._say(requester, "status", language=named, state=state, waiting=f"{waited} s")
        key = "status_connected" if opened.state in _DONE else "status_waiting"
        return self._say(requester, key, language=opened.language)

    def _say(self, requester: Requester, key: str, language: str | None = None, **params: str) -> list[str]:
        """Text a requester: officers in English, everybody else in their own language where we know it."""
        officer = requester.role is Role.OFFICER
        spoken = "eng" if officer else language or requester.language or self._policy.agency_languages[0]
        if officer and language:
            params["language"] = language
        text: Effect = SendText(To.REQUESTER, requester.id, f"{'officer' if officer else 'text'}_{key}", spoken, params)
        return self._tx.put_effects(None, [text], self._now)


def _writes(request: Request) -> bool:
    """Whether an interpreter is there to write with."""
    return in_writing(request) and request.state in _DONE


def known_requester(tx: Transaction, number: PhoneNumber | None, call_sid: str = "") -> Requester:
    """The requester with this number, added as a community member when new. Withheld numbers get a row of their own."""
    found = tx.requester_by_number(number) if number is not None else None
    if found is not None:
        return found
    # A withheld number cannot be called back; a placeholder that is nobody's number keeps the row distinct.
    requester = Requester(secrets.token_hex(8), number or PhoneNumber.of_nobody(call_sid), Role.COMMUNITY)
    tx.add_requester(requester)
    return requester


def new_request(requester: Requester, channel: Channel, now: datetime) -> Request:
    """A request just received. Its id names the conference too, so it says nothing about anybody."""
    return Request(
        id=secrets.token_hex(6),
        requester_id=requester.id,
        role=requester.role,
        channel=channel,
        state=RequestState.RECEIVED,
        created_at=now,
    )


def _answer_to_question(request: Request, reply: Reply) -> events.Event | None:
    """ "1" takes our first guess; "2" the second where two were offered, otherwise it means no."""
    guesses = [guess.language for guess in request.guesses]
    if not guesses:
        return None
    if reply.kind == "yes":
        return events.LanguageChosen(guesses[0], "confirmed in a text")
    if reply.kind == "no":
        if len(guesses) > 1 and request.role is Role.OFFICER:
            return events.LanguageChosen(guesses[1], "confirmed in a text")
        return events.LanguageWrong()
    return None


def _variety_alone(request: Request, body: str) -> str:
    """ "juchitan": the answer to the question which variety it is, or a correction; "" where it names none."""
    if request.language is None:
        return ""
    found = [code for code, _ in varieties.mentioned(body, request.language)]
    if found or len(body.split()) > _SHORT_ANSWER:
        return found[0] if found else ""
    try:
        return varieties.find(request.language, body.strip(" .!?")).code
    except varieties.UnknownVariety:
        return ""


def _need(understood: Understanding) -> Need:
    return Need(
        languages=tuple(understood.languages),
        alternatives=tuple(understood.alternatives),
        excluded=tuple(understood.excluded),
        variety=understood.variety,
        not_varieties=understood.not_varieties,
        constraints=tuple(understood.constraints),
        urgency=Urgency(understood.urgency),
        place=understood.place or "",
        encounter=understood.encounter or "",
    )
