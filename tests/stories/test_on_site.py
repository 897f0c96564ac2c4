"""A sign language end to end: no phone rings, the interpreter is asked by text, comes, and the officer is told when."""

import re

from dispatch.people import Availability, Interpreter, PhoneNumber, Skill
from tests.stories.installation import HOTLINE, OFFICER, Installation

NAOMI = "+16175550131"


def test_an_interpreter_of_signs_comes_to_where_the_officer_is(town: Installation) -> None:
    naomi = Interpreter("i-naomi", "131", "Naomi Sayegh", PhoneNumber(NAOMI), (Skill("ase", 5),))
    with town.store.transaction() as tx:
        tx.put_interpreter(naomi)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="ASL on site at 5th & Main")
    town.heard(OFFICER, "American Sign Language on site at 5th & Main: no phone rings")
    asked = town.heard(NAOMI, "can you come now? American Sign Language, at 5th & Main")
    found = re.search(r"CAN (\w{4}) and", asked["body"])
    assert found
    town.phones.do(NAOMI, "text", to=HOTLINE, body=f"can {found.group(1)} 20")
    town.heard(NAOMI, "They know that you are coming")
    town.heard(OFFICER, "is on the way and expects to be with you in about 20 minutes")
    board = town.eventually("the board says so", lambda b: [r for r in b["open"] if "on the way" in r["words"]])
    assert board[0]["language"] == "American Sign Language"
    assert not town.happened("ringing", NAOMI)
    assert not town.happened("ringing", OFFICER)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="drop")
    town.heard(NAOMI, "Nobody is needed at 5th & Main any more")
    with town.store.reading() as tx:
        assert tx.interpreter(naomi.id).availability is Availability.ON
