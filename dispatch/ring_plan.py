"""How many phones to ring now, whose, and when to look again. Plain functions over values; seconds throughout.

`plan` is asked whenever something changes (a search ended, a phone was declined, the time to look again has come) and
answers for one request. `pace` puts the calls of all live requests in the order in which the carrier may start them.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dispatch.answering import Delay
from dispatch.request import Urgency
from dispatch.start_times import MOMENTS, NEVER, STEP, StartTimes


@dataclass(frozen=True)
class Phone:
    """Somebody who may be rung, or is."""

    interpreter_id: str
    accepts: float
    """The chance that they accept when rung now (`answering.Pool.accepts`)."""
    delay: Delay = field(default_factory=Delay)
    group: int = 0
    """Lower is preferred. Within a group the planner may take the likelier first; across groups the order stands."""


@dataclass(frozen=True)
class Ringing:
    """A phone that was started and is silent so far. `seconds` below zero: it waits for its turn at the carrier."""

    phone: Phone
    seconds: float


@dataclass(frozen=True)
class Aim:
    """What an urgency asks for: somebody has accepted within `seconds` of the search's beginning with this `chance`."""

    seconds: float
    chance: float
    ring_worth: float = 2.0
    """One interpreter's interruption weighs as much as so many seconds of the requester's waiting. Beyond the target
    this alone decides; 0 rings everybody."""
    miss_worth: float = 0.0
    """Missing `seconds` weighs as much as so many interruptions, besides the waiting itself."""
    milestones: tuple[tuple[float, float], ...] = ()
    """Further moments that count: (seconds, worth), each missed one weighing as much as `worth` interruptions. Two of
    them, priced, say how much the usual wait counts against the longest ones."""


AIMS = {
    Urgency.ROUTINE: Aim(21.0, 0.90, 2.0),
    Urgency.URGENT: Aim(15.0, 0.95, 1.0),
    Urgency.EMERGENCY: Aim(11.0, 0.98, 0.3),
}
"""Defaults, from the beginning of the search. 21 s: the field's promise for Spanish, 30 s to a human interpreter
speaking, less 9 s for everything that is not ringing: the text or the words, their recognition, and the joining.
Urgent and emergency: about two thirds and half of that, with an interruption counting ever less. In the simulated town
(benchmarks/simulate.py) a routine ring worth 4 s saves one phone in twelve and costs 10 % at p90; worth 1 s, the other
way round."""


@dataclass(frozen=True)
class Pace:
    """How fast the carrier starts calls: one a second unless raised, for the whole account (error 22005)."""

    per_second: float = 1.0
    ahead: int = 0
    """Starts of other requests that go before this one's."""

    def start(self, number: int) -> float:
        """In how many seconds the `number`th call (from 0) asked for now will ring."""
        return (self.ahead + number) / self.per_second


@dataclass(frozen=True)
class OneByOne:
    """Ring one; when they declined, or have been silent for `patience` seconds, the next."""

    patience: float = 20.0


@dataclass(frozen=True)
class AllAtOnce:
    """Ring everybody."""


@dataclass(frozen=True)
class FixedRing:
    """Keep `size` phones ringing that have been silent for less than `patience` seconds."""

    size: int = 3
    patience: float = 20.0


@dataclass(frozen=True)
class SimpleHedge:
    """Ring enough for a `chance` that somebody ever accepts, then one more every `every` seconds."""

    chance: float = 0.95
    every: float = 2.0


@dataclass(frozen=True)
class Adaptive:
    """Ring as few as reach the aim, and more where an earlier start is worth its interruption. See `plan`."""


Strategy = OneByOne | AllAtOnce | FixedRing | SimpleHedge | Adaptive


@dataclass(frozen=True)
class RingPlan:
    """What to do now for one request."""

    ring: tuple[str, ...]
    """Interpreters to start ringing now, in this order."""
    look_again: float | None
    """In how many seconds to ask again if nothing happens before; None: only when something happens."""
    chance: float
    """That somebody accepts within what is left of the aim, if the plan is followed."""


