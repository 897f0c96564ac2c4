"""The way in: password, second factor, lock, sign-out, and the first account."""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dispatch import accounts, credentials
from dispatch.accounts import FREE_GUESSES, Account, AccountRole, ConsoleSession, Stage
from dispatch.console import first_run_pages
from dispatch.console.guard import Guard
from dispatch.console.visits import Console, Visit, back_to
from dispatch.store import Transaction


def routes(console: Console, guard: Guard) -> list[BaseRoute]:
    """The addresses that lead in and out."""
    door = Door(console, guard)
    second, enrol = Stage.SECOND_FACTOR, Stage.ENROLLING
    return [
        Route("/console/sign-in", guard.anybody(door.sign_in_page)),
        Route("/console/sign-in", guard.anybody(door.sign_in), methods=["POST"]),
        Route("/console/second-factor", guard.halfway(door.second_factor_page, second)),
        Route("/console/second-factor", guard.halfway(door.second_factor, second), methods=["POST"]),
        Route("/console/enrol", guard.halfway(door.enrol_page, enrol)),
        Route("/console/enrol", guard.halfway(door.enrol, enrol), methods=["POST"]),
        Route("/console/locked", guard.halfway(door.locked_page, Stage.IN)),
        Route("/console/locked", guard.halfway(door.unlock, Stage.IN), methods=["POST"]),
        Route("/console/lock", guard.signed_in(door.lock), methods=["POST"]),
        Route("/console/active", guard.signed_in(lambda visit: Response(status_code=204)), methods=["POST"]),
        Route("/console/sign-out", guard.halfway(door.sign_out, Stage.IN), methods=["POST"]),
        Route("/console/first-run", guard.signed_in(door.first_run), methods=["POST"]),
    ]


