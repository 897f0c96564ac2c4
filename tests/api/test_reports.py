"""Reports and the published month by the API: the figures, tables and pages of the console, as JSON, CSV and PDF."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from dispatch.conversation import new_request
from dispatch.integrations import Scope
from dispatch.offer import Offer, OfferState
from dispatch.request import Channel, RequestState
from tests.api.conftest import Api
from tests.console.conftest import House
from tests.dispatch.people import officer

MONTH = {"month": "2026-02"}


@pytest.fixture
def busy(served: Api, cad: TestClient) -> TestClient:
    """Thirty requests in Spanish of February, all interpreted by 101."""
    with served.store.transaction() as tx:
        for number in range(30):
            begun = served.clock.now() - timedelta(days=8 + number % 20, minutes=number)
            asked = new_request(officer(), Channel.TEXT, begun)
            spoke = begun + timedelta(seconds=20 + number)
            offer = Offer(f"o{number}", "i101", OfferState.FINISHED, spoke, answered_at=spoke, accepted_at=spoke)
            tx.create_request(
                replace(
                    asked,
                    language="spa",
                    state=RequestState.COMPLETED,
                    connected_at=spoke,
                    ended_at=begun + timedelta(minutes=9),
                    offers=(offer,),
                )
            )
    return cad


def test_a_period_is_told_with_causes_and_load_and_names_only_to_the_roster(busy: TestClient, served: Api) -> None:
    told = busy.get("/reports", params={"first": "2026-02-01"}).json()
    assert (told["total"]["requests"], told["before"]["requests"]) == (30, 0)
    assert told["in_time"] is not None
    assert told["causes"][0]["title"] == "How requests ended"
    assert sum(row["requests"] for row in told["causes"][0]["rows"]) == 30
    (load,) = told["interpreters"]
    assert (load["code"], load["name"], load["sessions"]) == ("101", "Interpreter 101", 30)
    reader = served.caller(served.token("reader", frozenset({Scope.REPORTS}))[0])
    assert reader.get("/reports", params={"first": "2026-02-01"}).json()["interpreters"][0]["name"] is None
    table = reader.get("/reports.csv", params={"first": "2026-02-01", "table": "interpreters"}).text
    assert "101,,30," in table


@pytest.mark.parametrize("table", ["periods", "languages", "units", "vendor", "causes", "interpreters"])
def test_every_table_is_the_consoles_own_file(busy: TestClient, served: Api, table: str) -> None:
    sent = busy.get("/reports.csv", params={"first": "2026-02-01", "table": table})
    assert sent.headers["content-type"].startswith("text/csv")
    assert "attachment" in sent.headers["content-disposition"]
    browser = House(served.store, served.clock, served.settings).browser()
    on_page = browser.opens(f"/console/reports.csv?from=2026-02-01&each=day&table={table}").text
    assert sent.text == on_page
    assert len(list(csv.reader(io.StringIO(sent.text)))) > (0 if table == "vendor" else 1)


def test_a_period_and_the_month_are_sent_as_pdf(busy: TestClient) -> None:
    for address, asked in (("/reports.pdf", {"first": "2026-02-01"}), ("/reports/month.pdf", MONTH)):
        sent = busy.get(address, params=asked)
        assert (sent.status_code, sent.headers["content-type"]) == (200, "application/pdf")
        assert sent.content.startswith(b"%PDF")


def test_the_month_is_told_as_it_can_be_published(busy: TestClient, served: Api) -> None:
    told = busy.get("/reports/month", params=MONTH).json()
    assert (told["first"], told["last"], told["requests"]) == ("2026-02-01", "2026-02-28", 30)
    assert told["languages"][0]["name"] == "Spanish"
    assert {one["title"] for one in told["tables"]} >= {"Requests by week", "Urgency"}
    assert busy.get("/reports/month").json()["first"] == "2026-02-01"  # the last that is over
    running = busy.get("/reports/month", params={"month": "2026-03"}).json()
    assert (told["over"], running["over"], running["last"]) == (True, False, "2026-03-04")
    few = busy.get("/reports/month", params={"month": "2025-01"}).json()
    assert (few["requests"], few["nobody_asked"], few["tables"]) == (None, True, [])
    sent = busy.get("/reports/month.csv", params=MONTH).text
    browser = House(served.store, served.clock, served.settings).browser()
    assert sent == browser.opens("/console/reports/month.csv?month=2026-02").text
    assert busy.get("/reports/month", params={"month": "2026-13"}).status_code == 422
    reader = served.caller(served.token("reader", frozenset({Scope.READ}))[0])
    for address in ("/reports/month", "/reports/month.pdf", "/reports.csv", "/reports.pdf"):
        assert reader.get(address).status_code == 403
