"""The roster pages: finding, changing, files with a preview, numbers that are shown only on the record."""

import html
import re
from dataclasses import replace
from datetime import date, time, timedelta

from dispatch import spreadsheets, varieties
from dispatch.accounts import AccountRole
from dispatch.conversation import new_request
from dispatch.people import Availability, Certificate, QuietHours, Skill, Terms
from dispatch.request import Channel, RequestState
from dispatch.roster_search import PAGE, Proof
from tests.console.conftest import Browser, House
from tests.console.forms import form
from tests.dispatch.people import interpreter, officer, speakers


def manager(house: House) -> Browser:
    """A roster manager, signed in, and three interpreters."""
    with house.store.transaction() as tx:
        for one in (interpreter(1, "spa"), interpreter(2, "hat", tier=3), interpreter(3, "spa", "mam")):
            tx.put_interpreter(one)
    browser = house.browser()
    browser.signs_in(house.account("rosa", AccountRole.ROSTER_MANAGER))
    return browser


ROWS_OFF = "code,name,phone,languages,availability\n2,Interpreter 2,+16175550002,hat:4,off\n"


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
    bad = form(browser.page.text, "/console/roster/new") | {"code": "9", "name": "Ada", "phone": "12"}
    bad |= {"language_0": "spanish", "proficiency_0": "5"}
    assert "phone: " in browser.sends("/console/roster/new", **bad).text
    assert "Language 1: " in browser.sends("/console/roster/new", **bad | {"language_0": "spansih"}).text
    assert browser.sends("/console/roster/new", **bad | {"phone": "+16175550001"}).status_code == 409
    assert browser.sends("/console/roster/new", **bad | {"phone": "+16175550009"}).url.path == "/console/roster"
    assert "is somebody" in browser.sends("/console/roster/new", **bad | {"phone": "+16175550010"}).text
    page = browser.opens("/console/roster/one/9").text
    assert "+16175550009" not in page
    sent = form(page, "/console/roster/one/9") | {"name": "Ada Lovelace", "tier": "2"}
    browser.sends("/console/roster/one/9", **sent)
    with house.store.reading() as tx:
        ada = tx.interpreter_by_code("9")
    assert (ada.name, ada.tier, ada.number.e164) == ("Ada Lovelace", 2, "+16175550009")
    assert browser.sends("/console/roster/one/9", **sent | {"name": "Too late"}).status_code == 409


def test_a_form_drawn_again_for_a_mistake_does_not_undo_what_somebody_else_wrote(house: House) -> None:
    browser, address = manager(house), "/console/roster/one/1"
    sent = form(browser.opens(address).text, address) | {"daily_limit": "120"}
    other = house.browser()
    other.signs_in(house.account("omar", AccountRole.ROSTER_MANAGER))
    other.sends(address, **form(other.opens(address).text, address) | {"name": "Ada Lovelace", "tier": "2"})
    again = form(browser.sends(address, **sent | {"quiet_from": "22:00"}).text, address)
    assert "Do not disturb: give both" in browser.page.text
    assert browser.sends(address, **again | {"quiet_to": "07:00"}).status_code == 409
    with house.store.reading() as tx:
        one = tx.interpreter_by_code("1")
    assert (one.name, one.tier) == ("Ada Lovelace", 2)


def test_who_texts_off_while_the_form_is_filled_in_stays_off(house: House) -> None:
    browser, address = manager(house), "/console/roster/one/1"
    sent = form(browser.opens(address).text, address)
    with house.store.transaction() as tx:
        tx.set_availability("i1", Availability.OFF, None, house.clock.now())
    again = form(browser.sends(address, **sent | {"quiet_from": "22:00"}).text, address)
    assert browser.sends(address, **again | {"quiet_to": "07:00"}).url.path == "/console/roster"
    with house.store.reading() as tx:
        one = tx.interpreter_by_code("1")
    assert (one.availability, bool(one.terms.quiet)) == (Availability.OFF, True)


