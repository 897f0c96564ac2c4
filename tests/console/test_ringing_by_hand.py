"""Ringing an interpreter by hand: never past a hard constraint, past the rest with a reason that is kept."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from dispatch import events, integrations, override_events
from dispatch.errors import NotPossibleNow
from dispatch.integrations import Integration, Scope
from dispatch.people import Availability, Requester
from dispatch.store import Transaction
from tests.console.conftest import House
from tests.console.test_requests import acts, asked, roster
from tests.console.test_stepping_in import stored
from tests.dispatch.people import interpreter, officer
from tests.dispatch.requests import NOON

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
"""What is looked up of an interpreter is tested on both databases elsewhere (test_searching)."""


def own_number(tx: Transaction, request_id: str) -> None:
    tx.put_interpreter(replace(interpreter(102), number=officer().number))


def blocked_pair(tx: Transaction, request_id: str) -> None:
    request = tx.request(request_id)
    assert request is not None
    tx.keep_apart("i102", request.requester_id, "a complaint", request.created_at)


def held_back(tx: Transaction, request_id: str) -> None:
    request = tx.request(request_id)
    assert request is not None
    tx.hold_back("i102", "", "a complaint is looked into", "dana", request.created_at)


def another_language(tx: Transaction, request_id: str) -> None:
    tx.put_interpreter(interpreter(102, "mam"))


NEVER: dict[Callable[[Transaction, str], None], str] = {
    own_number: "asked for this interpreter themselves",
    blocked_pair: "kept apart from this requester",
    held_back: "not asked until it is cleared",
    another_language: "does not speak the language",
}


@pytest.mark.parametrize("constraint", NEVER, ids=lambda constraint: constraint.__name__)
def test_a_hard_constraint_is_never_rung_past_whatever_reason_is_given(
    house: House, constraint: Callable[[Transaction, str], None]
) -> None:
    roster(house, 101, 102)
    request_id = asked(house, "spa")
    with house.store.transaction() as tx:
        constraint(tx, request_id)
    browser = house.browser()
    browser.signs_in(house.account("dana"))
    seen = browser.opens(f"/console/requests/{request_id}").text
    assert "Ring 101 Interpreter 101" in seen
    assert "Ring 102 Interpreter 102" not in seen
    assert acts(browser, request_id, "ring", seen, interpreter="i102", reason="nobody else is here") == 409
    assert NEVER[constraint] in browser.page.text
    assert stored(house, request_id).offers == ()


def test_a_conflict_of_interest_is_never_rung_past(house: House) -> None:
    roster(house, 101, 102)
    request_id = asked(house, "spa")
    house.intake.report(request_id, events.KeptOut("i102", "dana"))
    version = stored(house, request_id).version
    with pytest.raises(NotPossibleNow, match="conflict of interest"):
        house.intake.override(
            request_id, version, override_events.InterpreterRung("i102", "dana", "all the same"), "dana"
        )


def signed_off(tx: Transaction, request_id: str) -> None:
    tx.set_availability("i102", Availability.OFF, None, NOON)


def later_tier(tx: Transaction, request_id: str) -> None:
    tx.put_interpreter(interpreter(102, tier=4))


@pytest.mark.parametrize(
    ("weighed", "why"), [(signed_off, "signed off"), (later_tier, "are asked later")], ids=["signed off", "tier"]
)
def test_what_can_be_weighed_takes_a_reason_that_is_kept(
    house: House, weighed: Callable[[Transaction, str], None], why: str
) -> None:
    roster(house, 101, 102)
    request_id = asked(house, "spa")
    with house.store.transaction() as tx:
        weighed(tx, request_id)
    browser = house.browser()
    browser.signs_in(house.account("dana"))
    seen = browser.opens(f"/console/requests/{request_id}").text
    assert "Why 102 Interpreter 102 all the same" in seen
    assert "Why 101 Interpreter 101 all the same" not in seen
    assert acts(browser, request_id, "ring", seen, interpreter="i102", reason=" ") == 409
    assert why in browser.page.text
    assert "say why; the reason is kept" in browser.page.text
    assert acts(browser, request_id, "ring", browser.page.text, interpreter="i102", reason="she lives next door") == 200
    (offer,) = stored(house, request_id).offers
    assert offer.reason == "asked for by dana: she lives next door"
    assert "asked beside the others: she lives next door" in browser.page.text
    with house.store.reading() as tx:
        kept = [one.detail for one in tx.audit_entries() if one.action == "InterpreterRung"]
    assert kept == ["interpreter i102: she lives next door"]


def test_a_missing_credential_takes_a_reason_by_the_api_too(house: House) -> None:
    roster(house, 101, 102)
    request_id = asked(house, "spa")
    house.intake.report(request_id, events.EncounterSet("custodial"))
    token, integration_id, secret = integrations.new_token()
    made = Integration(integration_id, "cad", frozenset(Scope), secret, house.clock.now(), "a test", None)
    with house.store.transaction() as tx:
        tx.add_integration(made)
        tx.keep_apart("i101", stored(house, request_id).requester_id, "a complaint", house.clock.now())
    client = house.browser().client
    client.headers["Authorization"] = f"Bearer {token}"
    where = f"/api/v1/requests/{request_id}"

    def rings(code: str, **more: str) -> tuple[int, str]:
        version = client.get(where).json()["version"]
        body = {"action": "ring", "version": version, "interpreter": code, **more}
        answer = client.post(f"{where}/actions", json=body)
        return answer.status_code, answer.text

    status, told = rings("102")
    assert (status, "custodial asks for certified" in told) == (409, True)
    status, told = rings("101", reason="nobody else")
    assert (status, "kept apart" in told) == (409, True)
    assert rings("102", reason="nobody certified within an hour")[0] == 200
    assert [one.interpreter_id for one in stored(house, request_id).offers] == ["i102"]


def test_whom_a_search_would_ring_needs_no_reason(house: House) -> None:
    with house.store.transaction() as tx:
        tx.add_requester(Requester("o2", interpreter(7).number, officer().role))
    roster(house, 101)
    request_id = asked(house, "spa")
    version = stored(house, request_id).version
    house.intake.override(request_id, version, override_events.InterpreterRung("i101", "dana"), "dana")
    assert [one.reason for one in stored(house, request_id).offers] == ["asked for by dana"]
