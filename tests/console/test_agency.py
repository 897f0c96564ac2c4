"""The agency's settings and the guided start, on both databases."""

import re

from dispatch.accounts import AccountRole
from dispatch.phone_check import KeyPressed
from tests.console.conftest import Browser, House
from tests.console.forms import form
from tests.dispatch.people import interpreter

SETTINGS, START = "/console/settings", "/console/first-run"


def admin(house: House) -> Browser:
    """An administrator, signed in."""
    browser = house.browser()
    browser.signs_in(house.account("amina", AccountRole.ADMIN))
    return browser


def languages(page: str) -> list[str]:
    """The languages of the picker, in order."""
    listed = page.split("<template")[0]
    return re.findall(r'name="language_\d+" value="([^"]*)"', listed)


def test_settings_are_changed_and_each_says_where_it_comes_from(house: House) -> None:
    browser = admin(house)
    page = browser.opens(SETTINGS).text
    assert page.count("Now the default.") == 4
    assert "+16175550199" not in page
    sent = form(page, SETTINGS) | {"name": "Port Authority", "language_0": "Mam", "desk": "+1 617 555 0123"}
    page = browser.sends(SETTINGS, **sent).text
    assert "Port Authority" in page
    assert page.count("Now set on the console.") == 3
    assert "+16175550123" not in page
    assert languages(page)[:2] == ["Mam", "Spanish"]
    with house.store.reading() as tx:
        assert tx.agency_profile().desk == "+16175550123"
        (line,) = (one for one in tx.audit_entries() if one.action == "agency's settings changed")
    assert "617" not in line.detail
    page = browser.sends(f"{SETTINGS}/reset", field="name", seen=str(form(page, SETTINGS)["seen"])).text
    assert "City Interpreter Line" in page


def test_bad_settings_are_named_and_nothing_is_written(house: House) -> None:
    browser = admin(house)
    sent = form(browser.opens(SETTINGS).text, SETTINGS)
    page = browser.sends(SETTINGS, **sent | {"name": "", "greeting_languages": "99", "language_1": "Spansh"})
    assert page.status_code == 422
    for field in ("Agency&#39;s name: ", "Languages of the greeting: ", "Language 2: "):
        assert field in page.text
    with house.store.reading() as tx:
        assert tx.agency_profile().version == 0


def test_who_saves_second_sees_what_the_first_saved(house: House) -> None:
    browser = admin(house)
    sent = form(browser.opens(SETTINGS).text, SETTINGS)
    browser.sends(SETTINGS, **sent | {"name": "First"})
    page = browser.sends(SETTINGS, **sent | {"name": "Second"})
    assert page.status_code == 409
    assert "Somebody changed the settings meanwhile" in page.text
    theirs = form(page.text, SETTINGS)
    assert theirs["name"] == "First"
    assert 'value="Second"' in browser.sends(SETTINGS, **theirs | {"name": "Second"}).text


def test_languages_are_ordered_without_script(house: House) -> None:
    browser = admin(house)
    sent = form(browser.opens(SETTINGS).text, SETTINGS)
    before = languages(browser.page.text)
    page = browser.sends(SETTINGS, **sent, do="down-0").text
    assert languages(page)[:2] == [before[1], before[0]]
    page = browser.sends(SETTINGS, **form(page, SETTINGS), do="remove-0").text
    assert languages(page)[0] == before[0]
    assert languages(browser.sends(SETTINGS, **form(page, SETTINGS), do="add").text)[-1] == ""
    with house.store.reading() as tx:
        assert tx.agency_profile().version == 0


def test_only_administrators_change_settings(house: House) -> None:
    browser = house.browser()
    browser.signs_in(house.account("dana"))
    assert browser.opens(SETTINGS).status_code == 403
    browser.opens(START)
    assert browser.sends(f"{START}/agency", name="Mine").status_code == 403
    assert "An administrator does this step" in browser.opens(f"{START}?step=agency").text


def test_the_start_goes_on_at_the_first_step_that_is_not_done(house: House) -> None:
    browser = admin(house)
    page = browser.opens(START).text
    assert "1 of 6 steps done" in page
    kept = form(page, f"{START}/agency")
    page = browser.sends(f"{START}/agency", **kept).text  # as it was: decided all the same
    assert "2 of 6" in page
    page = browser.sends(f"{START}/languages", **form(page, f"{START}/languages")).text
    assert "3 of 6" in page
    with house.store.transaction() as tx:
        tx.put_interpreter(interpreter(1))
    assert "Whom to ring" in browser.opens(START).text
    check = house.intake.begin_check("i1", "amina", confirmed=False)
    house.intake.report_check(check.id, KeyPressed("1"))
    page = browser.opens(START).text
    assert "Before the number is given out" in page
    assert "5 of 6" in page
    assert "DISPATCH_PUBLIC_URL" in page


def test_an_administrator_is_told_how_much_is_missing_and_where(house: House) -> None:
    first = house.browser()
    before = first.opens(f"{START}/missing").json()["missing"]
    assert before > 2
    assert 'href="/console/first-run"' in first.opens("/console/").text.split("</nav>")[0]
    with house.store.transaction() as tx:
        tx.put_interpreter(interpreter(101, "spa"))
    assert first.opens(f"{START}/missing").json()["missing"] == before - 1
    dana = house.browser()
    dana.signs_in(house.account("dana"))
    assert "Getting ready" not in dana.opens("/console/").text.split("</nav>")[0]
    assert dana.opens(f"{START}/missing").status_code == 403
