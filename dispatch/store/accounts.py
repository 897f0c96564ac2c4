"""Accounts, their browsers' sessions, wrong guesses, and the audit log."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, insert, or_, select, text, update

from dispatch.accounts import REMEMBERED, Account, AccountRole, ConsoleSession, Stage
from dispatch.audit import START, AuditEntry, sealed_line
from dispatch.schema_console import accounts, audit_log, console_sessions, sign_in_failures
from dispatch.store.unit import Unit

_CHAIN_LOCK = 7204518


class Accounts(Unit):
    """Who may sign in, and what they did."""

    def any_account(self) -> bool:
        """Whether anybody has an account yet."""
        return bool(self._db.execute(select(exists(select(accounts.c.id)))).scalar())

    def add_account(self, account: Account) -> None:
        """Store a new account. Raises Conflict when the name is taken."""
        self._db.execute(insert(accounts), self._account_row(account))

    def change_account(self, account: Account) -> None:
        """Write an account anew."""
        self._db.execute(update(accounts).where(accounts.c.id == account.id).values(**self._account_row(account)))

    def change_own(self, before: Account, **changed: Any) -> bool:
        """Write these fields of an account whose owner is at it; False, and nothing, where somebody has disabled it or
        given it another password since it was read."""
        row = self._account_row(replace(before, **changed))
        columns = ["totp_sealed" if name == "totp_secret" else name for name in changed]
        still = accounts.c.password_hash == before.password_hash, accounts.c.disabled.is_(False)
        written = update(accounts).where(accounts.c.id == before.id, *still)
        return self._db.execute(written.values({name: row[name] for name in columns})).rowcount == 1

    def use_factor(self, before: Account, after: Account) -> bool:
        """A code was taken: note it, unless it, or another, was taken meanwhile; then False and nothing changes."""
        same = (
            accounts.c.id == before.id,
            accounts.c.last_step == before.last_step,
            accounts.c.recovery == json.dumps(before.recovery),
            accounts.c.password_hash == before.password_hash,
            accounts.c.disabled.is_(False),
        )
        written = update(accounts).where(*same).values(**self._account_row(after))
        return self._db.execute(written).rowcount == 1

    def account(self, account_id: str) -> Account | None:
        """An account by id."""
        return self._account(accounts.c.id == account_id)

    def account_named(self, name: str) -> Account | None:
        """An account by name."""
        return self._account(accounts.c.name == name)

    def account_names(self) -> list[Account]:
        """Every account, by name."""
        found = self._db.execute(select(accounts).order_by(accounts.c.name)).mappings()
        return [self._to_account(row) for row in found]

    # -- sessions ------------------------------------------------------------------------------------------------------

    def open_session(self, session: ConsoleSession) -> None:
        """Remember a browser; forget those that are long over."""
        self._db.execute(
            delete(console_sessions).where(console_sessions.c.created_at < session.created_at - 24 * REMEMBERED)
        )
        row = {**session.__dict__, "stage": session.stage.value}
        self._db.execute(insert(console_sessions), row)

    def console_session(self, token_hash: str) -> ConsoleSession | None:
        """The session with that token."""
        row = self._db.execute(select(console_sessions).where(console_sessions.c.token_hash == token_hash)).first()
        return (
            ConsoleSession(row.token_hash, row.account_id, Stage(row.stage), row.created_at, row.seen_at)
            if row
            else None
        )

    def touch_session(self, token_hash: str, now: datetime) -> None:
        """Its person has just done something; `now` far back locks it."""
        changed = update(console_sessions).where(console_sessions.c.token_hash == token_hash)
        self._db.execute(changed.values(seen_at=now))

    def close_session(self, token_hash: str) -> None:
        """Forget that browser."""
        self._db.execute(delete(console_sessions).where(console_sessions.c.token_hash == token_hash))

    def close_sessions_of(self, account_id: str) -> None:
        """Forget every browser of an account."""
        self._db.execute(delete(console_sessions).where(console_sessions.c.account_id == account_id))

    # -- wrong guesses -------------------------------------------------------------------------------------------------

    def note_failure(self, subject: str, now: datetime) -> None:
        """A guess for that account or from that address was wrong. What it was is not kept."""
        self._db.execute(delete(sign_in_failures).where(sign_in_failures.c.at < now - REMEMBERED))
        self._db.execute(insert(sign_in_failures), {"subject": self._seal.index(subject), "at": now})

    def failures(self, subject: str) -> list[datetime]:
        """When guesses for that subject were wrong, newest last; at most fifty."""
        mine = select(sign_in_failures.c.at).where(sign_in_failures.c.subject == self._seal.index(subject))
        found = self._db.execute(mine.order_by(sign_in_failures.c.at.desc()).limit(50)).scalars()
        return sorted(found)

    def forget_failures(self, subject: str) -> None:
        """They have signed in."""
        self._db.execute(delete(sign_in_failures).where(sign_in_failures.c.subject == self._seal.index(subject)))

    # -- audit ---------------------------------------------------------------------------------------------------------

    def audit(self, account: str, action: str, subject: str, detail: str, now: datetime) -> None:
        """Add a line to the audit log, chained to the one before. `detail` never holds a number or a person's words."""
        if self._dialect == "postgresql":  # SQLite has one writer in any case
            self._db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CHAIN_LOCK})
        newest = select(audit_log.c.hash).order_by(audit_log.c.seq.desc()).limit(1)
        previous = self._db.execute(newest).scalar() or START
        line = sealed_line(now, account, action, subject, detail, previous)
        row = {
            "at": now,
            "account": account,
            "action": action,
            "subject": subject,
            "detail": detail,
            "previous": previous,
            "hash": self.audit_digest(line),
        }
        self._db.execute(insert(audit_log), row)

    def audit_digest(self, line: str) -> str:
        """The keyed hash of a line of the audit log."""
        return self._seal.index("audit " + line)

    def audit_entries(self) -> Iterator[AuditEntry]:
        """The whole audit log, oldest first, read as it is used."""
        for row in self._db.execute(select(audit_log).order_by(audit_log.c.seq)).mappings():
            yield AuditEntry(**row)

    def audit_page(self, sought: str, before: int | None, limit: int) -> list[AuditEntry]:
        """The newest lines that name `sought` anywhere, older than line `before`."""
        found = select(audit_log).order_by(audit_log.c.seq.desc()).limit(limit)
        if before is not None:
            found = found.where(audit_log.c.seq < before)
        if sought:
            columns = (audit_log.c.account, audit_log.c.action, audit_log.c.subject, audit_log.c.detail)
            found = found.where(
                or_(*(func.lower(column).contains(sought.lower(), autoescape=True) for column in columns))
            )
        return [AuditEntry(**row) for row in self._db.execute(found).mappings()]

    # -- how it is done ------------------------------------------------------------------------------------------------

    def recovery_hash(self, code: str) -> str:
        """What is kept of a recovery code."""
        return self._seal.index("recovery " + code)

    def _account(self, which: Any) -> Account | None:
        row = self._db.execute(select(accounts).where(which)).mappings().first()
        return self._to_account(row) if row is not None else None

    def _to_account(self, row: Any) -> Account:
        return Account(
            id=row["id"],
            name=row["name"],
            role=AccountRole(row["role"]),
            password_hash=row["password_hash"],
            created_at=row["created_at"],
            totp_secret=self._seal.open(row["totp_sealed"]) if row["totp_sealed"] else "",
            enrolled=row["enrolled"],
            last_step=row["last_step"],
            recovery=tuple(json.loads(row["recovery"])),
            disabled=row["disabled"],
        )

    def _account_row(self, account: Account) -> dict[str, Any]:
        return {
            "id": account.id,
            "name": account.name,
            "role": account.role.value,
            "password_hash": account.password_hash,
            "created_at": account.created_at,
            "totp_sealed": self._seal.seal(account.totp_secret) if account.totp_secret else "",
            "enrolled": account.enrolled,
            "last_step": account.last_step,
            "recovery": json.dumps(account.recovery),
            "disabled": account.disabled,
        }
