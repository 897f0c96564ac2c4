"""Many workers want few interpreters: nobody is offered twice, no seat given twice, nothing lost, on both databases.

The full size of the promise (2,000 live requests, 8 workers, 200 interpreters) is `DISPATCH_CONTENTION=full` here, or
`python -m benchmarks.contention`, which prints the figures.
"""

import os
from pathlib import Path

import pytest

from benchmarks.contention import FULL, Size, contend

SMALL = Size(requests=60, workers=4, interpreters=12)
SIZE = FULL if os.environ.get("DISPATCH_CONTENTION") == "full" else SMALL


@pytest.mark.no_cover
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("processes", [False, True], ids=["threads", "processes"])
def test_no_double_offer_and_no_lost_request(store_url: str, tmp_path: Path, processes: bool) -> None:
    found = contend(store_url, SIZE, processes=processes)
    assert found.doubled == ()
    assert found.lost == ()
    assert found.held == ()
    assert found.completed == SIZE.requests
    assert found.offers >= SIZE.requests
