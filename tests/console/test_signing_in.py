"""The way in, as a browser walks it, on both databases."""

import re
from dataclasses import replace

import pyotp
import pytest

from dispatch import credentials
from dispatch.accounts import AccountRole
from tests.console.conftest import PASSWORD, House
from tests.console.forms import form


def test_without_accounts_this_machine_is_let_in_and_told_so(house: House) -> None:
    page = house.browser().opens("/console/")
    assert page.status_code == 200
    assert "Make the first account" in page.text
    assert house.browser().opens("/console/board.json").json()["open"] == []


def test_the_first_account_is_an_admin_and_closes_the_door_behind(house: House) -> None:
    admin = house.browser()
    admin.opens("/console/first-run")
    assert "at least 12 characters" in admin.sends("/console/first-run", name="amina", password="short").text
    page = admin.sends("/console/first-run", name="amina", password=PASSWORD)
    assert page.url.path == "/console/enrol"
    secret = re.search(r'class="secret">([A-Z2-7]+)<', page.text)
    assert secret
    assert "wrong" not in page.text
    assert admin.sends("/console/enrol", code="000000").status_code == 401
    codes = admin.sends("/console/enrol", code=pyotp.TOTP(secret.group(1)).at(house.clock.now()))
    assert len(re.findall(r"<code>[a-z2-7]{5}-[a-z2-7]{5}</code>", codes.text)) == 10
    assert admin.opens("/console/").status_code == 200
    assert "amina" in admin.opens("/console/accounts").text
    assert house.browser().opens("/console/").url.path == "/console/sign-in"
    assert house.browser().opens("/console/board.json").status_code == 401
    other = house.browser()
    other.opens("/console/sign-in")
    assert other.sends("/console/first-run", name="mallory", password=PASSWORD).url.path == "/console/sign-in"


