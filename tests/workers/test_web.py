"""The web process behind a reverse proxy: who asks is whom a trusted proxy names."""

from ipaddress import ip_network

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from dispatch.settings import Settings
from tests.api.conftest import Api, served
from workers.web import server_config

__all__ = ["served"]
PROXY = "172.18.0.2"


def knocking(served: Api, settings: Settings, beside: str) -> int:
    """The answer to the address `beside` after another sent wrong tokens until it must wait, all by way of PROXY."""
    config = server_config(served.app, settings)
    config.load()
    through = TestClient(config.loaded_app, base_url="http://127.0.0.1/api/v1", client=(PROXY, 40_000))  # type: ignore[arg-type]
    wrong = {"Authorization": "Bearer wrong"}
    answers = [
        through.get("/requests", headers=wrong | {"X-Forwarded-For": "198.51.100.7"}).status_code for _ in range(22)
    ]
    assert answers[0] == 401
    assert answers[-1] == 429
    return through.get("/requests", headers=wrong | {"X-Forwarded-For": beside}).status_code


def test_wrong_tokens_are_counted_by_the_address_that_a_trusted_proxy_names(served: Api) -> None:
    trusting = served.settings.model_copy(update={"trusted_proxies": (ip_network("172.16.0.0/12"),)})
    assert knocking(served, trusting, "198.51.100.8") == 401


def test_whoever_is_no_trusted_proxy_cannot_give_itself_another_address(served: Api) -> None:
    assert knocking(served, served.settings, "198.51.100.8") == 429


def test_addresses_and_networks_are_settings_and_nonsense_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPATCH_TRUSTED_PROXIES", '["10.0.0.9", "fd00::/8"]')
    assert Settings(_env_file=None).trusted_proxies == (ip_network("10.0.0.9"), ip_network("fd00::/8"))  # type: ignore[call-arg]
    monkeypatch.setenv("DISPATCH_TRUSTED_PROXIES", '["the proxy"]')
    with pytest.raises(ValidationError, match="trusted_proxies"):
        Settings(_env_file=None)  # type: ignore[call-arg]
