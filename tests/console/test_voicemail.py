"""A caller's message on the request page: marked as a machine's, handled with an audit line, then forgotten."""

import re

from dispatch.accounts import AccountRole
from dispatch.escalation import MESSAGE_LEFT
from dispatch.gist import Gist
from dispatch.people import Role
from dispatch.voicemail import Voicemail
from tests.console.conftest import House
from tests.console.test_requests import asked


def left(house: House, english: str, language: str = "spa", seconds: float = 4.0) -> str:
    """A request with a message; returns its id."""
    request_id = asked(house, language, role=Role.COMMUNITY)
    words = "lo que dijo" if english else ""
    with house.store.transaction() as tx:
        tx.raise_alert(request_id, MESSAGE_LEFT, house.clock.now())
    written = Gist(words, english, language, 0.42)
    house.intake.keep_voicemail(Voicemail("RE1", request_id, house.clock.now(), seconds, written), 7)
    return request_id


def test_a_message_is_read_handled_audited_and_gone(house: House) -> None:
    request_id = left(house, "Please call me, the landlord locked me out.")
    dana = house.browser()
    dana.signs_in(house.account("dana"))
    board = dana.opens("/console/board.json").json()
    assert [(alert["message"], alert["request"]) for alert in board["alerts"] if alert["message"]] == [
        (True, request_id)
    ]
    page = dana.opens(f"/console/requests/{request_id}").text
    assert "Please call me, the landlord locked me out." in page
    assert 'lang="es"' in page
    assert re.search(r"Written down by a machine, may be wrong: unsure", page)
    dana.sends(f"/console/requests/{request_id}/messages/RE1/handled")
    assert dana.page.status_code == 200
    assert "landlord" not in dana.page.text
    assert "its words are gone" in dana.page.text
    dana.sends(f"/console/requests/{request_id}/messages/RE1/handled")
    with house.store.reading() as tx:
        lines = [(one.account, one.detail) for one in tx.audit_entries() if one.action == "message handled"]
        assert lines == [("dana", "its words were removed")]
        assert all(alert.reason != MESSAGE_LEFT for alert in tx.open_alerts())


def test_other_systems_hear_that_the_alert_is_seen_to_when_the_last_message_is_handled(house: House) -> None:
    request_id = left(house, "Please call me.")
    house.intake.keep_voicemail(
        Voicemail("RE2", request_id, house.clock.now(), 2.0, Gist("otra vez", "again", "spa", 0.9)), 7
    )
    dana = house.browser()
    dana.signs_in(house.account("dana"))
    cleared = []
    for message in ("RE1", "RE2"):
        dana.opens(f"/console/requests/{request_id}")
        dana.sends(f"/console/requests/{request_id}/messages/{message}/handled")
        with house.store.reading() as tx:
            cleared.append(sum(one.kind == "AlertCleared" for one in tx.log_after(0, 500)))
    assert cleared == [0, 1]


def test_whoever_sees_to_an_alert_second_changes_nothing(house: House) -> None:
    left(house, "Please call me.")
    dana = house.browser()
    dana.signs_in(house.account("dana"))
    dana.opens("/console/me")
    with house.store.reading() as tx:
        (alert,) = tx.open_alerts()
    for _ in range(2):
        assert dana.sends(f"/console/alerts/{alert.id}/clear").status_code == 204
        dana.opens("/console/me")
    with house.store.reading() as tx:
        assert sum(one.kind == "AlertCleared" for one in tx.log_after(0, 500)) == 1
        assert sum(one.action == "alert seen to" for one in tx.audit_entries()) == 1


def test_a_language_the_machine_cannot_write_is_said_instead_of_guessed(house: House) -> None:
    request_id = left(house, "", "mam")
    dana = house.browser()
    dana.signs_in(house.account("dana"))
    assert "The machine cannot write down Mam. Call them back" in dana.opens(f"/console/requests/{request_id}").text


def test_who_only_watches_cannot_handle_a_message(house: House) -> None:
    request_id = left(house, "Please call me.")
    watcher = house.browser()
    watcher.signs_in(house.account("vera", AccountRole.AUDITOR))
    assert "/messages/RE1/handled" not in watcher.opens(f"/console/requests/{request_id}").text
    assert watcher.sends(f"/console/requests/{request_id}/messages/RE1/handled").status_code == 403
    with house.store.reading() as tx:
        assert tx.voicemails_of(request_id, house.clock.now())
