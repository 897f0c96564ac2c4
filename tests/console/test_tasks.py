"""Tasks at the console: who sees which, what can be done from one, and that it is all in the audit log."""

from dataclasses import replace
from datetime import date, timedelta

from dispatch import quality_tasks
from dispatch.accounts import AccountRole
from dispatch.conversation import new_request
from dispatch.people import Certificate, Skill
from dispatch.quality_tasks import Source
from dispatch.ratings import Rated
from dispatch.request import Channel, RequestState
from tests.console.conftest import House
from tests.dispatch.people import interpreter, officer


def over(house: House) -> str:
    """An officer's request with interpreter 1, over; and a complaint about it."""
    with house.store.transaction() as tx:
        tx.add_requester(officer())
        tx.put_interpreter(interpreter(1))
        made = new_request(officer(), Channel.TEXT, house.clock.now())
        done = replace(made, state=RequestState.COMPLETED, language="spa", connected_at=made.created_at)
        tx.create_request(replace(done, ended_at=made.created_at))
        task = quality_tasks.make(
            Source.COMPLAINT,
            "t1",
            "complaint:1",
            house.clock.now(),
            words="he laughed at me",
            request_id=made.id,
            requester_id=officer().id,
            interpreter_id="i1",
        )
        tx.add_task(task)
    return made.id


def audited(house: House) -> list[str]:
    """What the audit log says was done."""
    with house.store.reading() as tx:
        return [entry.action for entry in tx.audit_entries()]


def test_a_task_says_what_who_when_and_the_next_step(house: House) -> None:
    over(house)
    browser = house.browser()
    listed = browser.opens("/console/tasks").text
    assert "Complaint about a session" in listed
    assert "Nobody has it yet" in listed
    assert "Call them back with another interpreter" in listed
    shown = browser.opens("/console/tasks/t1").text
    assert "he laughed at me" in shown
    assert "Dana Walsh (Unit 12)" in shown
    assert browser.opens("/console/tasks/version").json() == {"open": 1, "overdue": 0}
    house.clock.passes(hours=25)
    assert browser.opens("/console/tasks/version").json() == {"open": 1, "overdue": 1}
    assert browser.opens("/console/tasks/none").status_code == 404


def test_it_is_taken_noted_and_closed_once(house: House) -> None:
    over(house)
    browser = house.browser()
    browser.opens("/console/tasks/t1")
    browser.sends("/console/tasks/t1/assign", account="this machine", seen="")
    late = browser.sends("/console/tasks/t1/assign", account="", seen="")
    assert "Meanwhile this machine has it" in late.text
    assert "Nobody of that name" in browser.sends("/console/tasks/t1/assign", account="eve", seen="this machine").text
    browser.sends("/console/tasks/t1/note", words="left a message")
    assert "left a message" in browser.page.text
    browser.sends("/console/tasks/t1/close", outcome="solved", words="spoke with her")
    assert "Closed: solved" in browser.page.text
    again = browser.sends("/console/tasks/t1/close", outcome="solved", words="")
    assert again.status_code == 409
    assert "has closed this task already" in again.text
    assert "solved" in browser.opens("/console/tasks?show=closed").text
    assert audited(house) == ["task assigned", "task note written", "task closed"]


def test_from_a_task_a_pair_is_kept_apart_and_an_interpreter_held_back_and_cleared(house: House) -> None:
    over(house)
    browser = house.browser()
    browser.opens("/console/tasks/t1")
    browser.sends("/console/tasks/t1/apart")
    browser.sends("/console/tasks/t1/hold", encounter="custodial")
    with house.store.reading() as tx:
        assert tx.apart_from(officer().id) == {"i1": "complaint, decided by this machine"}
        assert tx.holds(["i1"]) == {"i1": {"custodial": "complaint, decided by this machine"}}
    assert "For custodial encounters" in browser.opens("/console/roster/one/1/quality").text
    browser.sends("/console/roster/one/1/quality", action="clear", encounter="custodial")
    assert browser.sends("/console/tasks/t1/clear", encounter="custodial").status_code == 409
    assert browser.sends("/console/tasks/t1/hold", encounter="nonsense").status_code == 409
    assert audited(house) == ["pair kept apart", "interpreter held back", "interpreter asked again"]


