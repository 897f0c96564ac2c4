"""The roster pages: finding, changing, files with a preview, numbers that are shown only on the record."""

import re

from dispatch import spreadsheets
from dispatch.accounts import AccountRole
from dispatch.people import Availability
from tests.console.conftest import Browser, House
from tests.dispatch.people import interpreter, speakers


def manager(house: House) -> Browser:
    """A roster manager, signed in, and three interpreters."""
    with house.store.transaction() as tx:
        for one in (interpreter(1, "spa"), interpreter(2, "hat", tier=3), interpreter(3, "spa", "mam")):
            tx.put_interpreter(one)
    browser = house.browser()
    browser.signs_in(house.account("rosa", AccountRole.ROSTER_MANAGER))
    return browser


def names(page: str) -> list[str]:
    """Whom the roster page shows."""
    return re.findall(r'<td dir="auto">(Interpreter \d|[^<]+)</td>', page)


def test_search_and_filters_narrow_the_roster(house: House) -> None:
    browser = manager(house)
    with house.store.transaction() as tx:
        tx.set_availability("i1", Availability.OFF, None, house.clock.now())
    assert len(names(browser.opens("/console/roster").text)) == 3
    assert names(browser.opens("/console/roster?language=spa&status=on").text) == ["Interpreter 3"]
    assert names(browser.opens("/console/roster?find=haitian").text) == ["Interpreter 2"]
    assert names(browser.opens("/console/roster?tier=3").text) == ["Interpreter 2"]
    assert "Nobody fits" in browser.opens("/console/roster?find=zzz").text


def test_numbers_are_masked_and_each_look_is_on_record(house: House) -> None:
    browser = manager(house)
    page = browser.opens("/console/roster").text
    assert "+16175550001" not in page
    assert "+1…01" in page
    assert "+16175550001" in browser.sends("/console/roster/one/1/number").text
    with house.store.reading() as tx:
        looked = [(one.account, one.subject) for one in tx.audit_entries() if one.action == "number revealed"]
    assert looked == [("rosa", "interpreter 1")]


def test_adding_and_changing_somebody_names_each_bad_field(house: House) -> None:
    browser = manager(house)
    browser.opens("/console/roster/new")
    bad = {"code": "9", "name": "Ada", "phone": "12", "languages": "spanish:5", "tier": "1", "availability": "on"}
    assert "phone: " in browser.sends("/console/roster/new", **bad).text
    assert browser.sends("/console/roster/new", **bad | {"phone": "+16175550001"}).status_code == 409
    assert browser.sends("/console/roster/new", **bad | {"phone": "+16175550009"}).url.path == "/console/roster"
    assert "is somebody" in browser.sends("/console/roster/new", **bad | {"phone": "+16175550010"}).text
    page = browser.opens("/console/roster/one/9").text
    assert "+16175550009" not in page
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    sent = {**fields, "name": "Ada Lovelace", "tier": "2", "availability": "on", "gender": ""}
    browser.sends("/console/roster/one/9", **sent)
    with house.store.reading() as tx:
        ada = next(one for one in tx.roster() if one.code == "9")
    assert (ada.name, ada.tier, ada.number.e164) == ("Ada Lovelace", 2, "+16175550009")
    assert browser.sends("/console/roster/one/9", **sent | {"name": "Too late"}).status_code == 409


def test_somebody_who_left_is_neither_rung_nor_heard_and_can_come_back(house: House) -> None:
    browser = manager(house)
    browser.opens("/console/roster/one/1")
    browser.sends("/console/roster/one/1/leave", action="leave")
    with house.store.reading() as tx:
        now = house.clock.now()
        assert [one.code for one in speakers(tx, ["spa"], now) if one.can_be_rung(now)] == ["3"]
        assert tx.interpreter_by_number(interpreter(1).number) is None
    assert names(browser.opens("/console/roster?status=left").text) == ["Interpreter 1"]
    browser.opens("/console/roster/one/1")
    browser.sends("/console/roster/one/1/leave", action="return")
    assert len(names(browser.opens("/console/roster").text)) == 3


def upload(browser: Browser, content: bytes, name: str = "roster.csv") -> str:
    """Choose a file on the import page; returns the preview."""
    token = re.search(r'name="form-token" content="([0-9a-f]+)"', browser.opens("/console/roster/import").text)
    assert token
    files = {"file": (name, content, "application/octet-stream")}
    browser.page = browser.client.post("/console/roster/import", data={"form_token": token.group(1)}, files=files)
    return browser.page.text


FILE = "code,name,phone,languages\n1,Interpreter One,+16175550001,spa:5\n4,Müller,+16175550004,Mam\n5,Bad,12,spa\n"


def test_a_file_is_previewed_before_anything_is_written_then_its_good_rows_are(house: House) -> None:
    browser = manager(house)
    page = upload(browser, FILE.encode())
    assert "Import 2 rows, leave 1 out" in page
    assert "name: Interpreter 1 → Interpreter One" in page
    assert "phone: This number has too" in page
    with house.store.reading() as tx:
        assert len(tx.roster()) == 3
    address = re.search(r'action="(/console/roster/import/[0-9a-f]+)"', page)
    assert address
    browser.sends(address.group(1))
    with house.store.reading() as tx:
        assert {one.name for one in tx.roster()} == {"Interpreter One", "Interpreter 2", "Interpreter 3", "Müller"}
        assert "2 written, 1 left out" in [one.detail for one in tx.audit_entries()]
    assert browser.sends(address.group(1)).status_code == 410


def test_spreadsheets_and_old_encodings_are_read_too(house: House) -> None:
    browser = manager(house)
    assert "Müller" in upload(browser, spreadsheets.from_csv(FILE, "Roster"), "roster.xlsx")
    assert "Müller" in upload(browser, FILE.encode("cp1252"))
    assert "Müller" in upload(browser, FILE.encode("utf-16"))
    assert "not a spreadsheet" in upload(browser, b"PK nonsense", "roster.xlsx")
    assert "is missing" in upload(browser, b"name\nA\n")


def test_somebody_elses_preview_and_an_old_one_are_not_taken(house: House) -> None:
    browser, other = manager(house), house.browser()
    other.signs_in(house.account("mallory", AccountRole.ROSTER_MANAGER))
    address = re.search(r'action="(/console/roster/import/[0-9a-f]+)"', upload(browser, FILE.encode()))
    assert address
    other.opens("/console/roster")
    assert other.sends(address.group(1)).status_code == 410
    for _ in range(7):
        house.clock.passes(minutes=10)
        browser.opens("/console/roster")
    assert browser.sends(address.group(1)).status_code == 410


def test_exports_hold_numbers_and_are_on_record(house: House) -> None:
    browser = manager(house)
    browser.opens("/console/roster")
    page = browser.page
    assert "+16175550001" in browser.sends("/console/roster/export", kind="csv").text
    browser.page = page
    book = spreadsheets.to_csv(browser.sends("/console/roster/export", kind="xlsx").content)
    assert book.splitlines()[1].startswith("1,Interpreter 1,+16175550001")
    with house.store.reading() as tx:
        assert [one.action for one in tx.audit_entries()].count("roster exported") == 2


def test_a_test_text_goes_out(house: House) -> None:
    browser = manager(house)
    browser.opens("/console/roster/one/1")
    assert "on its way" in browser.sends("/console/roster/one/1/test").text
    with house.store.reading() as tx:
        assert list(tx.effect_kinds(house.handed).values()) == ["SendText"]
