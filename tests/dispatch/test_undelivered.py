"""Texts that the carrier took and could not deliver: told once, with whose they were and why."""

import pytest

from dispatch.effects import SendText, To
from dispatch.intake import Intake
from dispatch.people import PhoneNumber
from dispatch.store import Store
from tests.dispatch.people import interpreter, officer
from tests.dispatch.requests import NOON, POLICY
from tests.dispatch.test_searching import At

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


def told(store: Store, text: SendText, to: PhoneNumber) -> list[str]:
    """The alerts after the carrier has said three times that it could not deliver that text."""
    with store.transaction() as tx:
        tx.add_requester(officer())
        tx.put_interpreter(interpreter(1))
        (effect_id,) = tx.put_effects(None, [text], NOON)
        tx.finish_effect(effect_id, NOON)
    intake = Intake(store, At(NOON), POLICY, lambda ids: None)
    for _ in range(3):
        intake.text_failed(effect_id, 30006, "That number is a landline and cannot receive texts: call them.", to)
    with store.reading() as tx:
        return [alert.reason for alert in tx.open_alerts()]


def test_a_text_that_belongs_to_no_request_is_missed_too_and_names_the_interpreter(store: Store) -> None:
    text = SendText(To.INTERPRETER, "i1", "interpreter_appointment_ask", "eng", {})
    (alert,) = told(store, text, interpreter(1).number)
    assert alert.startswith("A text to interpreter 1 was not delivered (carrier code 30006).")
    assert "landline" in alert
    assert "555" not in alert


def test_an_officer_is_named_and_a_caller_is_not_known_by_name(store: Store) -> None:
    text = SendText(To.REQUESTER, "o9001", "officer_appointment_booked", "eng", {})
    (alert,) = told(store, text, officer().number)
    assert alert.startswith("A text to Dana Walsh was not delivered")


def test_news_of_a_text_that_is_none_of_ours_is_nothing_to_tell(store: Store) -> None:
    Intake(store, At(NOON), POLICY, lambda ids: None).text_failed("nosuch", 30006, "Why.", officer().number)
    with store.reading() as tx:
        assert tx.open_alerts() == []
