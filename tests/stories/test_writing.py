"""A texter who cannot talk: an interpreter writes with them, the duty desk reads and asks, and no phone rings."""

from tests.stories.installation import DESK, HOTLINE, JEAN, MARIE, Installation

TEXTER = "+16175550151"


def test_a_session_in_writing_from_the_first_text_to_the_last(town: Installation) -> None:
    def writes(phone: str, body: str) -> None:
        town.phones.do(phone, "text", to=HOTLINE, body=body)

    writes(TEXTER, "kreyòl ayisyen")
    town.heard(TEXTER, "reponn TEXT")
    writes(TEXTER, "text")
    town.heard(JEAN, "can you write with a Haitian Creole speaker now")
    town.heard(MARIE, "can you write with a Haitian Creole speaker now")
    writes(TEXTER, "Mari m deyò a, li gen yon kouto")
    rung = town.happened("ringing", JEAN)

    writes(JEAN, "YES")
    town.heard(TEXTER, ") la, l ap li sa ou ekri")
    town.heard(MARIE, "Nobody needs you for this conversation")
    town.heard(JEAN, "They write: Mari m deyò a, li gen yon kouto")
    town.heard(DESK, "A Haitian Creole speaker writes with an interpreter")
    writes(JEAN, "Ki kote ou ye?")
    town.heard(TEXTER, "Ki kote ou ye?")
    town.eventually("they write", lambda b: [r for r in b["open"] if r["words"] == "writing with an interpreter"])

    writes(JEAN, "DESK Her husband is outside with a knife.")
    town.heard(DESK, "Haitian Creole interpreter: Her husband is outside with a knife.")
    writes(DESK, "Police are on the way. Is the door locked?")
    town.heard(JEAN, "Desk: Police are on the way. Is the door locked?")

    everything = [str(one.get("body")) for one in town.phones.so_far() if one["kind"] == "text"]
    for number in (TEXTER, JEAN):
        assert not [body for body in everything if number[2:] in body or number[-4:] in body]
    assert town.happened("ringing", JEAN) == rung
    assert not town.happened("ringing", DESK)

    writes(JEAN, "DONE")
    town.heard(TEXTER, "Demann ou an fèmen")
    town.heard(DESK, "The conversation in writing is over")
    told = town.ended("completed")
    assert (told["result"], told["outcome"]) == ("connected", "interpreter said that it is done")
    assert told["connected"] is not None