class Door:
    """The handlers."""

    def __init__(self, console: Console, guard: Guard) -> None:
        self._console = console
        self._store = console.store
        self._guard = guard
        self._pages = console.pages

    # -- password ------------------------------------------------------------------------------------------------------

    def sign_in_page(self, visit: Visit) -> Response:
        """Ask for name and password; nobody without accounts has to."""
        with self._store.reading() as tx:
            if not self._guard.has_accounts(tx):
                return back_to("/console/")
        return self._ask(visit, "", 200)

    def sign_in(self, visit: Visit) -> Response:
        """Check name and password, and go on to the second factor."""
        name, password = visit.text("name").lower(), str(visit.form.get("password", ""))
        subjects = self._subjects(visit, name)
        wait = self._wait(visit, subjects)
        if wait:
            return self._ask(visit, f"Too many wrong guesses. Try again in {wait} s.", 429)
        with self._store.reading() as tx:
            account = tx.account_named(name)
        usable = account is not None and not account.disabled
        right = credentials.password_matches(account.password_hash if account and usable else None, password)
        if account is None or not right:
            self._failed(visit, subjects, name if account else "", "wrong password")
            return self._ask(visit, "That name and password do not fit together.", 401)
        stage = Stage.SECOND_FACTOR if account.enrolled else Stage.ENROLLING
        with self._store.transaction() as tx:
            fresh = {"totp_secret": credentials.new_totp_secret()} if stage is Stage.ENROLLING else {}
            if fresh and not tx.change_own(account, **fresh):
                return self._ask(visit, "That name and password do not fit together.", 401)
            token = self._begin(tx, visit, account, stage)
        page = "/console/second-factor" if account.enrolled else "/console/enrol"
        return self._guard.give_token(back_to(page + _after(visit)), token)

    # -- second factor -------------------------------------------------------------------------------------------------

    def second_factor_page(self, visit: Visit) -> Response:
        """Ask for the code."""
        return self._pages.draw("second_factor.html", visit, problem="", next=visit.asked("next"))

    def second_factor(self, visit: Visit) -> Response:
        """Check the code, or a recovery code, and open the session."""
        account = _account(visit)
        problem = self._take_code(visit, account)
        if problem:
            return self._pages.draw("second_factor.html", visit, status=401, problem=problem, next=visit.text("next"))
        return self._let_in(visit, account, _next(visit.text("next")))

    def enrol_page(self, visit: Visit) -> Response:
        """Show the secret for an authenticator app."""
        return self._enrolling(visit, _account(visit), "", 200)

    def enrol(self, visit: Visit) -> Response:
        """The app's first code proves that it works; then the recovery codes are shown, once."""
        account = _account(visit)
        step = credentials.matching_step(account.totp_secret, visit.text("code"), visit.now, account.last_step)
        if step is None:
            return self._enrolling(visit, account, "That is not the code the app shows now. Try the next one.", 401)
        codes = credentials.new_recovery_codes()
        with self._store.transaction() as tx:
            kept = tuple(tx.recovery_hash(credentials.plain_code(code)) for code in codes)
            if not tx.change_own(account, enrolled=True, last_step=step, recovery=kept):
                return back_to("/console/sign-in")
            tx.audit(account.name, "second factor set up", account.name, "", visit.now)
        shown = self._pages.draw("recovery_codes.html", visit, codes=codes, go=_next(visit.text("next")))
        return self._opened(visit, account, shown)

    # -- lock and leave ------------------------------------------------------------------------------------------------

    def locked_page(self, visit: Visit) -> Response:
        """The console was left alone for too long."""
        return self._pages.draw("locked.html", visit, problem="", next=visit.asked("next"))

    def unlock(self, visit: Visit) -> Response:
        """The password opens it again; the second factor was given this shift."""
        account, session = _account(visit), visit.visitor.session
        subjects = self._subjects(visit, account.name)
        wait = self._wait(visit, subjects)
        problem = f"Too many wrong guesses. Try again in {wait} s." if wait else ""
        if not wait and not credentials.password_matches(account.password_hash, str(visit.form.get("password", ""))):
            self._failed(visit, subjects, account.name, "wrong password at the lock")
            problem = "That is not your password."
        if problem or session is None:
            return self._pages.draw("locked.html", visit, status=401, problem=problem, next=visit.text("next"))
        with self._store.transaction() as tx:
            tx.touch_session(session.token_hash, visit.now)
        return back_to(_next(visit.text("next")))

    def lock(self, visit: Visit) -> Response:
        """Lock it now."""
        session = visit.visitor.session
        if session is None:
            return back_to("/console/")
        with self._store.transaction() as tx:
            tx.touch_session(session.token_hash, session.created_at.replace(year=2000))
        return back_to("/console/locked")

    def sign_out(self, visit: Visit) -> Response:
        """End the session here and in the store."""
        session = visit.visitor.session
        with self._store.transaction() as tx:
            if session is not None:
                tx.close_session(session.token_hash)
            tx.audit(visit.visitor.name, "signed out", visit.visitor.name, "", visit.now)
        return self._guard.take_token(back_to("/console/sign-in"))

    # -- first run -----------------------------------------------------------------------------------------------------

    def first_run(self, visit: Visit) -> Response:
        """Make the first account, an admin's; afterwards everybody signs in."""
        name, password = visit.text("name").lower(), str(visit.form.get("password", ""))
        problem = accounts.name_problem(name) or accounts.password_problem(password, name)
        with self._store.transaction() as tx:
            if tx.any_account():
                return back_to("/console/")
            if problem:
                return first_run_pages.drawn(self._console, visit, "account", [problem], 422)
            account = new_account(name, AccountRole.ADMIN, password, visit)
            tx.add_account(replace(account, totp_secret=credentials.new_totp_secret()))
            tx.audit(visit.visitor.name, "account added", name, "admin, the first account", visit.now)
            token = self._begin(tx, visit, account, Stage.ENROLLING)
        return self._guard.give_token(back_to(f"/console/enrol?next={first_run_pages.ADDRESS}"), token)

    # -- what they share -----------------------------------------------------------------------------------------------

    def _ask(self, visit: Visit, problem: str, status: int) -> Response:
        wanted = visit.asked("next") or visit.text("next")
        return self._pages.draw(
            "sign_in.html", visit, status=status, problem=problem, name=visit.text("name"), next=wanted
        )

    def _enrolling(self, visit: Visit, account: Account, problem: str, status: int) -> Response:
        uri = credentials.totp_uri(account.totp_secret, account.name, self._console.in_force().agency)
        shown = {"qr": credentials.qr_svg(uri), "secret": account.totp_secret, "problem": problem}
        return self._pages.draw(
            "enrol.html", visit, status=status, next=visit.asked("next") or visit.text("next"), **shown
        )

    def _take_code(self, visit: Visit, account: Account) -> str:
        """ "" when the code was right and is used up, otherwise what was wrong."""
        subjects = self._subjects(visit, account.name)
        wait = self._wait(visit, subjects)
        if wait:
            return f"Too many wrong guesses. Try again in {wait} s."
        code = visit.text("code")
        step = credentials.matching_step(account.totp_secret, code, visit.now, account.last_step)
        with self._store.transaction() as tx:
            spent = tx.recovery_hash(credentials.plain_code(code))
            if step is not None:
                after = replace(account, last_step=step)
            elif spent in account.recovery:
                after = replace(account, recovery=tuple(one for one in account.recovery if one != spent))
                tx.audit(account.name, "recovery code used", account.name, f"{len(after.recovery)} left", visit.now)
            else:
                after = account
            right = after is not account and tx.use_factor(account, after)
        if not right:
            self._failed(visit, subjects, account.name, "wrong code")
        return "" if right else "That is not the code the app shows now. A code is good for half a minute, and once."

    def _let_in(self, visit: Visit, account: Account, address: str) -> Response:
        with self._store.transaction() as tx:
            for subject in self._subjects(visit, account.name).values():
                tx.forget_failures(subject)
            tx.audit(account.name, "signed in", account.name, "", visit.now)
        return self._opened(visit, account, back_to(address))

    def _opened(self, visit: Visit, account: Account, response: Response) -> Response:
        """A new token for the open session: the one from before the second factor is worth nothing any more."""
        with self._store.transaction() as tx:
            if visit.visitor.session is not None:
                tx.close_session(visit.visitor.session.token_hash)
            token = self._begin(tx, visit, account, Stage.IN)
        return self._guard.give_token(response, token)

    def _begin(self, tx: Transaction, visit: Visit, account: Account, stage: Stage) -> str:
        token = credentials.new_token()
        tx.open_session(ConsoleSession(credentials.token_hash(token), account.id, stage, visit.now, visit.now))
        return token

    def _subjects(self, visit: Visit, name: str) -> dict[str, str]:
        client = visit.request.client
        return {"account": f"account {name}", "address": f"address {client.host if client else 'unknown'}"}

    def _wait(self, visit: Visit, subjects: dict[str, str]) -> int:
        with self._store.reading() as tx:
            waits: Iterable[float] = [
                accounts.wait_after(tx.failures(subject), visit.now, FREE_GUESSES[kind]).total_seconds()
                for kind, subject in subjects.items()
            ]
        return int(max(waits) + 0.999)

    def _failed(self, visit: Visit, subjects: dict[str, str], name: str, why: str) -> None:
        with self._store.transaction() as tx:
            for subject in subjects.values():
                tx.note_failure(subject, visit.now)
            tx.audit(name or "nobody known", "sign-in refused", name or "no such account", why, visit.now)


def new_account(name: str, role: AccountRole, password: str, visit: Visit) -> Account:
    """An account as it begins: its second factor is set up at the first sign-in."""
    return Account(secrets.token_hex(8), name, role, credentials.hash_password(password), visit.now)


def _account(visit: Visit) -> Account:
    account = visit.visitor.account
    if account is None:
        raise RuntimeError("a page for people with a password was shown to somebody without")
    return account


def _next(wanted: str) -> str:
    """Where to go on: an address of the console's own, nowhere else."""
    path = wanted.partition("?")[0]
    plain = path.startswith("/console/") and "//" not in path and "\\" not in path
    return wanted if plain else "/console/"


def _after(visit: Visit) -> str:
    wanted = _next(visit.text("next"))
    return f"?next={quote(wanted)}" if wanted != "/console/" else ""
