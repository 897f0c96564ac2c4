"""Officers who text, end to end."""

from tests.stories.installation import DESK, HOTLINE, JEAN, LUIS, MARIE, OFFICER, ROSA, Installation


def test_a_named_language_becomes_an_interpreter_on_the_officers_phone(town: Installation) -> None:
    town.accepts(JEAN)
    town.answers(OFFICER)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="need haitian creole at 5th & Main, urgent")
    town.heard(OFFICER, "Haitian Creole, 5th & Main, urgent")
    room = town.saw("joined", JEAN)["conference"]
    town.saw("joined", OFFICER, conference=room)
    shown = town.eventually("they talk", lambda b: [r for r in b["open"] if r["state"] == "connected"])[0]
    assert (shown["language"], shown["place"], shown["urgency"]) == ("Haitian Creole", "5th & Main", "urgent")
    assert shown["who"] == "Officer Dana Walsh (Unit 12)"
    town.phones.do(OFFICER, "hang-up")
    town.saw("ended", JEAN)
    town.ended("completed")
    town.heard(OFFICER, "Call over")
    assert not town.happened("ringing", DESK)


def test_the_first_yes_wins_and_the_other_hears_that_it_is_taken(town: Installation) -> None:
    town.answers(JEAN, MARIE, OFFICER)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="haitian creole")
    town.heard(JEAN, "Haitian Creole")
    town.heard(MARIE, "Haitian Creole")
    town.phones.do(MARIE, "press", digits="1")
    town.heard(JEAN, "Somebody else has taken this one")
    room = town.saw("joined", MARIE)["conference"]
    town.saw("joined", OFFICER, conference=room)
    town.ends_the_talk(OFFICER)
    town.ended("completed")
    assert not town.happened("joined", JEAN)


def test_an_interpreter_who_is_cut_off_is_replaced_inside_the_call(town: Installation) -> None:
    town.phones.behave(MARIE, answers="yes", press="2")
    town.accepts(JEAN)
    town.answers(OFFICER)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="haitian creole")
    town.saw("joined", JEAN)
    town.saw("joined", OFFICER)
    town.eventually("they talk", lambda b: [r for r in b["open"] if r["state"] == "connected"])
    town.phones.do(JEAN, "hang-up")
    town.heard(OFFICER, "Haitian Creole interpreter was cut off")
    town.heard(OFFICER, "we are calling another one")
    town.eventually("nobody else can be rung", lambda b: [r for r in b["open"] if r["state"] == "waiting"])
    town.free(JEAN)
    town.phones.do(JEAN, "text", to=HOTLINE, body="on")
    town.eventually("they talk again", lambda b: [r for r in b["open"] if r["state"] == "connected"])
    town.phones.do(JEAN, "text", to=HOTLINE, body="done")
    assert town.ended("completed")["state"] == "completed"


def test_the_star_key_asks_for_another_interpreter_and_why_is_on_the_board(town: Installation) -> None:
    town.accepts(JEAN)
    town.answers(OFFICER)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="haitian creole")
    town.saw("joined", JEAN)
    town.saw("joined", OFFICER)
    shown = town.eventually("they talk", lambda b: [r for r in b["open"] if r["state"] == "connected"])[0]
    assert {line["name"].split()[0] for line in shown["why"]} == {"102", "103"}
    town.accepts(MARIE)
    town.phones.do(OFFICER, "press", digits="*")
    town.heard(OFFICER, "If the interpreter does not speak your language well, press 1")
    town.phones.do(OFFICER, "press", digits="1")
    town.saw("joined", MARIE)
    town.saw("ended", JEAN)
    again = town.eventually("they talk again", lambda b: [r for r in b["open"] if r["state"] == "connected"])[0]
    assert "kept out of this request" in [line["reason"] for line in again["why"]]
    town.phones.do(OFFICER, "hang-up")
    town.ended("completed")


