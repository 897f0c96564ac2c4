"""Making and revoking integrations, by the console and by the command line; every change is audited."""

from collections.abc import Collection
from datetime import datetime, timedelta

from dispatch.errors import ConfigurationError, Conflict
from dispatch.integrations import Integration, Scope, name_problem, new_token
from dispatch.store import Store


def make(
    store: Store, name: str, scopes: Collection[str], days: int | None, by: str, now: datetime
) -> tuple[str, Integration]:
    """A new integration; returns its token, which is never seen again. Raises ConfigurationError."""
    problem = name_problem(name)
    unknown = [scope for scope in scopes if scope not in set(Scope)]
    if not problem and (unknown or not scopes):
        problem = f"Choose what its token is good for, from: {', '.join(Scope)}."
    if not problem and days is not None and not 1 <= days <= 3650:
        problem = "A token expires after 1 to 3650 days, or never."
    if problem:
        raise ConfigurationError(problem)
    token, integration_id, secret_hash = new_token()
    expires_at = now + timedelta(days=days) if days is not None else None
    granted = frozenset(Scope(scope) for scope in scopes)
    made = Integration(integration_id, name, granted, secret_hash, now, by, expires_at)
    try:
        with store.transaction() as tx:
            tx.add_integration(made)
            tx.audit(by, "integration added", made.signature, ", ".join(sorted(granted)), now)
    except Conflict as error:
        raise ConfigurationError(f"There is an integration {name!r} already; choose another name.") from error
    return token, made


def revoke(store: Store, name: str, by: str, now: datetime) -> None:
    """Its token is worth nothing from now on, and nothing more is told to it. Raises ConfigurationError."""
    with store.transaction() as tx:
        found = tx.integration_named(name)
        if found is None:
            raise ConfigurationError(f"There is no integration {name!r}.")
        if found.revoked_at is None:
            tx.revoke_integration(found.id, now)
            tx.remove_endpoint(found.id)
            tx.audit(by, "integration revoked", found.signature, "", now)