def plan(
    strategy: Strategy,
    candidates: Sequence[Phone],
    ringing: Sequence[Ringing],
    waited: float,
    aim: Aim,
    pace: Pace = Pace(),
) -> RingPlan:
    """Whom to ring now, for a request whose search began `waited` seconds ago.

    `candidates` are those who may be rung, best first; anybody in `ringing` is passed over. Never names anybody twice.
    Adaptive looks for the start times s_1 <= s_2 <= ... of the candidates that cost least,

        sum of S(s_i)  +  (integral of S) / ring_worth  +  miss_worth S(aim)  +  sum of worth_k S(milestone_k),

    where S(t) is the chance that nobody has accepted by t: the product of 1 - p_i F_i(t - s_i), those that ring already
    taken as silent so far. The first term is the expected number of phones rung: a start that is put off is often not
    needed. Where the result misses the aim, missing it is weighed more until it is met, or everybody who could still
    help rings. What starts within this second is rung now; the next start is when to look again. While nothing rings,
    somebody always is: no price of an interruption leaves a person waiting in vain.
    """
    known = {one.phone.interpreter_id for one in ringing}
    free = _in_order(candidates, known, aim.seconds)
    left = aim.seconds - waited
    match strategy:
        case Adaptive():
            return _adaptive(free, ringing, left, aim, pace)
        case AllAtOnce():
            count, again = len(free), None
        case OneByOne(patience):
            count, again = _keep(1, patience, ringing, len(free))
        case FixedRing(size, patience):
            count, again = _keep(size, patience, ringing, len(free))
        case SimpleHedge(chance, every):
            count, again = _hedge(chance, every, free, ringing)
    rung = free[:count]
    starts = [Ringing(phone, -pace.start(number)) for number, phone in enumerate(rung)]
    return RingPlan(_ids(rung), again if len(free) > count else None, chance_within(left, [*ringing, *starts]))


def chance_within(seconds: float, ringing: Iterable[Ringing]) -> float:
    """The chance that one of these accepts within `seconds` from now, given that none has so far."""
    nobody = 1.0
    for one in ringing:
        p, heard = one.phone.accepts, one.phone.delay.by
        nobody *= (1 - p * heard(one.seconds + max(seconds, 0.0))) / (1 - p * heard(one.seconds))
    return 1 - nobody


# -- simple strategies -------------------------------------------------------------------------------------------------


def _in_order(candidates: Sequence[Phone], known: set[str], seconds: float) -> list[Phone]:
    """Each once, none that rings; within a group who is likeliest to accept in the aim's time first."""
    each: dict[str, Phone] = {}
    for phone in candidates:
        if phone.interpreter_id not in known:
            each.setdefault(phone.interpreter_id, phone)
    return sorted(each.values(), key=lambda phone: (phone.group, -phone.accepts * phone.delay.by(seconds)))


def _keep(size: int, patience: float, ringing: Sequence[Ringing], free: int) -> tuple[int, float | None]:
    fresh = [one.seconds for one in ringing if one.seconds < patience]
    count = min(max(size - len(fresh), 0), free)
    oldest = max([*fresh, 0.0] if count else fresh, default=0.0)
    return count, max(patience - oldest, 0.5)


def _hedge(chance: float, every: float, free: list[Phone], ringing: Sequence[Ringing]) -> tuple[int, float | None]:
    if ringing:
        youngest = min(one.seconds for one in ringing)
        due = youngest >= every - 1e-6
        return (1, every) if due else (0, every - youngest)
    nobody, count = 1.0, 0
    while count < len(free) and (nobody > 1 - chance or count == 0):
        nobody *= 1 - free[count].accepts
        count += 1
    return count, every


def _ids(phones: Iterable[Phone]) -> tuple[str, ...]:
    return tuple(phone.interpreter_id for phone in phones)


# -- adaptive ----------------------------------------------------------------------------------------------------------

_MOST = 16
"""Candidates whose starts are weighed one against another; more are rung only where the aim needs them."""
_PENALTIES = (0.0, 1.0, 3.0, 9.0, 27.0, 81.0, 243.0)
"""What missing the aim counts for, in rings, tried in turn until it is met."""
_SLACK = 0.01
"""An aim that cannot be met is met as well as that: nobody is rung for less than one chance in a hundred."""


