"""Arrivals on the console: entered, planned, invited, answered, and the brief."""

import io
import re
from datetime import timedelta

import pytest
from pypdf import PdfReader

from dispatch.accounts import AccountRole
from dispatch.people import PhoneNumber
from tests.console.conftest import Browser, House
from tests.dispatch.people import interpreter

FORM = {
    "name": "bus from the south",
    "hours": "12",
    "people": "100",
    "languages": "Mam (Todos Santos) 60%, Spanish",
    "area": "the north side",
    "place": "12 Dock Street",
    "contacts": "0.5",
    "shape": "intake",
    "liaison": "Ana Ruiz",
    "liaison_phone": "(617) 555-0140",
    "note": "two buses",
}


@pytest.fixture
def desk(house: House) -> Browser:
    """A dispatcher's browser over a roster of two."""
    with house.store.transaction() as tx:
        tx.put_interpreter(interpreter(101, "mam", "spa"))
        tx.put_interpreter(interpreter(102, "mam"))
    browser = house.browser()
    browser.opens("/console/arrivals/new")
    return browser


def enters(desk: Browser, **changed: str) -> str:
    """Enter the arrival; returns its address."""
    starts = desk.house.clock.now() + timedelta(days=2)
    desk.sends("/console/arrivals/new", **{**FORM, "starts": f"{starts:%Y-%m-%dT%H:%M}", **changed})
    return str(desk.page.url)


def invites(desk: Browser, *codes: str) -> None:
    """Tick these on the page that is open, and send."""
    hours = {
        f"hours-{code}": value for code, value in re.findall(r'name="hours-(\d+)" value="([^"]+)"', desk.page.text)
    }
    desk.sends(f"{desk.page.url}/invite", ask=list(codes), **hours)  # type: ignore[arg-type]


def test_an_arrival_becomes_a_plan_with_whom_to_invite(desk: Browser) -> None:
    enters(desk)
    page = desk.page.text
    assert "About 50 conversations to expect" in page
    assert "speaks Mam, Spanish, has not said whether of Todos Santos; own staff" in page
    assert "Nobody yet. Tick interpreters below" in page
    assert "+1…40" in page
    assert "5550140" not in page
    assert "nobody yet" in desk.opens("/console/arrivals").text


def test_invited_interpreters_answer_by_text_and_the_plan_changes(desk: Browser) -> None:
    address = enters(desk)
    before = float(re.findall(r"([\d.]+) would find nobody in time", desk.page.text)[0])
    invites(desk, "101", "102")
    assert "2 invited: 0 yes, 0 no, 2 silent" in desk.page.text
    codes = re.findall(r"<code>(\w{4})</code>", desk.page.text)
    house = desk.house
    version = desk.opens(f"{address}/version").json()
    house.intake.text("SM1", interpreter(101).number, f"CAN {codes[0]}")
    house.intake.text("SM2", interpreter(102).number, f"CANT {codes[1]}")
    assert desk.opens(f"{address}/version").json() != version
    page = desk.opens(address).text
    assert "2 invited: 1 yes, 1 no, 0 silent" in page
    assert float(re.findall(r"([\d.]+) would find nobody in time", page)[0]) < before
    house.clock.passes(hours=3)
    house.intake.text("SM3", interpreter(101).number, f"CANT {codes[0]}")
    assert "yes, then no" in desk.opens(address).text


def test_nobody_is_invited_for_hours_that_were_changed_meanwhile(desk: Browser) -> None:
    address = enters(desk)
    ticked = dict(re.findall(r'name="(hours-\d+|version)" value="([^"]*)"', desk.page.text))
    later = desk.house.clock.now() + timedelta(days=3)
    desk.sends(f"{address}/edit", **{**FORM, "starts": f"{later:%Y-%m-%dT%H:%M}", "version": "0"})
    refused = desk.sends(f"{address}/invite", ask="102", **ticked)
    assert refused.status_code == 409
    assert "Somebody has changed this arrival meanwhile" in refused.text
    desk.opens(address)
    invites(desk, "102")
    assert "1 invited" in desk.page.text


def test_the_page_that_keeps_itself_up_to_date_is_no_sign_of_life(house: House) -> None:
    browser = house.browser()
    browser.signs_in(house.account("amina"))
    address = enters(browser)
    house.clock.passes(minutes=10)
    assert "Who is missing" in browser.opens(f"{address}/live").text
    house.clock.passes(minutes=6)
    assert browser.opens(f"{address}/live").status_code == 401


def test_who_does_not_answer_is_shown_as_silent_and_can_be_taken_back(desk: Browser) -> None:
    address = enters(desk)
    invites(desk, "102")
    desk.house.clock.passes(hours=5)
    page = desk.opens(address).text
    assert "silent for 5 h" in page
    (invitation,) = re.findall(r'name="invitation" value="(\w+)"', page)
    assert "taken back" in desk.sends(f"{address}/withdraw", invitation=invitation).text


