"""Nobody goes the whole way: a relay of two interpreters, and the vendor line, end to end."""

from tests.stories.installation import HOTLINE, LUIS, OFFICER, ROSA, Installation

PETRONA = "+16175550123"
ACME = "+18005550100"


def test_two_interpreters_make_a_relay_through_spanish(town: Installation) -> None:
    town.phones.behave(PETRONA, answers="yes", press="1", after=1.0, press_after=1.0)
    town.accepts(ROSA, LUIS)
    town.answers(OFFICER)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="qanjobal, urgent")
    town.heard(OFFICER, "we look for two interpreters, through Spanish")
    # Petrona works between Q'anjob'al and Spanish: she is spoken to, and written to, in Spanish.
    town.heard(PETRONA, "Interpretación por relevo entre q'anjob'al y español, por teléfono, urgente")
    town.heard(PETRONA, "siga en la línea mientras llamamos al segundo intérprete")
    room = town.saw("joined", PETRONA)["conference"]
    town.saw("joined", OFFICER, conference=room)
    talk = town.eventually("they talk", lambda b: [r for r in b["open"] if r["state"] == "connected"])[0]
    assert sorted(offer["state"] for offer in talk["offers"] if offer["state"] == "accepted") == ["accepted"] * 2
    town.phones.do(OFFICER, "hang-up")
    ended = town.ended("completed")
    assert (ended["language"], ended["result"]) == ("Q'anjob'al", "connected")
    town.saw("ended", PETRONA)
    town.phones.do(PETRONA, "text", to=HOTLINE, body="ON")
    town.heard(PETRONA, "Está activo y podemos llamarle")


def test_the_vendor_line_gets_its_code_as_keys_and_its_hold_counts(town: Installation) -> None:
    town.answers(ACME, OFFICER)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="tigrinya, urgent")
    town.heard(OFFICER, "calling the vendor line for you")
    assert town.saw("keys sent", ACME)["digits"] == "1234#"
    room = town.saw("joined", ACME)["conference"]
    town.saw("joined", OFFICER, conference=room)
    town.heard(OFFICER, "Text OK when they speak")
    town.eventually("the vendor's hold", lambda b: [r for r in b["open"] if r["state"] == "connecting"])
    town.phones.do(OFFICER, "text", to=HOTLINE, body="OK")
    town.eventually("they talk", lambda b: [r for r in b["open"] if r["state"] == "connected"])
    town.phones.do(OFFICER, "hang-up")
    assert town.ended("completed")["result"] == "connected"
    town.saw("ended", ACME)


def test_the_vendors_interpreter_is_heard_behind_their_menu_and_music(town: Installation) -> None:
    menu = {"text": "Thank you for calling Acme. For Spanish, press one. For other languages, please hold."}
    person = {"text": "Hello, this is interpreter number four five two. How may I help you?"}
    says = [menu, {"music": 2}, person, {"silence": 2}]
    town.phones.behave(ACME, answers="yes", says=says)
    town.answers(OFFICER)
    try:
        town.phones.do(OFFICER, "text", to=HOTLINE, body="tigrinya, urgent")
        town.saw("streaming", ACME)
        talk = town.eventually("they talk", lambda b: [r for r in b["open"] if r["state"] == "connected"])[0]
        with town.store.reading() as tx:
            request = tx.request(talk["id"])
        assert request is not None
        assert request.reach.vendor_spoke == "heard"
        town.phones.do(OFFICER, "hang-up")
        assert town.ended("completed")["result"] == "connected"
    finally:
        town.phones.behave(ACME, says=[])
