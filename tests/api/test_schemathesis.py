"""Schemathesis sends what the OpenAPI document allows, and what it does not: every answer is one that it promises."""

import shutil
from pathlib import Path

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from dispatch.api.roster import XLSX
from dispatch.clock import SystemClock
from dispatch.store import Store
from tests.api.conftest import Api, ask
from tests.conftest import KEY
from tests.console.conftest import settings_for

EXAMPLES = 1
"""Of each operation, beside the document's own examples and the edges of every value: the same every time."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
)
OTHERS = (
    "ignored_auth",
    "positive_data_acceptance",
    "negative_data_rejection",
    "missing_required_header",
    "use_after_free",
    "ensure_resource_availability",
)
"""Checks that do not fit: a well-formed id of nothing is refused, a version is one of the request's own, and wrong
tokens are answered with 429 after a while."""

schemathesis.serializer.alias(XLSX, "application/octet-stream")


def configuration(token: str, edges: bool) -> SchemathesisConfig:
    """Fixed, so that a run can be had again."""
    checks = {name: {"enabled": True} for name in CHECKS} | {name: {"enabled": False} for name in OTHERS}
    return SchemathesisConfig.from_dict(
        {
            "seed": 5,
            "headers": {"Authorization": f"Bearer {token}"},
            "continue-on-failure": True,
            "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none"},
            "phases": {
                "stateful": {"enabled": False},
                "coverage": {"enabled": edges, "unexpected-methods": ["DELETE"]},
            },
            "checks": checks,
        }
    )


@pytest.mark.filterwarnings("ignore")  # of the tool's own parts
@pytest.mark.no_cover
@pytest.mark.parametrize("stored", ["nothing", "people and requests"])
def test_every_answer_is_one_that_the_document_promises(stored: str, migrated_file: Path, tmp_path: Path) -> None:
    shutil.copy(migrated_file, tmp_path / "store.sqlite3")
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite3'}", KEY)
    edges = stored != "nothing"
    served = Api(store, SystemClock(), settings_for(tmp_path, api_per_minute=1_000_000, api_burst=1_000_000))
    token, _ = served.token()
    if edges:
        served.people()
        assert ask(served.caller(token)).status_code == 201
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", served.app, config=configuration(token, edges))
    wrong: list[str] = []
    tried = 0
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            wrong.append(f"{getattr(event, 'label', '')}: {event}")
        if isinstance(event, events.ScenarioFinished):
            tried += len(event.recorder.cases)
            for case_id, checks in event.recorder.checks.items():
                for check in checks:
                    if check.failure_info is not None:
                        case = event.recorder.cases[case_id].value
                        failure = check.failure_info.failure
                        wrong.append(f"{event.label}: {check.name}: {failure.message}\n  {case.as_curl_command()}")
    store.close()
    assert wrong == [], f"{len(wrong)} of {tried}:\n" + "\n".join(sorted(set(wrong))[:20])
    assert tried > (1000 if edges else 100)
