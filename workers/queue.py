"""The queue between deciding and doing: RQ on Redis, fed from the outbox, worked by resident workers.

Jobs carry an effect id and nothing else; what is to be done is in the store. Losing Redis loses no work: the ticker
hands over again whatever stays undone.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import redis
from redis.client import Pipeline
from rq import Queue, SimpleWorker
from rq.queue import EnqueueData

from dispatch.errors import QueueUnavailable

log = logging.getLogger(__name__)

SPEECH = "speech"
"""Listening to recordings: seconds of CPU, on workers of its own so that it never delays a ring or a text."""
CALLS = "calls"
"""Rings, moves, hang-ups and searches: somebody is waiting on a phone."""
TEXTS = "texts"
"""Everything else."""
WEBHOOKS = "webhooks"
"""Announcements to other systems, on a worker of their own: a slow receiver must not delay a ring."""

_ON_A_PHONE = frozenset(
    {"FindInterpreters", "PlaceCall", "MoveCall", "HangUp", "MatchWaiting", "PlaceCheckCall", "EndCheckCall"}
)
_JOB, _DELIVERY = "workers.jobs.perform", "workers.jobs.deliver"
_JOB_SECONDS = 120
_BEAT_SECONDS = 15
"""RQ takes a worker for dead after 480 s of silence."""


def queue_of(kind: str) -> str:
    """The queue that an effect of that kind goes to."""
    if kind in ("HearSpeech", "HearMessage"):
        return SPEECH
    return CALLS if kind in _ON_A_PHONE else TEXTS


class EffectQueue:
    """Hands effect ids to RQ."""

    def __init__(self, url: str, kinds: Callable[[Sequence[str]], Mapping[str, str]]) -> None:
        """`kinds` tells the effect kind of each id, so that the right queue is chosen."""
        self._redis = redis.Redis.from_url(url, socket_connect_timeout=1.0, socket_timeout=5.0)
        self._queues = {name: Queue(name, connection=self._redis) for name in (SPEECH, CALLS, TEXTS, WEBHOOKS)}
        self._kinds = kinds

    def relay(self, effect_ids: Sequence[str]) -> None:
        """Enqueue one job per effect, its id the effect's. Raises QueueUnavailable when Redis does not answer."""
        by_queue: dict[str, list[str]] = defaultdict(list)
        for effect_id, kind in self._kinds(effect_ids).items():
            by_queue[queue_of(kind)].append(effect_id)
        try:
            for name, ids in by_queue.items():
                self._queues[name].enqueue_many([_job(effect_id) for effect_id in ids])
        except redis.RedisError as error:
            raise QueueUnavailable("Redis does not answer; start it, and what waits goes out by itself.") from error

    def relay_deliveries(self, delivery_ids: Sequence[str]) -> None:
        """Enqueue one job per delivery of a webhook. Raises QueueUnavailable when Redis does not answer."""
        jobs = [
            Queue.prepare_data(_DELIVERY, (one,), timeout=_JOB_SECONDS, result_ttl=0, failure_ttl=3600)
            for one in delivery_ids
        ]
        try:
            self._queues[WEBHOOKS].enqueue_many(jobs)
        except redis.RedisError as error:
            raise QueueUnavailable("Redis does not answer; start it, and what waits goes out by itself.") from error

    def healthy(self) -> bool:
        """Whether Redis answers now."""
        try:
            return bool(self._redis.ping())
        except redis.RedisError:
            return False


def work(url: str, queues: Sequence[str]) -> None:
    """Work these queues, first named first, until told to stop. The process keeps what it loaded between jobs."""
    connection = redis.Redis.from_url(url, health_check_interval=30)
    worker = _ResidentWorker(list(queues), connection=connection, log_job_description=False)
    worker.work(logging_level="WARNING")


class _ResidentWorker(SimpleWorker):
    """RQ's worker that does not fork, telling Redis that it lives every few seconds instead of thrice a job."""

    _beaten = 0.0

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Say that this worker lives, for at least as long as an idle one may be silent."""
        if pipeline is not None:
            super().heartbeat(max(timeout or 0, self.worker_ttl + 60), pipeline=pipeline)
        elif time.monotonic() - self._beaten > _BEAT_SECONDS:
            super().heartbeat(timeout)
            self._beaten = time.monotonic()


def _job(effect_id: str) -> EnqueueData:
    return Queue.prepare_data(
        _JOB, (effect_id,), timeout=_JOB_SECONDS, result_ttl=0, failure_ttl=3600, job_id=effect_id
    )
