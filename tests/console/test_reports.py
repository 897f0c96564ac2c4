"""Report pages: what is drawn, downloaded and published."""

import csv
import io
from datetime import timedelta

from dispatch.conversation import new_request
from dispatch.request import Channel, RequestState
from tests.console.conftest import House
from tests.dispatch.people import officer


def past(house: House, count: int, language: str = "spa", seconds: float | None = 20) -> None:
    """Requests that ended an hour ago."""
    begun = house.clock.now() - timedelta(hours=1)
    with house.store.transaction() as tx:
        if tx.requester(officer().id) is None:
            tx.add_requester(officer())
        for _ in range(count):
            made = new_request(officer(), Channel.VOICE, begun)
            state = RequestState.ABANDONED if seconds is None else RequestState.COMPLETED
            connected = None if seconds is None else begun + timedelta(seconds=seconds)
            changed = {"state": state, "language": language, "connected_at": connected}
            done = {**made.__dict__, **changed, "ended_at": begun + timedelta(minutes=5)}
            tx.create_request(type(made)(**done))


def test_figures_and_charts_of_a_period(house: House) -> None:
    past(house, 9)
    past(house, 1, "hat", None)
    page = house.browser().opens("/console/reports").text
    assert "<dd>10</dd>" in page
    assert "90 %</dd>" in page
    assert "<title>Mar 4: asked 10</title>" in page
    assert "Haitian Creole" in page
    assert "Unit 12" in page


def test_every_table_comes_as_csv(house: House) -> None:
    past(house, 3)
    browser = house.browser()
    for table in ("days", "languages", "units", "interpreters"):
        answer = browser.opens(f"/console/reports.csv?table={table}")
        assert answer.headers["content-disposition"].startswith(f'attachment; filename="{table}-')
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert rows or table == "interpreters"
    spanish = next(csv.DictReader(io.StringIO(browser.opens("/console/reports.csv?table=languages").text)))
    assert (spanish["languages"], spanish["requests"], spanish["p90_seconds"]) == ("Spanish", "3", "20.0")


def test_nothing_yet_says_what_to_do(house: House) -> None:
    browser = house.browser()
    assert "Choose other dates" in browser.opens("/console/reports").text
    assert "No request was received" in browser.opens("/console/reports/month?month=2026-03").text
    assert "Nothing was asked for" in browser.opens("/console/coverage").text
    assert browser.opens("/console/reports?from=nonsense&to=2026-13-99&each=year").status_code == 200


def test_the_published_month_hides_small_counts(house: House) -> None:
    past(house, 40)
    past(house, 20, "hat")
    past(house, 3, "mam")
    browser = house.browser()
    page = browser.opens("/console/reports/month?month=2026-03").text
    assert "Mam" in page
    assert '<td class="number">40</td>' in page
    assert '<td class="number">3</td>' not in page
    assert '<td class="number">20</td>' not in page  # with it the three could be worked out
    assert browser.opens("/console/reports/month.csv?month=2026-03").text.count("fewer than 11") == 2