def test_an_account_that_is_disabled_while_its_owner_changes_the_password_stays_disabled(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, browser = house.account("amina"), house.browser()
    browser.signs_in(account)
    browser.opens("/console/me")

    def hashed_meanwhile(password: str) -> str:
        with house.store.transaction() as tx:
            tx.change_account(replace(account, disabled=True))
            tx.close_sessions_of(account.id)
        return credentials.token_hash(password)

    monkeypatch.setattr(credentials, "hash_password", hashed_meanwhile)
    browser.sends("/console/me", old=PASSWORD, password="copper meadow window")
    assert browser.page.url.path == "/console/sign-in"
    with house.store.reading() as tx:
        now = tx.account_named("amina")
    assert now is not None
    assert (now.disabled, now.password_hash) == (True, account.password_hash)


def test_an_account_that_is_disabled_while_its_password_is_checked_stays_disabled(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = replace(house.account("amina"), enrolled=False)
    with house.store.transaction() as tx:
        tx.change_account(account)
    right = credentials.password_matches

    def checked_meanwhile(kept: str | None, password: str) -> bool:
        with house.store.transaction() as tx:
            tx.change_account(replace(account, disabled=True))
        return right(kept, password)

    monkeypatch.setattr(credentials, "password_matches", checked_meanwhile)
    browser = house.browser()
    browser.opens("/console/sign-in")
    assert browser.sends("/console/sign-in", name="amina", password=PASSWORD).status_code == 401
    with house.store.reading() as tx:
        now = tx.account_named("amina")
    assert now is not None
    assert now.disabled


def test_a_form_of_a_length_that_nobody_knows_is_not_read(house: House) -> None:
    sent = house.browser().client.post(
        "/console/sign-in",
        content=iter([b"name=", b"a" * 100]),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert sent.status_code == 413


def test_password_and_code_open_the_board_and_idleness_locks_it(house: House) -> None:
    account = house.account("amina")
    browser = house.browser()
    assert browser.signs_in(account).url.path == "/console/"
    house.clock.passes(minutes=14)
    assert browser.opens("/console/").url.path == "/console/"
    house.clock.passes(minutes=15)
    assert browser.opens("/console/board.json").json() == {"sign_in": "/console/locked"}
    browser.opens("/console/me")
    assert browser.page.url.path == "/console/locked"
    assert browser.sends("/console/locked", password="nonsense", next="/console/me").status_code == 401
    assert browser.sends("/console/locked", password=PASSWORD, next="/console/me").url.path == "/console/me"


def test_what_was_looked_at_is_there_again_after_signing_in_and_unlocking(house: House) -> None:
    account, browser = house.account("amina", AccountRole.ADMIN), house.browser()
    wanted = "/console/reports?from=2026-02-01&to=2026-02-28&unit=Unit%2012%20%26%20Co"
    browser.opens(wanted)
    for code in ("", pyotp.TOTP(account.totp_secret).at(house.clock.now())):
        address = str(browser.page.url.path)
        browser.sends(
            address, **form(browser.page.text, address) | {"name": "amina", "password": PASSWORD, "code": code}
        )
    assert browser.page.url.raw_path.decode() == wanted
    house.clock.passes(minutes=15)
    browser.opens(wanted)
    browser.sends("/console/locked", **form(browser.page.text, "/console/locked") | {"password": PASSWORD})
    assert browser.page.url.raw_path.decode() == wanted


def test_watching_the_board_alone_is_no_sign_of_life(house: House) -> None:
    account = house.account("amina")
    browser = house.browser()
    browser.signs_in(account)
    for _ in range(15):
        house.clock.passes(minutes=1)
        answer = browser.opens("/console/board.json")
    assert answer.status_code == 401


def test_a_shift_is_over_after_thirteen_hours_however_busy(house: House) -> None:
    account = house.account("amina")
    browser = house.browser()
    browser.signs_in(account)
    for _ in range(13 * 6):
        house.clock.passes(minutes=10)
        browser.opens("/console/")
    assert browser.page.url.path == "/console/sign-in"


def test_a_wrong_password_says_nothing_about_who_exists_and_slows_guessing(house: House) -> None:
    account = house.account("amina")
    browser = house.browser()
    browser.opens("/console/sign-in")
    told = [browser.sends("/console/sign-in", name=name, password="wrong guess").text for name in ("amina", "nobody")]
    assert all("do not fit together" in text for text in told)
    for _ in range(4):
        browser.sends("/console/sign-in", name="amina", password="wrong guess")
    assert browser.sends("/console/sign-in", name="amina", password=PASSWORD).status_code == 429
    house.clock.passes(seconds=16)
    assert browser.sends("/console/sign-in", name="amina", password=PASSWORD).url.path == "/console/second-factor"
    with house.store.reading() as tx:
        assert "sign-in refused" in [one.action for one in tx.audit_entries()]
    assert account.name == "amina"


def test_codes_are_guessed_no_faster_than_passwords(house: House) -> None:
    account = house.account("amina")
    browser = house.browser()
    browser.opens("/console/sign-in")
    browser.sends("/console/sign-in", name="amina", password=PASSWORD)
    for _ in range(5):
        assert browser.sends("/console/second-factor", code="000000").status_code == 401
    right = pyotp.TOTP(account.totp_secret).at(house.clock.now())
    assert "Too many" in browser.sends("/console/second-factor", code=right).text


def test_a_recovery_code_works_once(house: House) -> None:
    account = house.account("amina")
    with house.store.transaction() as tx:
        tx.change_account(replace(account, recovery=(tx.recovery_hash("abcdefghij"),)))
    for expected in ("/console/", "/console/second-factor"):
        browser = house.browser()
        browser.opens("/console/sign-in")
        browser.sends("/console/sign-in", name="amina", password=PASSWORD)
        assert browser.sends("/console/second-factor", code="ABCDE-fghij").url.path == expected


@pytest.mark.parametrize(
    ("role", "allowed", "refused"),
    [
        (AccountRole.DISPATCHER, "/console/", "/console/audit"),
        (AccountRole.DISPATCHER, "/console/reports", "/console/prompts"),
        (AccountRole.ROSTER_MANAGER, "/console/prompts/som", "/console/"),
        (AccountRole.AUDITOR, "/console/audit", "/console/accounts"),
        (AccountRole.ADMIN, "/console/accounts", ""),
    ],
)
def test_roles_get_to_their_own_pages_alone(house: House, role: AccountRole, allowed: str, refused: str) -> None:
    browser = house.browser()
    browser.signs_in(house.account("amina", role))
    assert browser.opens(allowed).status_code == 200
    if refused:
        assert browser.opens(refused).status_code == 403


def test_a_disabled_account_is_out_at_once(house: House) -> None:
    victim, admin = house.browser(), house.browser()
    victim.signs_in(house.account("luis"))
    admin.signs_in(house.account("amina", AccountRole.ADMIN))
    admin.opens("/console/accounts")
    assert "disabled" in admin.sends("/console/accounts/luis", action="disable").text
    assert victim.opens("/console/").url.path == "/console/sign-in"
    victim.sends("/console/sign-in", name="luis", password=PASSWORD)
    assert victim.page.status_code == 401
    assert admin.sends("/console/accounts/amina", action="disable").status_code == 409


def test_a_reset_sets_the_second_factor_up_anew(house: House) -> None:
    admin, luis = house.browser(), house.browser()
    house.account("luis")
    admin.signs_in(house.account("amina", AccountRole.ADMIN))
    admin.opens("/console/accounts")
    admin.sends("/console/accounts/luis", action="reset", password="another long secret")
    luis.opens("/console/sign-in")
    assert luis.sends("/console/sign-in", name="luis", password="another long secret").url.path == "/console/enrol"


def test_changing_ones_password_needs_the_old_one(house: House) -> None:
    browser = house.browser()
    browser.signs_in(house.account("amina"))
    browser.opens("/console/me")
    assert browser.sends("/console/me", old="wrong", password="another long secret").status_code == 422
    assert "is changed" in browser.sends("/console/me", old=PASSWORD, password="another long secret").text
    assert browser.opens("/console/").url.path == "/console/"


def test_forms_of_other_pages_do_nothing(house: House) -> None:
    browser = house.browser()
    browser.signs_in(house.account("amina"))
    page = browser.client.post("/console/me", data={"old": PASSWORD, "password": "another long secret"})
    assert page.status_code == 403
    crossed = browser.client.post("/console/lock", headers={"sec-fetch-site": "cross-site"})
    assert crossed.status_code == 403
    cookie = browser.client.cookies.jar._cookies["127.0.0.1"]["/"]["dispatch"]  # type: ignore[attr-defined]
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "strict"


def test_leaving_is_leaving(house: House) -> None:
    browser = house.browser()
    browser.signs_in(house.account("amina"))
    token = dict(browser.client.cookies)
    browser.opens("/console/")
    browser.sends("/console/sign-out")
    browser.client.cookies.update(token)
    assert browser.opens("/console/").url.path == "/console/sign-in"


def test_after_signing_in_one_stays_in_the_house(house: House) -> None:
    account = house.account("amina")
    browser = house.browser()
    browser.opens("/console/sign-in?next=//evil.example/")
    browser.sends("/console/sign-in", name="amina", password=PASSWORD, next="https://evil.example/")
    code = pyotp.TOTP(account.totp_secret).at(house.clock.now())
    assert browser.sends("/console/second-factor", code=code, next="/console/..//evil.example").url.path == "/console/"