def test_signing_somebody_on_by_the_form_is_in_the_log_and_whoever_waits_is_looked_after(house: House) -> None:
    browser, address = manager(house), "/console/roster/one/1"
    with house.store.transaction() as tx:
        tx.set_availability("i1", Availability.BUSY, house.clock.now() + timedelta(hours=2), house.clock.now())
        tx.add_requester(officer())
        waits = replace(new_request(officer(), Channel.TEXT, house.clock.now()), state=RequestState.WAITING)
        tx.create_request(replace(waits, language="spa"))
    sent = form(browser.opens(address).text, address)
    browser.sends(address, **sent | {"availability": "on"})
    with house.store.reading() as tx:
        told = [one.detail for one in tx.log_after(0, 100) if one.kind == "AvailabilityChanged"]
        looked = [one.kind for one in tx.log_of(waits.id)]
        one = tx.interpreter_by_code("1")
    assert told[-1] == {"interpreter_id": "i1", "to": "on"}
    assert "SupplyChanged" in looked
    assert one.busy_until is None


def test_a_files_change_of_availability_is_in_the_log_too(house: House) -> None:
    browser = manager(house)
    uploaded = {"file": ("roster.csv", ROWS_OFF.encode(), "text/csv")}
    browser.opens("/console/roster/import")
    token = re.search(r'name="form-token" content="([0-9a-f]+)"', browser.page.text)
    assert token
    page = browser.client.post("/console/roster/import", data={"form_token": token.group(1)}, files=uploaded).text
    draft = re.search(r"/console/roster/import/([0-9a-f]+)", page)
    assert draft
    browser.sends(f"/console/roster/import/{draft.group(1)}")
    with house.store.reading() as tx:
        told = [one.detail for one in tx.log_after(0, 100) if one.kind == "AvailabilityChanged"]
    assert told == [{"interpreter_id": "i2", "to": "off"}]


def test_languages_are_rows_that_can_be_added_and_taken_out_without_script(house: House) -> None:
    browser = manager(house)
    address = "/console/roster/one/3"
    sent = form(browser.opens(address).text, address)
    assert sorted((sent["language_0"], sent["language_1"])) == ["Mam", "Spanish"]
    sent = form(browser.sends(address, **sent, do="add").text, address)
    assert sent["language_2"] == ""
    sent |= {"language_2": "Haitian Creole", "certificate_2": "certified", "expires_2": "2027-06-30"}
    sent = form(browser.sends(address, **sent, do="remove-0").text, address)
    assert (sent["language_1"], sent["certificate_1"], sent["expires_1"]) == (
        "Haitian Creole",
        "certified",
        "2027-06-30",
    )
    assert "language_2" not in sent
    assert "expires: there is no" in browser.sends(address, **sent | {"certificate_1": "none"}).text
    assert "stands in row 1" in browser.sends(address, **sent | {"language_1": str(sent["language_0"])}).text
    with house.store.reading() as tx:
        assert len(tx.interpreter_by_code("3").skills) == 2  # nothing is written before it is saved
    browser.sends(address, **sent)
    with house.store.reading() as tx:
        creole = tx.interpreter_by_code("3").speaks("hat")
    assert creole == Skill("hat", 4, Certificate.CERTIFIED, date(2027, 6, 30))


def test_varieties_stand_in_their_languages_row(house: House) -> None:
    browser = manager(house)
    address = "/console/roster/one/3"
    sent = form(browser.opens(address).text, address)
    row = 0 if sent["language_0"] == "Mam" else 1
    names_of_two = ", ".join(one.name for one in varieties.of_language("mam")[:2])
    assert "languages: " in browser.sends(address, **sent | {f"variety_{row}": "Klingon"}).text
    browser.sends(address, **sent | {f"variety_{row}": names_of_two})
    with house.store.reading() as tx:
        mam = tx.interpreter_by_code("3").speaks("mam")
    assert mam is not None
    assert mam.varieties == tuple(one.code for one in varieties.of_language("mam")[:2])
    assert form(browser.opens(address).text, address)[f"variety_{row}"] == names_of_two


def test_terms_are_kept_and_a_bad_one_is_named(house: House) -> None:
    browser = manager(house)
    address = "/console/roster/one/1"
    sent = form(browser.opens(address).text, address)
    sent |= {"timezone": "America/New_York", "quiet_from": "22:00", "quiet_to": "07:00", "daily_limit": "120"}
    sent |= {"channels": ["voice", "in_person"], "not_for": ["custodial"]}
    assert "Do not disturb: give both" in browser.sends(address, **sent | {"quiet_to": ""}).text
    assert "timezone: " in browser.sends(address, **sent | {"timezone": "Boston"}).text
    browser.sends(address, **sent)
    with house.store.reading() as tx:
        terms = tx.interpreter_by_code("1").terms
    quiet = QuietHours(time(22), time(7))
    assert terms == Terms("America/New_York", quiet, 120, channels=("voice", "in_person"), not_for=("custodial",))
    assert form(browser.opens(address).text, address)["channels"] == ["voice", "in_person"]


