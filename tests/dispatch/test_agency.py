"""What the console keeps of the agency: read from forms, stored by version, in force in every process."""

from datetime import timedelta
from pathlib import Path

import pytest

from dispatch.agency import Profile, Source, changes, read_profile, source
from dispatch.agency_in_force import LOOK_SECONDS, SettingsInForce
from dispatch.errors import Conflict, SettingsInvalid
from dispatch.policy import Policy
from dispatch.settings import Settings
from dispatch.store import Store
from tests.conftest import KEY
from tests.dispatch.requests import NOON


def test_every_field_that_will_not_do_is_named() -> None:
    sent = {"name": "X", "greeting_languages": "0", "desk": "12"}
    with pytest.raises(SettingsInvalid) as refused:
        read_profile(Profile(), sent, ["Spanish", "Klingon", "ase"], "US")
    told = "\n".join(refused.value.problems)
    for field in ("Agency's name:", "Languages of the greeting:", "Duty desk:", "Language 2:", "Language 3:"):
        assert field in told
    assert "Language 1" not in told


def test_what_was_not_sent_stays_and_languages_keep_their_order() -> None:
    before = Profile(3, "Town", ("eng",), 2, "+16175550199")
    after = read_profile(before, {"greeting_languages": "1"}, ["mam", "Spanish", "spa", "English"], "US")
    assert after == Profile(3, "Town", ("mam", "spa", "eng"), 1, "+16175550199")
    assert read_profile(before, {"desk": ""}, [], "US").desk == ""


def test_the_audit_log_is_told_what_changed_but_no_number() -> None:
    told = changes(Profile(), Profile(0, "Town", ("mam", "spa"), None, "+16175550199"))
    assert told == "name: Town; languages: mam, spa; duty desk set"


def test_each_value_says_where_it_comes_from() -> None:
    assert source("agency", Profile(name="Town"), "City", "City") is Source.CONSOLE
    assert source("agency", Profile(), "Town", "City") is Source.ENVIRONMENT
    assert source("agency", Profile(), "City", "City") is Source.DEFAULT


def test_the_second_of_two_who_change_it_at_once_is_told(store: Store) -> None:
    for version, first, second in ((0, "Town", "Village"), (1, "Port", "Hill")):
        with store.transaction() as tx:
            tx.save_agency_profile(Profile(version, first, desk="+16175550199"), NOON)
        with pytest.raises(Conflict), store.transaction() as tx:
            tx.save_agency_profile(Profile(version, second), NOON)
        with store.reading() as tx:
            assert tx.agency_profile() == Profile(version + 1, first, desk="+16175550199")


def test_a_change_is_in_force_in_other_processes_within_a_second(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    store, elsewhere = Store(url, KEY), Store(url, KEY)
    store.migrate()
    told = Settings(_env_file=None, secret_key=KEY, state_dir=tmp_path, desk="+16175550199")  # type: ignore[call-arg, arg-type]
    seconds = [0.0]
    in_force = SettingsInForce(told, elsewhere, lambda: seconds[0])
    policy = in_force.policy(Policy(agency="overlaid", ring_seconds=7))
    assert told.desk_number is not None
    assert (in_force().agency, policy().desk) == ("City Interpreter Line", True)
    with store.transaction() as tx:
        tx.save_agency_profile(Profile(0, "Town", ("mam", "spa"), 1, ""), NOON + timedelta(hours=1))
    assert in_force().agency == "City Interpreter Line"
    seconds[0] += LOOK_SECONDS
    assert (in_force().agency, in_force().languages, in_force().desk_number) == ("Town", ("mam", "spa"), None)
    now = policy()
    assert (now.agency, now.agency_languages, now.greeting_languages, now.desk) == ("Town", ("mam", "spa"), 1, False)
    assert now.ring_seconds == 7
    assert policy() is now
    store.close()
    elsewhere.close()


def test_a_language_that_is_not_known_any_more_leaves_the_settings_as_they_were(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite3'}", KEY)
    store.migrate()
    with store.transaction() as tx:
        tx.save_agency_profile(Profile(0, "Town", ("spa", "gone"), 1, ""), NOON)
    told = Settings(_env_file=None, secret_key=KEY, agency="City")  # type: ignore[call-arg, arg-type]
    assert SettingsInForce(told, store)().agency == "City"
    store.close()


def test_without_the_store_the_settings_stay_as_they_were(tmp_path: Path) -> None:
    lost = Store(f"sqlite:///{tmp_path / 'nowhere' / 'store.sqlite3'}", KEY)
    told = Settings(_env_file=None, secret_key=KEY, agency="Town")  # type: ignore[call-arg, arg-type]
    assert SettingsInForce(told, lost)().agency == "Town"
    lost.close()