def _adaptive(free: list[Phone], ringing: Sequence[Ringing], left: float, aim: Aim, pace: Pace) -> RingPlan:
    if not free:
        return RingPlan((), None, chance_within(left, ringing))
    weighed = StartTimes(
        [(phone.accepts, phone.delay) for phone in free[:_MOST]],
        [((one.phone.accepts, one.phone.delay), one.seconds) for one in ringing],
        [pace.start(number) for number in range(min(len(free), _MOST))],
        aim.ring_worth,
        [(left - aim.seconds + seconds, worth) for seconds, worth in aim.milestones],
    )
    starts = [NEVER] * min(len(free), _MOST)
    count = 0
    target = min(int(max(left, 0.0) / STEP), MOMENTS - 1)
    needed = max(1 - aim.chance, 1e-12) / _silence(ringing)
    best: float | None = None
    for penalty in _PENALTIES:
        starts = weighed.descend(starts, target, aim.miss_worth + penalty)
        count = max(count, weighed.due_now(starts))
        reached = weighed.nobody(starts)[target]
        if left <= 0 or reached <= needed:
            break
        if best is None:
            everybody = [Ringing(phone, -pace.start(number)) for number, phone in enumerate(free)]
            best = 1 - chance_within(left, [*ringing, *everybody])
        if reached <= best + _SLACK:
            break
    else:
        count = max(count, _until_reached(free, ringing, left, max(needed, (best or 0.0) + _SLACK), pace))
    later = [start for start in starts[count:] if start < NEVER]
    again = max(min(later) * STEP - pace.start(0), STEP) if later else None
    told = [Ringing(phone, -pace.start(number)) for number, phone in enumerate(free[:count])]
    then = [Ringing(free[n], -s * STEP) for n, s in enumerate(starts) if n >= count and s < NEVER]
    if again is None and count < len(free):
        again = NEVER * STEP
    return RingPlan(_ids(free[:count]), again, chance_within(left, [*ringing, *told, *then]))


def _silence(ringing: Sequence[Ringing]) -> float:
    """The chance, before they rang, that these would be silent until now.

    The aim is promised once, when somebody asks. Silence that was reckoned with then does not tighten it.
    """
    return math.prod(1 - one.phone.accepts * one.phone.delay.by(one.seconds) for one in ringing)


def _until_reached(free: list[Phone], ringing: Sequence[Ringing], left: float, nobody: float, pace: Pace) -> int:
    """How many must be started now so that the chance that nobody accepts in time is at most `nobody`."""
    reached = 1 - chance_within(left, ringing)
    for number, phone in enumerate(free):
        if reached <= nobody:
            return number
        reached *= 1 - phone.accepts * phone.delay.by(left - pace.start(number))
    return len(free)


# -- the carrier's turn ------------------------------------------------------------------------------------------------

_HEAD_START = {Urgency.ROUTINE: 0.0, Urgency.URGENT: 30.0, Urgency.EMERGENCY: 120.0}
"""So many seconds of waiting an urgency is ahead of routine. Nobody starves: who has waited two minutes longer goes
before a new emergency, which costs that one a second."""
_PHONE = 8.0
"""Each phone that rings already for a request puts its next one back by so many seconds: the first ring of one request
helps more than the fourth of another."""


@dataclass(frozen=True)
class PlannedCall:
    """One call that a plan asks for, not handed to the carrier yet."""

    request_id: str
    interpreter_id: str
    urgency: Urgency
    waited: float
    """Seconds since the person asked."""
    ringing: int = 0
    """Phones of this request that ring already."""


def pace(calls: Sequence[PlannedCall]) -> tuple[PlannedCall, ...]:
    """All live requests' planned calls in the order in which the carrier is to start them, urgent first.

    Calls of one request keep their order. Each turn goes to the request with the highest
    `waited + head start of its urgency - 8 s for each of its phones that ring or have had a turn`: so an emergency
    goes first, the first phone of one request before the fourth of another, and waiting alone brings everybody up.
    """
    queues: dict[str, list[PlannedCall]] = {}
    for call in calls:
        queues.setdefault(call.request_id, []).append(call)
    turns: list[PlannedCall] = []
    had = dict.fromkeys(queues, 0)
    while queues:
        chosen = max(queues, key=lambda request_id: _claim(queues[request_id][0], had[request_id]))
        turns.append(queues[chosen].pop(0))
        had[chosen] += 1
        if not queues[chosen]:
            del queues[chosen]
    return tuple(turns)


def _claim(call: PlannedCall, had: int) -> float:
    return call.waited + _HEAD_START[call.urgency] - _PHONE * (call.ringing + had)


def ahead_of(call: PlannedCall, calls: Sequence[PlannedCall]) -> int:
    """How many planned calls of other requests go before this one: the `ahead` of its `Pace`."""
    order = pace([*(other for other in calls if other.request_id != call.request_id), call])
    return order.index(call)
