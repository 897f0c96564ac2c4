"""Roles, sessions, throttling, codes, and the audit log's chain."""

import re
import threading
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch import accounts, audit, credentials
from dispatch.accounts import ALLOWED, AccountRole, ConsoleSession, May, Stage, Standing
from dispatch.store import Store
from tests.dispatch.requests import NOON


def test_only_admins_manage_accounts_and_auditors_change_nothing() -> None:
    assert [role for role in AccountRole if May.ACCOUNTS in ALLOWED[role]] == [AccountRole.ADMIN]
    assert not ALLOWED[AccountRole.AUDITOR] & {May.ACT, May.CHANGE_ROSTER, May.REVEAL, May.ACCOUNTS}
    assert May.WATCH not in ALLOWED[AccountRole.ROSTER_MANAGER]


@pytest.mark.parametrize(
    ("stage", "created", "idle", "expected"),
    [
        (Stage.IN, 20, 14, Standing.OPEN),
        (Stage.IN, 20, 15, Standing.LOCKED),
        (Stage.IN, 13 * 60, 0, Standing.OVER),
        (Stage.SECOND_FACTOR, 9, 9, Standing.OPEN),
        (Stage.SECOND_FACTOR, 10, 0, Standing.OVER),
        (Stage.ENROLLING, 10, 0, Standing.OVER),
    ],
)
def test_a_session_is_open_then_locked_then_over(stage: Stage, created: int, idle: int, expected: Standing) -> None:
    minute = timedelta(minutes=1)
    session = ConsoleSession("t", "a", stage, NOON - created * minute, NOON - idle * minute)
    assert accounts.standing(session, NOON, 15) is expected


def test_the_first_guesses_are_free_then_waiting_doubles_up_to_a_quarter_of_an_hour() -> None:
    def wait(failures: int) -> float:
        return accounts.wait_after([NOON] * failures, NOON, 5).total_seconds()

    assert [wait(count) for count in (4, 5, 6, 7, 11, 40)] == [0, 15, 30, 60, 900, 900]
    assert accounts.wait_after([NOON] * 40, NOON + timedelta(hours=1), 5) == timedelta(0)


@given(st.lists(st.integers(0, 7200), max_size=60), st.integers(1, 30))
def test_nobody_waits_longer_than_a_quarter_of_an_hour(ago: list[int], free: int) -> None:
    failures = [NOON - timedelta(seconds=seconds) for seconds in ago]
    wait = accounts.wait_after(failures, NOON, free)
    assert timedelta(0) <= wait <= timedelta(minutes=15)
    if len([seconds for seconds in ago if seconds < 3600]) < free:
        assert not wait


@pytest.mark.parametrize(
    ("password", "part"),
    [
        ("short", "12 characters"),
        ("amina.diallo is here", "name"),
        ("aaaaaaaaaaaaaaaa", "different"),
        ("x" * 300, "at most"),
    ],
)
def test_passwords_that_will_not_do_say_why(password: str, part: str) -> None:
    assert part in accounts.password_problem(password, "amina.diallo")


def test_a_long_plain_password_will_do() -> None:
    assert accounts.password_problem("violet harbour lantern", "amina") == ""


def test_a_code_is_good_for_its_step_and_its_neighbours_and_only_once() -> None:
    secret = credentials.new_totp_secret()
    totp = pyotp.TOTP(secret)
    step = credentials.matching_step(secret, totp.at(NOON), NOON, 0)
    assert step is not None
    assert credentials.matching_step(secret, totp.at(NOON), NOON, step) is None
    assert credentials.matching_step(secret, totp.at(NOON), NOON + timedelta(seconds=30), 0) == step
    assert credentials.matching_step(secret, totp.at(NOON), NOON + timedelta(seconds=90), 0) is None
    assert credentials.matching_step(secret, "not a code", NOON, 0) is None


def test_the_qr_code_keeps_its_quiet_zone_however_large_it_is_drawn() -> None:
    drawn = credentials.qr_svg(credentials.totp_uri(credentials.new_totp_secret(), "amina", "City Interpreter Line"))
    size = re.search(r'viewBox="0 0 (\d+) (\d+)"', drawn)
    assert size
    assert "style" not in drawn
    assert size.group(1) == size.group(2)
    assert "M4 4.5h7" in drawn  # the first finder pattern begins four modules in


def test_no_account_takes_as_long_and_never_fits() -> None:
    assert not credentials.password_matches(None, "anything at all")
    assert credentials.password_matches(credentials.hash_password("open sesame now"), "open sesame now")


def test_the_chain_holds_and_any_change_breaks_it(store: Store) -> None:
    for number in range(5):
        with store.transaction() as tx:
            tx.audit("amina", "rang", f"request {number}", "é", NOON + timedelta(seconds=number))
    with store.reading() as tx:
        entries, digest = list(tx.audit_entries()), tx.audit_digest
        verdict = audit.verify(entries, digest)
        assert (verdict.entries, verdict.broken_at) == (5, None)
        assert verdict.head == entries[-1].hash
        changed = [*entries[:2], replace(entries[2], subject="request 9"), *entries[3:]]
        assert audit.verify(changed, digest).broken_at == entries[2].seq
        assert audit.verify([*entries[:2], *entries[3:]], digest).broken_at == entries[3].seq
        assert audit.verify([entries[1], entries[0], *entries[2:]], digest).broken_at == entries[1].seq
        forged = replace(entries[4], detail="x")
        plain = replace(forged, hash="0" * 64)
        assert audit.verify([*entries[:4], plain], digest).broken_at == entries[4].seq
        assert [one.subject for one in tx.audit_page("request 3", None, 10)] == ["request 3"]
        assert [one.seq for one in tx.audit_page("", entries[2].seq, 10)] == [entries[1].seq, entries[0].seq]


def test_lines_written_at_once_are_still_one_chain(store: Store) -> None:
    failures: list[Exception] = []

    def write(account: str) -> None:
        try:
            for number in range(10):
                with store.transaction() as tx:
                    tx.audit(account, "rang", f"request {number}", "", NOON)
        except Exception as error:  # noqa: BLE001 (whatever it is, the test shows it)
            failures.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in ("amina", "luis", "rosa", "dana")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with store.reading() as tx:
        verdict = audit.verify(tx.audit_entries(), tx.audit_digest)
    assert (verdict.entries, verdict.broken_at) == (40, None)


def test_accounts_sessions_and_failures_are_kept(store: Store) -> None:
    account = accounts.Account("a1", "amina", AccountRole.DISPATCHER, "hash", NOON, "SECRET", True, 7, ("h1", "h2"))
    with store.transaction() as tx:
        assert not tx.any_account()
        tx.add_account(account)
        tx.open_session(ConsoleSession("token", "a1", Stage.IN, NOON, NOON))
        tx.note_failure("account amina", NOON)
    with store.transaction() as tx:
        assert tx.any_account()
        assert tx.account_named("amina") == tx.account("a1") == account
        assert tx.failures("account amina") == [NOON]
        assert tx.failures("account other") == []
        assert tx.use_factor(account, replace(account, last_step=8))
        assert not tx.use_factor(account, replace(account, last_step=9))
        tx.touch_session("token", NOON + timedelta(minutes=1))
    with store.reading() as tx:
        session = tx.console_session("token")
        assert session is not None
        assert session.seen_at == NOON + timedelta(minutes=1)
    with store.transaction() as tx:
        tx.close_sessions_of("a1")
        tx.forget_failures("account amina")
        assert tx.console_session("token") is None
        assert tx.failures("account amina") == []
