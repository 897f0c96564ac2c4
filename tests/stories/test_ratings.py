"""After the session, end to end: both sides are texted, an answer becomes a rating, and a low one a task."""

import httpx

from dispatch.clock import SystemClock
from dispatch.people import PhoneNumber
from tests.stories.installation import HOTLINE, MARIE, OTHER_OFFICER, Installation


def test_a_session_is_rated_by_text_and_a_low_rating_becomes_a_task(town: Installation) -> None:
    town.accepts(MARIE)
    town.answers(OTHER_OFFICER)
    town.phones.do(OTHER_OFFICER, "text", to=HOTLINE, body="haitian creole")
    town.saw("joined", MARIE)
    town.saw("joined", OTHER_OFFICER)
    town.eventually("they talk", lambda b: [r for r in b["open"] if r["state"] == "connected"])
    town.phones.do(OTHER_OFFICER, "hang-up")
    request_id = town.ended("completed")["id"]
    a_minute_passes(town, request_id)
    town.heard(OTHER_OFFICER, "How was the interpreter? Answer 1 (bad) to 5 (very good).")
    town.phones.do(OTHER_OFFICER, "text", to=HOTLINE, body="2 she could not hear him")
    town.heard(OTHER_OFFICER, "Thank you. Text a language whenever you need an interpreter.")
    town.phones.do(MARIE, "text", to=HOTLINE, body="NOTE the officer's phone echoed")
    town.heard(MARIE, "Your note is on the request.")
    town.phones.do(MARIE, "text", to=HOTLINE, body="break 20")
    town.heard(MARIE, "You will not be rung for 20 minutes")
    tasks = httpx.get(f"{town.addresses.console}tasks", timeout=10.0).text
    assert "Rated 2 of 5, with words" in tasks
    page = httpx.get(f"{town.addresses.console}requests/{request_id}", timeout=10.0).text
    assert "she could not hear him" in page
    assert "the officer&#39;s phone echoed" in page
    assert town.board()["open"] == [], "the rating opened no request"
    town.phones.do(MARIE, "text", to=HOTLINE, body="on")
    town.heard(MARIE, "You are on and may be rung")


def a_minute_passes(town: Installation, request_id: str) -> None:
    """What is due a minute after the session is due now; whoever was asked in an earlier story may be asked again."""
    now = SystemClock().now()
    with town.store.transaction() as tx:
        officer = tx.requester_by_number(PhoneNumber(OTHER_OFFICER))
        assert officer is not None
        assert tx.last_asked(officer.id) is None, "no other story waits for this officer to be asked"
        tx.put_off("ask", request_id, now)
