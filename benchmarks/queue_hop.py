"""From enqueue to job start: our resident worker beside RQ's default forking worker, on one embedded queue server.

    python -m benchmarks.queue_hop [--jobs 200]

Each job is enqueued alone, when the worker is idle, as an effect is. Prints median and p90 in milliseconds.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import redis
from rq import Queue

from workers.queue import CALLS, EffectQueue, work
from workers.supervisor import Supervisor, start_queue_server


def started(token: str) -> None:
    """The job of both sides: say when it began, through the queue server itself."""
    connection = _connection()
    connection.rpush(f"hop:{token}", str(time.monotonic_ns()))


def forking_worker(url: str) -> None:
    """RQ's default: a fork per job."""
    from rq import Worker

    Worker([Queue("forking", connection=redis.Redis.from_url(url))], connection=redis.Redis.from_url(url)).work(
        logging_level="ERROR"
    )


_redis: list[redis.Redis] = []


def _connection() -> redis.Redis:
    if not _redis:
        import os

        _redis.append(redis.Redis.from_url(os.environ["HOP_REDIS"]))
    return _redis[0]


class _Started:
    """Stands where the performer stands in a worker: our own job function runs, and this is what it performs."""

    def perform(self, effect_id: str) -> None:
        started(effect_id)


def resident_worker(url: str) -> None:
    """Ours: the worker and the job function that the service runs."""
    from workers import jobs

    jobs.install(_Started())  # type: ignore[arg-type]
    work(url, [CALLS])


def measure(connection: redis.Redis, enqueue: object, jobs: int, name: str) -> list[float]:
    """Milliseconds from just before the enqueue call to the job's first line, one job at a time."""
    hops = []
    for number in range(jobs + 10):
        token = f"{name}-{number}"
        begun = time.monotonic_ns()
        enqueue(token)  # type: ignore[operator]
        answer = connection.blpop([f"hop:{token}"], timeout=20)
        if answer is None:
            raise SystemExit(f"{name}: the job did not start within 20 s")
        if number >= 10:  # the first ones warm both sides up
            hops.append((int(answer[1]) - begun) / 1e6)
    return hops


def main() -> None:
    """Run both side by side and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--worker", choices=["forking", "simple", "resident"])
    parser.add_argument("--url")
    options = parser.parse_args()
    if options.worker:
        {"forking": forking_worker, "simple": simple_worker, "resident": resident_worker}[options.worker](options.url)
        return
    with tempfile.TemporaryDirectory() as folder:
        supervisor = Supervisor(Path(folder))
        url = start_queue_server(supervisor, Path(folder))
        try:
            _compare(url, options.jobs)
        finally:
            supervisor.stop()


def simple_worker(url: str) -> None:
    """RQ's own resident worker, as it comes."""
    from rq import SimpleWorker

    connection = redis.Redis.from_url(url)
    SimpleWorker([Queue("simple", connection=connection)], connection=connection).work(logging_level="ERROR")


def _compare(url: str, jobs: int) -> None:
    import os

    connection = redis.Redis.from_url(url)
    environment = {**os.environ, "HOP_REDIS": url, "PYTHONPATH": f"{Path(__file__).parent}:."}
    children = [
        subprocess.Popen([sys.executable, __file__, "--worker", kind, "--url", url], env=environment)
        for kind in ("forking", "simple", "resident")
    ]
    try:
        ours = EffectQueue(url, lambda ids: dict.fromkeys(ids, "PlaceCall"))
        default = Queue("forking", connection=connection)
        simple = Queue("simple", connection=connection)
        rows = {
            "RQ default (forking)": measure(
                connection, lambda t: default.enqueue("queue_hop.started", t), jobs, "forking"
            ),
            "RQ SimpleWorker": measure(connection, lambda t: simple.enqueue("queue_hop.started", t), jobs, "simple"),
            "ours (resident)": measure(connection, lambda t: ours.relay([t]), jobs, "resident"),
        }
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(10)
    print(f"{'worker':24} {'median ms':>10} {'p90 ms':>8}")
    for name, hops in rows.items():
        print(f"{name:24} {statistics.median(hops):10.2f} {statistics.quantiles(hops, n=10)[-1]:8.2f}")


if __name__ == "__main__":
    main()
