"""How it is known that a vendor's interpreter spoke, in the reports and on the request page."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.accounts import AccountRole
from dispatch.conversation import new_request
from dispatch.request import Channel, Reach, RequestState
from tests.console.conftest import House
from tests.dispatch.people import officer


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_assumed_heard_and_said_are_told_apart(house: House) -> None:
    begun = house.clock.now() - timedelta(hours=2)
    known: dict[str, str] = {}
    with house.store.transaction() as tx:
        tx.add_requester(officer())
        for how, seconds in (("heard", 50), ("assumed", 90), ("assumed", 95), ("key", 60), ("", 12)):
            made = replace(
                new_request(officer(), Channel.TEXT, begun),
                language="tir",
                state=RequestState.COMPLETED,
                reach=Reach(vendor="Acme" if how else "", vendor_spoke=how),
                connected_at=begun + timedelta(seconds=seconds),
                ended_at=begun + timedelta(minutes=9),
            )
            tx.create_request(made)
            known[how] = made.id
    boss = house.browser()
    boss.signs_in(house.account("amina", AccountRole.ADMIN))
    page = boss.opens("/console/reports").text
    assert "Vendor lines" in page
    rows = boss.opens("/console/reports.csv?table=vendor").text.splitlines()[1:]
    counted = {row.split(",")[0]: int(row.split(",")[1]) for row in rows}
    assert counted == {
        "assumed after the vendor's usual hold": 2,
        "heard on the vendor's line": 1,
        "said by the requester": 1,
    }
    assert "heard on the vendor's line" in boss.opens(f"/console/requests/{known['heard']}").text.replace("&#39;", "'")
