"""Varieties at the console: on the roster form and in its files, on the request page, set by a dispatcher."""

from dispatch import events
from dispatch.accounts import AccountRole
from dispatch.request import Need
from tests.console.conftest import House
from tests.console.forms import form
from tests.console.test_requests import acts, asked


def test_the_roster_form_keeps_varieties_and_names_those_there_are(house: House) -> None:
    lupe = house.browser()
    lupe.signs_in(house.account("lupe", AccountRole.ADMIN))
    assert "Juchitán, Tehuantepec" in lupe.opens("/console/roster/new").text
    fields = form(lupe.page.text, "/console/roster/new") | {"code": "7", "name": "Na Lupe", "phone": "+16175550171"}
    fields |= {"language_0": "Zapotec", "variety_0": "Juchitan", "proficiency_0": "5"}
    lupe.sends("/console/roster/new", **fields)
    assert lupe.page.status_code == 200
    assert "Zapotec (Juchitán) 5" in lupe.page.text
    assert "Na Lupe" in lupe.opens("/console/roster?find=juchit%C3%A1n").text
    assert 'value="Juchitán"' in lupe.opens("/console/roster/one/7").text
    lupe.sends("/console/roster/new", **fields | {"code": "8", "variety_0": "Atlantis"})
    assert lupe.page.status_code == 422
    assert "is no variety of Zapotec that is known here" in lupe.page.text


def test_a_dispatcher_sets_the_variety_and_it_is_audited(house: House) -> None:
    request_id = asked(house, "zap")
    dana = house.browser()
    dana.signs_in(house.account("dana"))
    page = f"/console/requests/{request_id}"
    assert acts(dana, request_id, "variety", dana.opens(page).text, variety="zap-juchitan") == 200
    assert "Zapotec (Juchitán)" in dana.opens(page).text
    assert "The variety is Zapotec (Juchitán)" in dana.page.text
    assert dana.opens("/console/board.json").json()["open"][0]["variety"] == "Juchitán"
    with house.store.reading() as tx:
        assert ("dana", "VarietyNamed") in [(one.account, one.action) for one in tx.audit_entries()]
    assert acts(dana, request_id, "variety", dana.opens(page).text, variety="zap-atlantis") == 409


def test_the_request_page_tells_which_varieties_were_wrong(house: House) -> None:
    request_id = asked(house, "zap")
    need = Need(languages=("zap",), not_varieties=("zap-mitla",))
    house.intake.report(request_id, events.TextReceived(need, "not mitla"))
    dana = house.browser()
    dana.signs_in(house.account("dana"))
    assert "Zapotec (Mitla)" in dana.opens(f"/console/requests/{request_id}").text