def test_everybody_can_be_asked_for_the_same_hours(desk: Browser) -> None:
    address = enters(desk)
    day = desk.house.clock.now() + timedelta(days=2)
    desk.sends(f"{address}/invite", ask="102", day=f"{day:%Y-%m-%d}", **{"from": "20:00", "to": "02:00"})
    assert "20:00 to" in desk.page.text


def test_a_form_with_a_mistake_keeps_what_was_written(desk: Browser) -> None:
    enters(desk, languages="Mam 90%, Klingonish")
    assert desk.page.status_code == 422
    assert "is not a language this service can route" in desk.page.text
    assert 'value="bus from the south"' in desk.page.text
    enters(desk, people="many")
    assert "Put in a time and numbers" in desk.page.text


def test_a_change_made_on_an_old_page_is_refused(desk: Browser) -> None:
    address = enters(desk)
    old = desk.opens(f"{address}/edit").text
    (version,) = re.findall(r'name="version" value="(\d+)"', old)
    starts = re.findall(r'name="starts" value="([^"]+)"', old)[0]
    sent = {**FORM, "starts": starts, "version": version, "liaison_phone": "", "people": "80"}
    assert "About 40 conversations" in desk.sends(f"{address}/edit", **sent).text
    with desk.house.store.reading() as tx:
        kept = tx.arrival(address.rsplit("/", 1)[1])
    assert kept is not None
    assert kept.liaison_phone == PhoneNumber.parse("617 555 0140").e164
    desk.opens(f"{address}/edit")
    assert "Somebody else has changed it" in desk.sends(f"{address}/edit", **sent).text


def test_the_liaisons_number_is_masked_and_each_sight_of_it_audited(desk: Browser) -> None:
    address = enters(desk)
    assert "+16175550140" in desk.sends(f"{address}/number").text
    assert "+1 617 555 0140" in desk.opens(f"{address}/brief").text
    assert desk.opens("/console/audit").text.count("liaison number revealed") == 2
    auditor = desk.house.browser()
    auditor.signs_in(desk.house.account("olga", AccountRole.AUDITOR))
    assert "555 0140" not in auditor.opens(f"{address}/brief").text
    assert "Only dispatchers" in auditor.sends(f"{address}/call-off").text


def test_the_brief_says_what_to_text_and_what_not_to_do(desk: Browser) -> None:
    address = enters(desk)
    page = desk.opens(f"{address}/brief").text
    for part in (
        "+1 617 555 0100",
        "mam, Todos Santos",
        "Estoy llamando a un intérprete",
        "QR code",
        "Ana Ruiz",
        "draft",
    ):
        assert part in page
    assert "Do not</strong> ask about immigration status" in page
    assert "often known by speakers of Mam" in page


def test_the_brief_is_one_page_of_pdf_with_every_script(desk: Browser) -> None:
    address = enters(desk, languages="Arabic 40, Mandarin 10, Amharic", name="Bus <b>")
    answer = desk.opens(f"{address}/brief.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    (page,) = PdfReader(io.BytesIO(answer.content)).pages
    text = page.extract_text()
    for told in ("Bus <b>", "አማርኛ", "普通话", "العربية", "+1 617 555 0140"):
        assert told in text


@pytest.mark.usefixtures("without_pango")
def test_without_what_sets_type_the_page_says_what_to_install(desk: Browser) -> None:
    address = enters(desk)
    answer = desk.opens(f"{address}/brief.pdf")
    assert answer.status_code == 503
    assert "apt-get install libpango-1.0-0" in answer.text
    assert desk.opens(f"{address}/brief").status_code == 200
    assert "apt-get install libpango-1.0-0" in desk.opens("/console/first-run?step=ready").text


def test_an_arrival_called_off_is_said_so_and_asks_nobody(desk: Browser) -> None:
    address = enters(desk)
    page = desk.sends(f"{address}/call-off").text
    assert "called off" in page
    assert "Whom to invite" not in page
    assert desk.opens("/console/arrivals/none").status_code == 409


def test_changing_an_arrival_called_off_leaves_it_so_until_somebody_expects_it(desk: Browser) -> None:
    address = enters(desk)
    starts = f"{desk.house.clock.now() + timedelta(days=2):%Y-%m-%dT%H:%M}"
    page = desk.sends(f"{address}/call-off").text
    assert f'{address.removeprefix("http://127.0.0.1")}/edit"' in page
    form = desk.opens(f"{address}/edit").text
    version = re.search(r'name="version" value="(\d+)"', form)
    assert version is not None
    page = desk.sends(f"{address}/edit", **FORM | {"people": "90", "version": version[1], "starts": starts}).text
    assert "<dd>90" in page
    assert "It is called off" in page
    assert "Whom to invite" not in page
    page = desk.sends(f"{address}/expect").text
    assert "It is expected after all" in page
    assert "It is called off" not in page
    assert "Whom to invite" in page
