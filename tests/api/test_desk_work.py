"""What a desk does about quality tasks and arrivals, by the API, in the integration's name."""

import httpx
import pytest
from starlette.testclient import TestClient

from dispatch import quality_tasks
from dispatch.integrations import Scope
from dispatch.quality_tasks import Source
from tests.api.conftest import Api
from tests.dispatch.people import officer

TASK = "/tasks/0123456789ab"


@pytest.fixture
def task(served: Api, cad: TestClient) -> str:
    """A complaint about 101, by the officer; where its deeds are."""
    with served.store.transaction() as tx:
        one = tx.interpreter_by_code("101").id
        asked = officer().id
        made = quality_tasks.make(
            Source.COMPLAINT, TASK[7:], "a", served.clock.now(), requester_id=asked, interpreter_id=one
        )
        tx.add_task(made)
    return TASK


def audited(served: Api) -> list[str]:
    """What the audit log says that the integration did, in order."""
    with served.store.reading() as tx:
        return [one.action for one in tx.audit_entries() if one.account == "integration cad"]


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Its status and title."""
    return answer.status_code, answer.json()["title"]


def test_a_task_is_taken_noted_and_closed_once(cad: TestClient, served: Api, task: str) -> None:
    mine = {"to": "integration cad", "seen": ""}
    assert cad.post(f"{task}/assign", json=mine).json()["assignee"] == "integration cad"
    assert problem(cad.post(f"{task}/assign", json=mine)) == (409, "Changed meanwhile")
    stranger = {"to": "eve", "seen": "integration cad"}
    assert problem(cad.post(f"{task}/assign", json=stranger)) == (409, "Not possible now")
    noted = cad.post(f"{task}/notes", json={"words": "Left a message"}).json()["notes"]
    assert [(one["by"], one["words"]) for one in noted] == [("integration cad", "Left a message")]
    closed = cad.post(f"{task}/close", json={"outcome": "solved", "words": "Spoke with her"}).json()
    assert (closed["outcome"], closed["closed_by"], len(closed["notes"])) == ("solved", "integration cad", 2)
    assert problem(cad.post(f"{task}/close", json={"outcome": "solved"})) == (409, "Not possible now")
    assert cad.post(f"{task}/close", json={"outcome": "forgotten"}).status_code == 422
    assert cad.post("/tasks/nobody/notes", json={"words": "a"}).status_code == 404
    assert audited(served) == ["task assigned", "task note written", "task closed"]
    reader = served.caller(served.token("reader", frozenset({Scope.READ, Scope.ROSTER}))[0])
    assert reader.post(f"{task}/notes", json={"words": "a"}).status_code == 403


def test_a_pair_is_kept_apart_and_an_interpreter_held_back_until_asked_again(
    cad: TestClient, served: Api, task: str
) -> None:
    before = cad.get(task).json()
    assert (before["kept_apart"], before["held_back"]) == (False, [])
    assert [cad.post(f"{task}/keep-apart").json()["kept_apart"] for _ in range(2)] == [True, True]
    custodial = {"encounter": "custodial"}
    (held,) = cad.post(f"{task}/hold-back", json=custodial).json()["held_back"]
    assert held == {"encounter": "custodial", "reason": "complaint, decided by integration cad"}
    with served.store.reading() as tx:
        assert list(tx.apart_from(officer().id)) == [tx.interpreter_by_code("101").id]
    assert cad.post(f"{task}/ask-again", json=custodial).json()["held_back"] == []
    assert problem(cad.post(f"{task}/ask-again", json=custodial)) == (409, "Not possible now")
    assert audited(served)[2:] == ["interpreter held back", "interpreter asked again"]