def test_who_declines_is_not_asked_again_and_the_next_is_rung(town: Installation) -> None:
    town.phones.behave(ROSA, answers="yes", press="2")
    town.accepts(LUIS)
    town.answers(OFFICER)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="spanish")
    town.saw("joined", LUIS)
    town.saw("joined", OFFICER)
    town.ends_the_talk(OFFICER)
    town.ended("completed")
    assert len(town.happened("ringing", ROSA)) == 1


def test_yes_by_text_is_as_good_as_a_key(town: Installation) -> None:
    town.answers(OFFICER)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="haitian creole")
    town.saw("ringing", MARIE)
    town.phones.do(MARIE, "text", to=HOTLINE, body="Yes")
    town.heard(MARIE, "Thank you. Connecting you now.")
    town.phones.do(MARIE, "answer")
    room = town.saw("joined", MARIE)["conference"]
    town.saw("joined", OFFICER, conference=room)
    town.ends_the_talk(OFFICER)
    town.ended("completed")


def test_nobody_free_is_said_and_a_sign_on_is_noticed_at_once(town: Installation) -> None:
    town.accepts("+16175550121")
    town.answers(OFFICER)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="somali")
    town.heard(OFFICER, "All interpreters for this language are busy")
    alerts = town.eventually("the dispatcher is told", lambda b: b["alerts"])
    assert "Nobody is free for Somali" in alerts[0]["reason"]
    town.phones.do("+16175550121", "text", to=HOTLINE, body="ON")
    town.saw("joined", "+16175550121")
    town.saw("joined", OFFICER)
    town.ends_the_talk(OFFICER)
    town.ended("completed")
    town.phones.do("+16175550121", "text", to=HOTLINE, body="off")
    town.heard("+16175550121", "You are off")


def test_never_mind_stops_every_phone(town: Installation) -> None:
    town.phones.do(OFFICER, "text", to=HOTLINE, body="haitian creole")
    town.saw("ringing", JEAN)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="never mind, he left")
    town.saw("ended", JEAN, status="canceled")
    town.heard(OFFICER, "Closed.")
    town.ended("cancelled")


def test_an_unclear_text_gets_a_question_and_the_answer_goes_on(town: Installation) -> None:
    town.accepts(ROSA)
    town.answers(OFFICER)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="need an interpreter here")
    town.heard(OFFICER, "Which language?")
    town.phones.do(OFFICER, "text", to=HOTLINE, body="spanish")
    town.saw("joined", ROSA)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="status")
    town.heard(OFFICER, "Spanish: conn")
    town.saw("joined", OFFICER)
    town.phones.do(OFFICER, "hang-up")
    town.ended("completed")


def test_a_pasted_sentence_is_read_for_its_language(town: Installation) -> None:
    town.phones.do(OFFICER, "text", to=HOTLINE, body="mwen bezwen yon moun ki pale kreyòl tanpri")
    town.heard(OFFICER, "Haitian Creole")
    town.saw("ringing", JEAN)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="drop")
    town.ended("cancelled")


def test_a_mailbox_does_not_accept(town: Installation) -> None:
    town.phones.behave(JEAN, answers="voicemail")
    town.phones.do(OFFICER, "text", to=HOTLINE, body="haitian creole")
    town.saw("ringing", JEAN)
    town.saw("answered", JEAN)
    town.eventually(
        "the offer is lost to the machine",
        lambda b: [o for r in b["open"] for o in r["offers"] if o["state"] == "expired"],
    )
    town.phones.do(OFFICER, "text", to=HOTLINE, body="drop")
    town.ended("cancelled")


def test_an_interpreter_who_pauses_is_not_rung(town: Installation) -> None:
    town.phones.do(JEAN, "text", to=HOTLINE, body="BUSY 2h")
    town.heard(JEAN, "You will not be rung before")
    town.phones.do(OFFICER, "text", to=HOTLINE, body="haitian creole")
    town.saw("ringing", MARIE)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="drop")
    town.ended("cancelled")
    assert not town.happened("ringing", JEAN)
    town.phones.do(JEAN, "text", to=HOTLINE, body="on")
    town.heard(JEAN, "You are on")
