"""Report pages: what is drawn, downloaded and published."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

from pypdf import PdfReader

from dispatch.conversation import new_request
from dispatch.language_access import FACTORS
from dispatch.request import Channel, RequestState
from tests.console.conftest import House
from tests.dispatch.people import officer
from tests.dispatch.test_printing import structure


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
    assert "<dt>Requests</dt><dd>10</dd>" in page
    assert "there is nothing to compare with yet" in page
    assert "<dt>Fill rate</dt><dd>90 %<" in page
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
    for year in ("0001", "0202", "9999"):
        assert browser.opens(f"/console/reports?from={year}-12-01&to={year}-12-31").status_code == 200
        assert browser.opens(f"/console/reports/month?month={year}-12").status_code == 200


def test_the_published_month_tells_small_counts_with_others_as_page_csv_and_pdf(house: House) -> None:
    past(house, 40)
    past(house, 20, "hat")
    past(house, 3, "mam")
    browser = house.browser()
    page = browser.opens("/console/reports/month?month=2026-03").text
    assert "Haitian Creole, Mam" in page
    assert '<td class="number">23</td>' in page
    assert '<td class="number">3</td>' not in page
    assert '<td class="number">20</td>' not in page
    rows = list(csv.DictReader(io.StringIO(browser.opens("/console/reports/month.csv?month=2026-03").text)))
    told = [(row["name"], row["value"]) for row in rows if row["group"] == "language" and row["measure"] == "requests"]
    assert told == [("Spanish", "40"), ("Haitian Creole, Mam", "23")]
    read = PdfReader(io.BytesIO(browser.opens("/console/reports/month.pdf?month=2026-03").content))
    text = "".join(one.extract_text() for one in read.pages)
    assert "Policy basis: Title VI" in text
    assert "compliant" not in text.lower()
    for factor in FACTORS:
        assert factor in text
    assert "Haitian Creole, Mam" in text


def test_a_month_that_is_not_over_says_so_and_is_told_by_the_days_so_far(house: House) -> None:
    past(house, 40)
    browser = house.browser()
    page = browser.opens("/console/reports/month?month=2026-03").text
    assert "do not publish this yet" in page
    assert "received from 2026-03-01 to 2026-03-04" in page
    assert "10.0 requests a day" in page
    assert "not to be published yet" in browser.opens("/console/reports/month.csv?month=2026-03").text
    house.clock.passes(days=28)
    page = browser.opens("/console/reports/month?month=2026-03").text
    assert "do not publish this yet" not in page
    assert "received from 2026-03-01 to 2026-03-31" in page
    assert "1.3 requests a day" in page


def test_the_period_comes_as_pdf_with_title_language_fonts_and_charts(house: House) -> None:
    past(house, 9)
    past(house, 1, "hat", None)
    with house.store.transaction() as tx:
        tx.change_requester(replace(officer(), unit="Юг <1> وحدة & Co"))
    answer = house.browser().opens("/console/reports.pdf?each=day")
    assert answer.headers["content-disposition"] == (
        'attachment; filename="interpreter-requests-2026-02-03-2026-03-04.pdf"'
    )
    read = PdfReader(io.BytesIO(answer.content))
    assert read.metadata is not None
    assert read.metadata.title == "Interpreter requests, 3 February 2026 to 4 March 2026"
    assert read.metadata.author == house.settings.agency
    assert read.trailer["/Root"]["/Lang"] == "en"
    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"]
    text = "".join(one.extract_text() for one in read.pages)
    for told in ("Fill rate", "90 %", "Haitian Creole", "Юг <1>", "& Co", "Interpreters' load", "How requests ended"):
        assert told in text
    assert "Boxes stand for letters" not in text
    fonts = {
        str(font["/BaseFont"]).split("+")[1] for page in read.pages for font in page["/Resources"]["/Font"].values()
    }
    assert fonts == {"Document", "Document-Bold", "noto-sans-arabic"}
    told = {str(one["/Alt"]) for one in structure(read) if one.get("/S") == "/Figure"}
    assert "Requests asked and connected, each day; the figures are in the table below" in told
    assert "Bar of Spanish: 9" in told
    assert not any(page.images for page in read.pages), "charts are drawn, not pictures"


def test_a_month_without_enough_requests_publishes_nothing(house: House) -> None:
    past(house, 10)
    browser = house.browser()
    page = browser.opens("/console/reports/month?month=2026-03").text
    assert "Fewer than 11 requests" in page
    assert "Spanish" not in page
    assert "fewer than 11" in browser.opens("/console/reports/month.csv?month=2026-03").text
    pdf = PdfReader(io.BytesIO(browser.opens("/console/reports/month.pdf?month=2026-03").content))
    assert "Fewer than 11 requests were received" in pdf.pages[0].extract_text()
    empty = PdfReader(io.BytesIO(browser.opens("/console/reports.pdf?from=2025-01-01&to=2025-01-31").content))
    assert "Nothing ended in this time" in empty.pages[0].extract_text()


def test_the_period_before_and_the_causes_are_told(house: House) -> None:
    past(house, 4, seconds=10)
    house.clock.passes(days=30)
    past(house, 2, seconds=40)
    browser = house.browser()
    page = browser.opens("/console/reports").text
    assert "before: 10 s" in page
    assert "How requests ended" in page
    rows = list(csv.DictReader(io.StringIO(browser.opens("/console/reports.csv?table=causes").text)))
    assert rows == [{"table": "How requests ended", "what": "Connected", "requests": "2"}]
