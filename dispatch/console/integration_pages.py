"""Other systems: tokens for the API, and webhooks with what became of each."""

from collections.abc import Sequence

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dispatch import integration_keeping
from dispatch.accounts import May
from dispatch.announcing import KIND_WORDS, Fate
from dispatch.console.guard import Guard
from dispatch.console.visits import Console, Visit, back_to
from dispatch.errors import ConfigurationError
from dispatch.integrations import SCOPE_WORDS, Integration
from dispatch.store import Transaction
from dispatch.webhook_outbox import pause, resume, send_again, send_test, set_endpoint, with_new_secret

_LINES = 50


def routes(console: Console, guard: Guard) -> list[BaseRoute]:
    """The addresses of integrations."""
    pages = IntegrationPages(console)
    needed = May.INTEGRATIONS
    one = "/console/integrations/{name}"
    return [
        Route("/console/integrations", guard(pages.page, needed)),
        Route("/console/integrations", guard(pages.add, needed), methods=["POST"]),
        Route(one, guard(pages.one, needed)),
        Route(f"{one}/revoke", guard(pages.revoke, needed), methods=["POST"]),
        Route(f"{one}/webhook", guard(pages.webhook, needed), methods=["POST"]),
        Route(f"{one}/resend", guard(pages.resend, needed), methods=["POST"]),
    ]


class IntegrationPages:
    """The handlers."""

    def __init__(self, console: Console) -> None:
        self._store = console.store
        self._pages = console.pages
        self._inside = console.settings.webhook_private_addresses

    def page(self, visit: Visit) -> Response:
        """Every integration, and the form for a new one."""
        return self._listed(visit, "", 200)

    def add(self, visit: Visit) -> Response:
        """Make one; its token is on the answer and nowhere else."""
        days = visit.text("days")
        scopes = _several(visit, "scope")
        try:
            expires = int(days) if days else None
            token, made = integration_keeping.make(
                self._store, visit.text("name"), scopes, expires, visit.visitor.name, visit.now
            )
        except ConfigurationError as error:
            return self._listed(visit, str(error), 422)
        except ValueError:
            return self._listed(visit, "Days are a number, like 365; leave the field empty for no end.", 422)
        return self._pages.draw("integration_token.html", visit, one=made, token_text=token)

    def one(self, visit: Visit) -> Response:
        """One integration: its webhook and the deliveries."""
        return self._shown(visit, "", 200)

    def revoke(self, visit: Visit) -> Response:
        """Its token is worth nothing any more."""
        integration_keeping.revoke(self._store, _name(visit), visit.visitor.name, visit.now)
        return back_to("/console/integrations")

    def webhook(self, visit: Visit) -> Response:
        """Set, test, enable or remove where it is told; or give it another secret."""
        action = visit.text("action")
        try:
            with self._store.transaction() as tx:
                found = _known(tx, visit)
                if found.revoked_at is not None:
                    raise ConfigurationError("This integration is revoked; nothing is told to it.")
                self._do(tx, found, action, visit)
                tx.audit(visit.visitor.name, f"webhook: {action}", found.signature, "", visit.now)
        except ConfigurationError as error:
            return self._shown(visit, str(error), 422)
        return back_to(f"/console/integrations/{_name(visit)}")

    def resend(self, visit: Visit) -> Response:
        """Try a delivery again, now."""
        with self._store.transaction() as tx:
            found, delivery_id = _known(tx, visit), visit.text("delivery")
            send_again(tx, found, delivery_id, visit.now)
            tx.audit(visit.visitor.name, "webhook: sent again", found.signature, delivery_id, visit.now)
        return back_to(f"/console/integrations/{_name(visit)}#deliveries")

    # -- what they share -----------------------------------------------------------------------------------------------

    def _do(self, tx: Transaction, found: Integration, action: str, visit: Visit) -> None:
        endpoint = tx.endpoint(found.id)
        if action == "set":
            set_endpoint(tx, found, visit.text("url"), _several(visit, "kind"), self._inside)
            return
        if endpoint is None:
            raise ConfigurationError("There is no webhook yet; set its address first.")
        if action == "remove":
            tx.remove_endpoint(found.id)
        elif action == "test":
            send_test(tx, endpoint, visit.now)
        elif action == "pause":
            pause(tx, endpoint, visit.now)
        elif action == "enable":
            resume(tx, endpoint)
        elif action == "secret":
            tx.put_endpoint(with_new_secret(endpoint))
        else:
            raise ConfigurationError("There is no such action.")

    def _listed(self, visit: Visit, problem: str, status: int) -> Response:
        with self._store.reading() as tx:
            found, endpoints = tx.integrations(), tx.endpoints()
        shown = {
            "integrations": found,
            "endpoints": endpoints,
            "scopes": SCOPE_WORDS,
            "chosen": _several(visit, "scope"),
            "name": visit.text("name"),
            "days": visit.text("days") if problem else "365",
        }
        return self._pages.draw("integrations.html", visit, status=status, problem=problem, now=visit.now, **shown)

    def _shown(self, visit: Visit, problem: str, status: int) -> Response:
        before = visit.asked("before")
        with self._store.reading() as tx:
            found = tx.integration_named(_name(visit))
            if found is None:
                return self._pages.say(visit, "No such integration", "It does not exist any more.", 404)
            endpoint = tx.endpoint(found.id)
            deliveries = tx.deliveries_of(found.id, int(before) if before.isdigit() else None, _LINES)
        shown = {
            "one": found,
            "endpoint": endpoint,
            "deliveries": deliveries,
            "older": deliveries[-1].seq if len(deliveries) == _LINES else None,
            "kinds": KIND_WORDS,
            "url": visit.text("url") or (endpoint.url if endpoint else ""),
            "chosen": _several(visit, "kind") or (sorted(endpoint.kinds) if endpoint else list(KIND_WORDS)),
            "Fate": Fate,
        }
        return self._pages.draw("integration.html", visit, status=status, problem=problem, now=visit.now, **shown)


def _known(tx: Transaction, visit: Visit) -> Integration:
    found = tx.integration_named(_name(visit))
    if found is None:
        raise ConfigurationError("There is no such integration.")
    return found


def _name(visit: Visit) -> str:
    return str(visit.request.path_params["name"])


def _several(visit: Visit, name: str) -> Sequence[str]:
    return [value for value in visit.form.getlist(name) if isinstance(value, str)]
