"""What the board's stream sends."""

from hypothesis import given
from hypothesis import strategies as st

from dispatch.console.live import only_changes

Rows = list[dict[str, object]]
rosters = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 2)).map(
    lambda told: [{"id": name, "status": status} for name, status in told.items()]
)


@given(rosters, rosters)
def test_changes_put_into_what_was_known_give_the_whole_roster(before: Rows, after: Rows) -> None:
    whole, known = only_changes({"roster": before}, None)
    assert whole == {"roster": before}
    sent, known_now = only_changes({"roster": after}, known)
    merged = {one["id"]: one for one in before if one["id"] not in sent["roster_gone"]}
    merged |= {one["id"]: one for one in sent["roster"]}
    assert merged == known_now == {one["id"]: one for one in after}
    unchanged = [one for one in after if one in before]
    assert not [one for one in sent["roster"] if one in unchanged]
