"""Other people's accounts, one's own password, and the audit log."""

import csv
import io
from dataclasses import replace

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dispatch import accounts, audit, credentials
from dispatch.accounts import AccountRole, May
from dispatch.console.guard import Guard
from dispatch.console.signing_in import new_account
from dispatch.console.visits import Console, Visit, as_file, back_to

_LINES = 100


def routes(console: Console, guard: Guard) -> list[BaseRoute]:
    """The addresses of accounts and of the audit log."""
    pages = AccountPages(console)
    return [
        Route("/console/accounts", guard(pages.page, May.ACCOUNTS)),
        Route("/console/accounts", guard(pages.add, May.ACCOUNTS), methods=["POST"]),
        Route("/console/accounts/{name}", guard(pages.change, May.ACCOUNTS), methods=["POST"]),
        Route("/console/me", guard.signed_in(pages.me)),
        Route("/console/me", guard.signed_in(pages.change_password), methods=["POST"]),
        Route("/console/audit", guard(pages.audit, May.AUDIT)),
        Route("/console/audit.csv", guard(pages.audit_file, May.AUDIT)),
    ]


class AccountPages:
    """The handlers."""

    def __init__(self, console: Console) -> None:
        self._store = console.store
        self._pages = console.pages

    def page(self, visit: Visit) -> Response:
        """Everybody who has an account."""
        return self._listed(visit, "", 200)

    def add(self, visit: Visit) -> Response:
        """Give somebody an account; they set their second factor up at the first sign-in."""
        name, password, role = visit.text("name").lower(), str(visit.form.get("password", "")), visit.text("role")
        problem = accounts.name_problem(name) or accounts.password_problem(password, name)
        if not problem and role not in set(AccountRole):
            problem = "Choose a role."
        with self._store.transaction() as tx:
            if not tx.any_account():
                return back_to("/console/first-run")
            if not problem and tx.account_named(name) is not None:
                problem = "This name is taken."
            if not problem:
                tx.add_account(new_account(name, AccountRole(role), password, visit))
                tx.audit(visit.visitor.name, "account added", name, role, visit.now)
        return self._listed(visit, problem, 422) if problem else back_to("/console/accounts")

    def change(self, visit: Visit) -> Response:
        """Disable, enable, or let somebody set password and second factor anew."""
        name, action = str(visit.request.path_params["name"]), visit.text("action")
        with self._store.transaction() as tx:
            account = tx.account_named(name)
            if account is None:
                return self._pages.say(visit, "No such account", "It does not exist any more.", 404)
            if name == visit.visitor.name:
                return self._pages.say(visit, "Not done", "Somebody else has to change your own account.", 409)
            if action == "disable":
                tx.change_account(replace(account, disabled=True))
                tx.close_sessions_of(account.id)
            elif action == "enable":
                tx.change_account(replace(account, disabled=False))
            elif action == "reset":
                password = str(visit.form.get("password", ""))
                problem = accounts.password_problem(password, name)
                if problem:
                    return self._pages.say(visit, "Not done", problem, 422)
                tx.change_account(account.reset(credentials.hash_password(password)))
                tx.close_sessions_of(account.id)
            else:
                return self._pages.say(visit, "Not done", "There is no such action.", 422)
            tx.audit(visit.visitor.name, f"account: {action}", name, "", visit.now)
        return back_to("/console/accounts")

    def me(self, visit: Visit) -> Response:
        """One's own account."""
        return self._pages.draw("me.html", visit, problem="", done=False)

    def change_password(self, visit: Visit) -> Response:
        """A new password, with the old one; other browsers are signed out."""
        account, session = visit.visitor.account, visit.visitor.session
        if account is None or session is None:
            return back_to("/console/first-run")
        password = str(visit.form.get("password", ""))
        problem = accounts.password_problem(password, account.name)
        if not credentials.password_matches(account.password_hash, str(visit.form.get("old", ""))):
            problem = "The present password is not right."
        if problem:
            return self._pages.draw("me.html", visit, status=422, problem=problem, done=False)
        hashed = credentials.hash_password(password)
        with self._store.transaction() as tx:
            if not tx.change_own(account, password_hash=hashed):
                return back_to("/console/sign-in")
            tx.close_sessions_of(account.id)
            tx.open_session(session)
            tx.audit(account.name, "password changed", account.name, "", visit.now)
        return self._pages.draw("me.html", visit, problem="", done=True)

    def audit(self, visit: Visit) -> Response:
        """The audit log, newest first, and whether its chain holds."""
        sought, before = visit.asked("find"), visit.asked("before")
        with self._store.reading() as tx:
            found = tx.audit_page(sought, int(before) if before.isdigit() else None, _LINES)
            verdict = audit.verify(tx.audit_entries(), tx.audit_digest)
        older = found[-1].seq if len(found) == _LINES else None
        return self._pages.draw("audit.html", visit, entries=found, verdict=verdict, find=sought, older=older)

    def audit_file(self, visit: Visit) -> Response:
        """The whole audit log as CSV, chain and all."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("seq", "at", "account", "action", "subject", "detail", "previous", "hash"))
        with self._store.transaction() as tx:
            for one in tx.audit_entries():
                fields = (one.account, one.action, one.subject, one.detail, one.previous, one.hash)
                writer.writerow((one.seq, one.at.isoformat(), *fields))
            tx.audit(visit.visitor.name, "audit log exported", "", "", visit.now)
        return as_file(out.getvalue(), "audit.csv", "text/csv; charset=utf-8")

    def _listed(self, visit: Visit, problem: str, status: int) -> Response:
        with self._store.reading() as tx:
            found = tx.account_names()
        shown = {"accounts": found, "roles": list(AccountRole), "problem": problem, "name": visit.text("name")}
        return self._pages.draw("accounts.html", visit, status=status, **shown)
