"""Texts as they come in, against the real store: who sent them, and what they were in the middle of."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch import events
from dispatch.effects import PlaceCall, SendText, To
from dispatch.people import PhoneNumber, Terms
from dispatch.request import Channel, Guess, RequestState, Urgency
from dispatch.store import Store
from tests.dispatch.people import interpreter, officer
from tests.dispatch.requests import NOON
from tests.dispatch.test_searching import an_intake
from tests.dispatch.test_store import filled


def texts(store: Store) -> list[str]:
    """The keys of the texts that wait to go out."""
    with store.reading() as tx:
        waiting = [one.effect for one in tx.stale_effects(NOON + timedelta(days=1), 50)]
    return [effect.key for effect in waiting if isinstance(effect, SendText)]


def test_an_interpreter_who_asks_for_help_stays_an_interpreter(store: Store) -> None:
    filled(store)
    with store.transaction() as tx:
        tx.put_interpreter(interpreter(1234))
    intake, _, _ = an_intake(store)
    phone = PhoneNumber("+16175551234")
    for number, body in enumerate(("HELP", "START", "thank you all so much")):
        intake.text(f"SM{number}", phone, body)
    assert texts(store) == ["interpreter_menu"] * 3
    with store.reading() as tx:
        assert tx.requester_by_number(phone) is None
        assert tx.open_requests() == []


@pytest.mark.parametrize(
    ("zone", "said"), [("America/New_York", "Sat, Mar 7, 7:00 AM"), (None, "Sat, Mar 7, 12:00 PM UTC")]
)
def test_who_is_busy_reads_until_when_with_the_day_by_their_own_clock(
    store: Store, zone: str | None, said: str
) -> None:
    filled(store)
    with store.transaction() as tx:
        tx.put_interpreter(replace(interpreter(1234), terms=Terms(timezone=zone or "")))
    intake, _, _ = an_intake(store)
    intake.text("SM1", PhoneNumber("+16175551234"), "BUSY 3d")
    with store.reading() as tx:
        (told,) = (one.effect for one in tx.stale_effects(NOON + timedelta(days=1), 9))
    assert isinstance(told, SendText)
    assert told.params == {"until": said}


def test_an_officer_asked_for_the_language_is_still_where_they_said_and_as_urgent(store: Store) -> None:
    filled(store, 1)
    intake, _, _ = an_intake(store)
    number = officer().number
    intake.text("SM1", number, "need interpreter at 5th & Main, urgent")
    with store.reading() as tx:
        (request,) = tx.open_requests()
    intake.report(request.id, events.LanguageHeard("menu", (), "their writing"))
    intake.text("SM2", number, "farsi or dari, female")
    with store.reading() as tx:
        (request,) = tx.open_requests()
    assert request.state is RequestState.MATCHING
    assert (request.language, request.need.alternatives) == ("pes", ("pes", "prs"))
    assert (request.need.place, request.need.urgency) == ("5th & Main", Urgency.URGENT)
    assert request.need.constraints == ("female",)


@pytest.mark.parametrize(("guess", "body"), [("spa", "si"), ("rus", "da"), ("hat", "wi")])
def test_a_yes_in_their_own_language_is_no_code_of_another(store: Store, guess: str, body: str) -> None:
    filled(store, 1)
    intake, _, _ = an_intake(store)
    number = PhoneNumber("+16175550150")
    intake.text("SM1", number, "???")
    with store.reading() as tx:
        (request,) = tx.open_requests()
    intake.report(request.id, events.LanguageHeard("confirm", (Guess(guess, 0.7),), "their writing"))
    intake.text("SM2", number, body)
    with store.reading() as tx:
        (request,) = tx.open_requests()
    assert request.language == guess


@pytest.mark.parametrize("body", ["", "listen to her, at 5th & Main"])
def test_an_officers_voice_note_rings_their_phone_to_listen(store: Store, body: str) -> None:
    filled(store, 1)
    intake, _, _ = an_intake(store)
    intake.text("MM1", officer().number, body, media=1)
    with store.reading() as tx:
        (request,) = tx.open_requests()
        waiting = [one.effect for one in tx.stale_effects(NOON + timedelta(days=1), 9)]
    assert (request.state, request.channel) == (RequestState.IDENTIFYING, Channel.VOICE)
    assert [effect.to for effect in waiting if isinstance(effect, PlaceCall)] == [To.REQUESTER]
    assert request.need.place == ("5th & Main" if body else "")


def test_a_picture_beside_a_language_changes_nothing(store: Store) -> None:
    filled(store, 1)
    intake, _, _ = an_intake(store)
    intake.text("MM1", officer().number, "spanish", media=1)
    intake.text("MM2", officer().number, "", media=1)
    with store.reading() as tx:
        (request,) = tx.open_requests()
    assert (request.state, request.language) == (RequestState.MATCHING, "spa")


def test_an_officer_who_corrects_the_language_says_the_rest_as_well(store: Store) -> None:
    filled(store, 1)
    intake, _, _ = an_intake(store)
    for count, body in enumerate(("spanish", "not spanish, portuguese, female, urgent")):
        intake.text(f"SM{count}", officer().number, body)
    with store.reading() as tx:
        (request,) = tx.open_requests()
    assert (request.language, request.need.urgency) == ("por", Urgency.URGENT)
    assert request.need.constraints == ("female",)