def test_everything_shown_survives_a_round_trip_through_a_spreadsheet(house: House) -> None:
    browser = manager(house)
    kinds = tuple(one.code for one in varieties.of_language("zap") if "(" in one.name or "," in one.name)
    skills = (
        Skill("spa", 5, Certificate.CERTIFIED, date(2027, 1, 31)),
        Skill("zap", 3, Certificate.TESTED, None, kinds),
    )
    quiet = QuietHours(time(21, 30), time(6))
    terms = Terms("America/Guatemala", quiet, 60, 300, 0.75, False, ("voice", "text"), ("custodial", "medical"))
    whole = replace(
        interpreter(1), name='Ixchel "Ix" 莉莉, née ياسمين', skills=skills, terms=terms, gender="female", tier=4
    )
    with house.store.transaction() as tx:
        tx.put_interpreter(whole)
    browser.opens("/console/roster")
    book = browser.sends("/console/roster/export", kind="xlsx").content
    with house.store.transaction() as tx:
        tx.put_interpreter(interpreter(1))
    address = re.search(r'action="(/console/roster/import/[0-9a-f]+)"', upload(browser, book, "roster.xlsx"))
    assert address
    browser.sends(address.group(1))
    with house.store.reading() as tx:
        assert tx.interpreter_by_code("1") == whole


def test_certificates_are_filtered_by_what_they_are_worth_today(house: House) -> None:
    browser = manager(house)
    today = house.clock.now().date()
    ends = {1: -1, 2: 30, 3: 400}
    with house.store.transaction() as tx:
        for number, days in ends.items():
            skill = Skill("spa", 4, Certificate.CERTIFIED, today + timedelta(days=days))
            tx.put_interpreter(replace(interpreter(number), skills=(skill,)))
        tx.put_interpreter(replace(interpreter(4), skills=(Skill("spa", 4, Certificate.TESTED), Skill("mam"))))
    found = {proof: names(browser.opens(f"/console/roster?proof={proof}").text) for proof in Proof}
    one, two, three, four = (f"Interpreter {number}" for number in range(1, 5))
    assert found[Proof.EXPIRED] == [one]
    assert found[Proof.EXPIRING] == [two]
    assert sorted(found[Proof.CERTIFIED]) == [two, three]
    assert found[Proof.TESTED] == [four]
    assert names(browser.opens("/console/roster?proof=tested&language=mam").text) == []
    assert names(browser.opens("/console/roster?proof=none&language=mam").text) == [four]


def test_a_long_roster_is_shown_page_by_page_with_its_filter(house: House) -> None:
    browser = manager(house)
    with house.store.transaction() as tx:
        for number in range(100, 100 + PAGE + 5):
            tx.put_interpreter(interpreter(number, "som"))
    page = browser.opens("/console/roster?language=som").text
    assert len(names(page)) == PAGE
    further = re.search(r'href="([^"]*page=2)"', page)
    assert further
    assert len(names(browser.opens(html.unescape(further.group(1))).text)) == 5


def test_people_kept_apart_are_listed_and_brought_together_with_a_reason_on_record(house: House) -> None:
    browser = manager(house)
    with house.store.transaction() as tx:
        tx.add_requester(officer())
        tx.keep_apart("i1", officer().id, "they are related", house.clock.now())
    address = "/console/roster/one/1"
    assert "they are related" in browser.opens(address).text
    assert "Reason: " in browser.sends(f"{address}/reunite", requester=officer().id, reason="").text
    assert (
        "they are related" not in browser.sends(f"{address}/reunite", requester=officer().id, reason="a mistake").text
    )
    with house.store.reading() as tx:
        assert tx.apart_of("i1") == []
        (line,) = (one for one in tx.audit_entries() if one.action == "kept apart no more")
    assert "a mistake" in line.detail


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
