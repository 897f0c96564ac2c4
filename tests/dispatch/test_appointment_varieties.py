"""Appointments that name a variety: who is asked, what is said, near ones only asked about, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.appointment import Appointment, AppointmentState
from dispatch.appointment_steps import suitable
from dispatch.effects import SendText
from dispatch.errors import AppointmentInvalid
from dispatch.people import Interpreter, PhoneNumber, Skill
from dispatch.store import Store
from tests.dispatch.people import interpreter, officer
from tests.dispatch.test_appointment_book import Town

TLACOLULA, TEOTITLAN, MITLA, JUCHITAN = "zap-tlacolula", "zap-teotitlan", "zap-mitla", "zap-juchitan"


def of(number: int, *varieties: str, tier: int = 1) -> Interpreter:
    """Interpreter `number`, of these varieties of Zapotec."""
    return replace(interpreter(number, tier=tier), skills=(Skill("zap", 4, varieties=varieties),))


def a_town(store: Store, *people: Interpreter) -> Town:
    """A town with these on its roster."""
    town = Town(store)
    with store.transaction() as tx:
        for one in people:
            tx.put_interpreter(one)
    return town


def the(store: Store, code: str) -> Appointment:
    """The appointment with that code."""
    with store.reading() as tx:
        found = tx.appointment_by_code(code)
    assert found is not None
    return found


def officer_texts(town: Town, body: str) -> list[str]:
    """The officer texts; returns what is texted because of it."""
    town.handed.clear()
    town.intake.text(f"SM-{body}", officer().number, body)
    return town.sent()


def test_who_speaks_the_variety_comes_before_whoever_has_not_said_and_another_is_never_asked(store: Store) -> None:
    town = a_town(store, of(1), of(2, JUCHITAN), of(3, TLACOLULA, tier=2), of(4, TEOTITLAN))
    code = town.books(language="zap", variety=TLACOLULA)
    with store.reading() as tx:
        found = suitable(the(store, code), tx.speaking("zap"), {}, (), None)
    assert found == ("i3", "i1")
    assert town.passes() == ["i3 interpreter_appointment_ask", "i1 interpreter_appointment_ask"]


def test_what_is_understood_there_is_as_good(store: Store) -> None:
    town = a_town(store, of(1, "zap-tehuantepec"), of(2, JUCHITAN, tier=2))
    code = town.books(language="zap", variety=JUCHITAN)
    with store.reading() as tx:
        assert suitable(the(store, code), tx.speaking("zap"), {}, (), None) == ("i1", "i2")


def test_texts_and_the_alert_name_the_variety(store: Store) -> None:
    town = a_town(store, of(1, JUCHITAN))
    code = town.books(language="zap", variety=JUCHITAN, interpreter="1")
    with store.reading() as tx:
        told = [stored.effect for one in town.handed if (stored := tx.effect(one)) is not None]
    assert {one.params["language"] for one in told if isinstance(one, SendText)} == {JUCHITAN}
    town.texts(1, f"CANT {code}")
    town.passes()
    assert any("Zapotec (Juchitán" in alert for alert in town.alerts())


def test_who_cannot_is_replaced_by_somebody_of_the_variety(store: Store) -> None:
    town = a_town(store, of(1, JUCHITAN), of(2, MITLA), of(3, "zap-tehuantepec"))
    code = town.books(language="zap", variety=JUCHITAN, interpreter="1")
    town.texts(1, f"CANT {code}")
    assert town.passes() == ["i3 interpreter_appointment_ask"]
    assert town.texts(3, f"CAN {code}") == ["i3 interpreter_appointment_booked", "o9001 officer_appointment_replaced"]


def test_a_near_variety_is_asked_about_and_rung_only_after_a_yes(store: Store) -> None:
    town = a_town(store, of(1, TEOTITLAN), of(2, MITLA))
    code = town.books(language="zap", variety=TLACOLULA)
    assert town.passes() == ["o9001 officer_appointment_near"]
    first = the(store, code).asked_variety
    assert officer_texts(town, f"NO {code}") == []
    assert town.passes() == ["o9001 officer_appointment_near"]
    second = the(store, code).asked_variety
    assert {first, second} <= {TEOTITLAN, MITLA, "zap-guila"}
    assert first != second
    officer_texts(town, f"yes {code.lower()}")
    assert the(store, code).also_varieties == (second,)
    speaks = {TEOTITLAN: "i1", MITLA: "i2"}
    assert town.passes() == [f"{speaks[second]} interpreter_appointment_ask"]


def test_without_an_answer_the_next_near_variety_is_asked_about_and_then_a_person_told(store: Store) -> None:
    town = a_town(store, of(1, MITLA))
    code = town.books(language="zap", variety=TLACOLULA)
    town.passes()
    assert town.passes(timedelta(hours=2)) == ["o9001 officer_appointment_near"]
    assert town.passes(timedelta(hours=2)) == []
    assert any(f"Nobody left to ask for Appointment {code}" in alert for alert in town.alerts())
    assert the(store, code).also_varieties == ()


def test_the_same_yes_twice_and_a_strangers_yes_change_nothing(store: Store) -> None:
    town = a_town(store, of(1, TEOTITLAN), of(2, MITLA))
    code = town.books(language="zap", variety=TLACOLULA)
    town.passes()
    town.intake.text("SM-s", PhoneNumber("+16175550777"), f"YES {code}")
    assert the(store, code).also_varieties == ()
    officer_texts(town, f"YES {code}")
    town.intake.text("SM-again", officer().number, f"YES {code}.")
    assert len(the(store, code).also_varieties) == 1


def test_somebody_of_another_variety_cannot_be_booked_by_hand(store: Store) -> None:
    town = a_town(store, of(1, MITLA), of(2))
    with pytest.raises(AppointmentInvalid, match=r"speaks Zapotec \(.*Mitla.*\), not .*Juchit"):
        town.books(language="zap", variety=JUCHITAN, interpreter="1")
    assert town.books(language="zap", variety=JUCHITAN, interpreter="2")  # has not said which they speak


def test_a_variety_of_another_language_is_refused(store: Store) -> None:
    town = a_town(store, of(1))
    with pytest.raises(AppointmentInvalid, match="no variety of Spanish"):
        town.books(variety=JUCHITAN)


def test_at_its_hour_the_request_asks_for_the_variety_and_those_understood_too(store: Store) -> None:
    town = a_town(store, of(1, TEOTITLAN), of(2, JUCHITAN))
    code = town.books(language="zap", variety=TLACOLULA)
    town.passes()
    officer_texts(town, f"YES {code}")
    starts = the(store, code).starts
    town.passes(starts - town.at)
    found = the(store, code)
    assert found.state is AppointmentState.RUNNING
    with store.reading() as tx:
        request = tx.request(found.request_id or "")
    assert request is not None
    assert (request.need.variety, request.need.also_varieties) == (TLACOLULA, (TEOTITLAN,))
    assert "i2" not in {offer.interpreter_id for offer in request.offers}
