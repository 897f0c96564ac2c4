"""The guide for integrators: its commands run as they stand, its Python verifies what the service signs."""

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook

from benchmarks.serving import serving
from dispatch.clock import SystemClock
from dispatch.request import RequestState
from dispatch.store import Store
from dispatch.webhook_outbox import new_secret
from tests.api.conftest import Api
from tests.conftest import KEY
from tests.console.conftest import settings_for

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    """What the guide has in that language."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def test_the_guides_commands_run_as_they_stand(migrated_file: Path, tmp_path: Path) -> None:
    store_file = tmp_path / "dispatch.sqlite3"
    shutil.copy(migrated_file, store_file)
    store = Store(f"sqlite:///{store_file}", KEY)
    api = Api(store, SystemClock(), settings_for(tmp_path))
    api.people()
    told = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "DISPATCH_STATE_DIR": str(tmp_path),
        "DISPATCH_SECRET_KEY": KEY,
    }
    script = "set -euo pipefail\n" + "".join(blocks("sh"))
    with serving(api.app) as address:
        ran = subprocess.run(
            ["bash", "-c", script],
            env=os.environ | told | {"DISPATCH": address},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    with store.reading() as tx:
        made = tx.recent_requests(10)
    store.close()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert [one.state for one in made] == [RequestState.CANCELLED]
    assert "An interpreter was asked for: integration cad" in ran.stdout
    assert '"what_to_do"' in ran.stdout


def test_the_guides_python_takes_what_is_signed_and_nothing_else() -> None:
    names: dict[str, Any] = {}
    (code,) = blocks("python")
    exec(code, names)
    secret, body, now = new_secret(), blocks("json")[0], datetime.now(UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", now, body),
    }
    assert names["told"](secret, body.encode(), headers) == json.loads(body)
    assert names["told"](secret, body.replace("connected", "failed").encode(), headers) is None
    assert names["told"](new_secret(), body.encode(), headers) is None