def test_a_person_is_called_back_from_a_task_and_a_dispatcher_makes_one(house: House) -> None:
    request_id = over(house)
    browser = house.browser()
    browser.opens("/console/tasks/t1")
    browser.sends("/console/tasks/t1/call-back")
    with house.store.reading() as tx:
        (again,) = tx.open_requests()
        assert [note.words for note in tx.notes_of_task("t1")] == ["Called back."]
    assert (again.requester_id, again.language) == (officer().id, "spa")
    browser.opens(f"/console/requests/{request_id}")
    browser.sends(f"/console/requests/{request_id}/task", words="listen to what happened here")
    assert "Asked for by a dispatcher" in browser.page.text
    assert "listen to what happened here" in browser.page.text
    assert "Asked for by a dispatcher" in browser.opens(f"/console/requests/{request_id}").text
    assert browser.sends(f"/console/requests/{request_id}/task", words="").status_code == 409


def test_who_keeps_the_roster_sees_certificates_and_no_complaint(house: House) -> None:
    over(house)
    due = quality_tasks.make(Source.CERTIFICATE, "t2", "certificate:1", house.clock.now(), interpreter_id="i1")
    with house.store.transaction() as tx:
        tx.add_task(due)
    browser = house.browser()
    browser.signs_in(house.account("rosa", AccountRole.ROSTER_MANAGER))
    listed = browser.opens("/console/tasks").text
    assert "Certificate ends" in listed
    assert "Complaint" not in listed
    assert browser.opens("/console/tasks/t1").status_code == 404
    assert browser.sends("/console/tasks/t1/close", outcome="solved").status_code == 404
    assert browser.opens("/console/tasks/t2").status_code == 200
    auditor = house.browser()
    auditor.signs_in(house.account("otto", AccountRole.AUDITOR))
    assert auditor.opens("/console/tasks").status_code == 403


def test_an_interpreters_page_shows_certificates_notes_and_what_ends(house: House) -> None:
    over(house)
    today = house.clock.now().date()
    proven = [Certificate.CERTIFIED, Certificate.TESTED]
    ends = [today + timedelta(days=20), date(2026, 1, 1)]
    skills = tuple(Skill(code, 4, *pair) for code, *pair in zip(("spa", "hat"), proven, ends, strict=True))
    with house.store.transaction() as tx:
        tx.put_interpreter(replace(interpreter(1), skills=skills))
    browser = house.browser()
    page = browser.opens("/console/roster/one/1/quality").text
    assert "until 2026-03-24, 20 days" in page
    assert "ended 2026-01-01: not asked where it is needed" in page
    browser.sends("/console/roster/one/1/quality", action="note", words="asks for day shifts")
    assert "asks for day shifts" in browser.page.text
    assert "/console/roster/one/1/quality" in browser.opens("/console/roster/one/1").text


def test_ratings_are_shown_by_language_and_few_of_them_not_at_all(house: House) -> None:
    request_id = over(house)
    browser = house.browser()
    assert "Fewer than 11 answers" in browser.opens("/console/ratings").text
    with house.store.transaction() as tx:
        for number in range(12):
            tx.ask_rating(f"r{number}", request_id, "rating", f"p{number}", "spa", "", house.clock.now())
            assert tx.give_rating(f"r{number}", 5 if number else 1, "", house.clock.now())
    house.clock.passes(seconds=1)
    page = browser.opens("/console/ratings?days=30").text
    assert "Spanish" in page
    assert "4.7" in page
    assert "too few to tell apart" in page
    with house.store.reading() as tx:
        assert Rated("spa", 1) in tx.rated_between(house.clock.now() - timedelta(1), house.clock.now())
