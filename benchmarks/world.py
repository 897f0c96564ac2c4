"""The world around the core, in memory and on a virtual clock: phones, the carrier and the store of the simulator.

Every decision is the product's own: `steps.step` changes requests, `routing.choose` orders the roster, `ring_plan` says
whose phone rings, `prompts.next_prompt` what a phone does that is told to ask again. The world carries
effects out as the carrier would, one call start a second, and brings back what happened as events.
"""

import heapq
import itertools
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from benchmarks.town import START, Asking, Town
from dispatch import effects, events
from dispatch.answering import HOURS, Answers, PastOffer, Pool, hour_of, learn
from dispatch.eligibility import Facts, wanted
from dispatch.offer import Offer, OfferState
from dispatch.pacing import turn
from dispatch.people import Availability, Interpreter
from dispatch.policy import Policy
from dispatch.prompts import Farewell, Join, next_prompt
from dispatch.request import Channel, Guess, Leg, LegRole, LegState, Need, Request, RequestState, Urgency
from dispatch.ring_plan import AllAtOnce, Strategy
from dispatch.routing import Candidate, choose
from dispatch.steps import step

HALF_LIFE = timedelta(days=60)
_CANDIDATES = 30
_GIVEN_UP = 3 * 3600.0
_STEP_SECONDS = 0.05
"""From an effect to its work in a resident worker, and from a webhook to its answer."""


@dataclass(frozen=True)
class Contender:
    """One way of running the service."""

    name: str
    strategy: Strategy
    urgent_first: bool = True
    """Calls of all requests in the order of `pacing.turn`; otherwise as they come."""
    longest_idle: bool = False
    """Whom to ask: who has been idle longest, as contact-centre routers do; otherwise `routing.choose`."""
    eager: float = 1.0
    """Divides what an interruption weighs in the aims."""
    rest: timedelta = timedelta(0)
    """Whoever was rung within that time comes after the others of their tier."""
    oracle: bool = False
    """Rings the one who will be quickest to accept, and nobody else; where nobody will, everybody."""


@dataclass(frozen=True)
class Told:
    """What the measurements need to know of one finished request."""

    asking: Asking
    connected: float | None
    """Seconds from the first text or word to interpreter and requester in the conference."""
    state: RequestState
    rings: int
    """Interpreters' phones that rang."""
    talk: float


@dataclass
class _Call:
    """A call at the carrier."""

    request_id: str
    leg_id: str
    up: bool = True
    started: float = 0.0


class World:
    """One run of one contender."""

    def __init__(self, town: Town, contender: Contender, policy: Policy, per_second: float = 1.0) -> None:
        self._town = town
        self._contender = contender
        no_limit = dict.fromkeys(Urgency, 1000)
        aims = {
            urgency: replace(aim, ring_worth=aim.ring_worth / contender.eager) for urgency, aim in policy.aims.items()
        }
        self._policy = replace(policy, strategy=contender.strategy, ring_at_once=no_limit, aims=aims)
        self._gap = 1 / per_second
        self._clock = 0.0
        self._order = itertools.count()
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._people: dict[str, Interpreter] = {one.id: one for one in town.roster}
        self._speakers: dict[str, list[str]] = defaultdict(list)
        for one in town.roster:
            for skill in one.skills:
                self._speakers[skill.language].append(one.id)
        self._requests: dict[str, Request] = {}
        self._asking = {asking.id: asking for asking in town.asking}
        self._waiting: set[str] = set()
        self._holds: dict[str, str] = {}
        self._calls: dict[str, _Call] = {}
        self._queue: list[tuple[datetime, int, str, effects.PlaceCall]] = []
        self._carrier_free = 0.0
        self._answers: dict[str, Answers] = {}
        self._pool = Pool()
        self._chances: dict[tuple[str, int], float] = {}
        self._attempts: dict[tuple[str, str], int] = defaultdict(int)
        self._rings: dict[str, int] = defaultdict(int)
        self.told: list[Told] = []
        self.offers: dict[str, int] = defaultdict(int)
        self.talked: dict[str, float] = defaultdict(float)
        self.starts: list[float] = []
        """When the carrier started calls."""
        self.steps = 0

    # -- running -------------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Until everybody who asked within the town's time has been served or has given up."""
        self._answers = learn(self._town.history(), HALF_LIFE)
        self._pool = Pool.of(self._answers.values())
        for asking in self._town.asking:
            self._at(asking.at, lambda asking=asking: self._asks(asking))  # type: ignore[misc]
        for hour in range(1, round(self._town.seconds / 3600) + 6):
            self._at(hour * 3600.0, self._hour_turns)
        while self._agenda:
            self._clock, _, act = heapq.heappop(self._agenda)
            act()

    @property
    def now(self) -> datetime:
        """The virtual clock."""
        return START + timedelta(seconds=self._clock)

    @property
    def left(self) -> list[Request]:
        """Requests that have not ended."""
        return list(self._requests.values())

    @property
    def engaged(self) -> dict[str, str]:
        """Which request holds which interpreter."""
        return dict(self._holds)

    def _at(self, seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (seconds, next(self._order), act))

    def _in(self, seconds: float, act: Callable[[], None]) -> None:
        self._at(self._clock + seconds, act)

    # -- people --------------------------------------------------------------------------------------------------------

    def _asks(self, asking: Asking) -> None:
        request = Request(
            asking.id, f"p{asking.id}", asking.role, asking.channel, RequestState.RECEIVED, self.now,
            need=Need(urgency=asking.urgency),
        )  # fmt: skip
        self._requests[asking.id] = request
        self._in(asking.patience, lambda: self._gives_up(asking))
        self._in(_GIVEN_UP, lambda: self._happens(asking.id, events.RequestDropped("dispatcher")))
        if asking.channel is Channel.TEXT:
            need = Need(languages=(asking.language,), urgency=asking.urgency)
            self._happens(asking.id, events.TextReceived(need, asking.language))
            return
        leg = f"{asking.id}-1"
        self._calls[leg] = _Call(asking.id, leg)
        self._happens(asking.id, events.CallArrived(leg, "in"))
        heard = events.LanguageHeard("accept", (Guess(asking.language, 0.97),), "heard")
        self._in(asking.speaks, lambda: self._happens(asking.id, events.SpeechRecorded(leg, "RE")))
        self._in(asking.speaks + 0.6, lambda: self._happens(asking.id, heard))

    def _gives_up(self, asking: Asking) -> None:
        """Hangs up, or texts DROP, unless an interpreter has been found by now."""
        request = self._requests.get(asking.id)
        if request is None or request.state in (RequestState.CONNECTING, RequestState.CONNECTED):
            return
        leg = request.leg_of(LegRole.REQUESTER)
        if leg is not None and leg.live:
            self._ends(leg.id, "completed")
        else:
            self._happens(asking.id, events.RequestDropped("requester"))

    def _hour_turns(self) -> None:
        """Shifts begin and end; once a day the prior is worked out anew; who signs on may take a waiting request."""
        if self.now.hour == 4:
            self._pool = Pool.of(self._answers.values())
            self._chances.clear()
        for one in list(self._people.values()):
            on = self._town.present(one.id, self.now)
            if on != (one.availability is Availability.ON):
                self._people[one.id] = replace(one, availability=Availability.ON if on else Availability.OFF)
                if on:
                    self._free(one.id)

    def _free(self, interpreter_id: str) -> None:
        """What the intake does with `MatchWaiting`: the three requests that need this interpreter most look again."""
        if not self._waiting or not self._people[interpreter_id].can_be_rung(self.now):
            return
        spoken = {skill.language for skill in self._people[interpreter_id].skills}
        waiting = [self._requests[one] for one in self._waiting if self._requests[one].language in spoken]
        ahead = self._policy.ahead
        waiting.sort(key=lambda one: one.created_at - timedelta(seconds=ahead[one.need.urgency]))
        for request in waiting[:3]:
            self._happens(request.id, events.SupplyChanged())

    # -- the core ------------------------------------------------------------------------------------------------------

    def _happens(self, request_id: str, event: events.Event, policy: Policy | None = None) -> None:
        """One step, and its effects on their way."""
        request = self._requests.get(request_id)
        if request is None:
            return
        after, todo = step(request, event, self.now, policy or self._policy)
        self.steps += 1
        if after is not request:
            self._save(request, after)
        for effect in todo:
            self._perform(request_id, effect)
        if after.over and all(leg.state is LegState.ENDED for leg in after.legs):
            self._finished(after)

    def _save(self, before: Request, after: Request) -> None:
        """What the store does: one active offer for each interpreter, deadlines as rows, and nothing forgotten."""
        self._requests[after.id] = after
        for offer in after.offers:
            old = before.offer(offer.id)
            if old is offer:
                continue
            holder = self._holds.get(offer.interpreter_id)
            if offer.active and holder not in (None, after.id):
                raise AssertionError(f"{offer.interpreter_id} was offered twice: {holder} and {after.id}")
            if offer.active:
                self._holds[offer.interpreter_id] = after.id
            elif holder == after.id and (old is None or old.active):
                del self._holds[offer.interpreter_id]
                if offer.state is not OfferState.FINISHED:
                    self._in(_STEP_SECONDS, lambda one=offer.interpreter_id: self._free(one))  # type: ignore[misc]
            changed = {"engaged": offer.active, **({"last_offered_at": self.now} if old is None else {})}
            self._people[offer.interpreter_id] = replace(self._people[offer.interpreter_id], **changed)  # type: ignore[arg-type]
            if old is not None and old.state is not offer.state:
                self._learn(offer)
        if sum(offer.state is OfferState.ACCEPTED for offer in after.offers) > 1:
            raise AssertionError(f"{after.id} has two interpreters in one seat")
        for deadline in after.deadlines:
            if deadline not in before.deadlines:
                seconds = (deadline.at - START).total_seconds()
                self._at(seconds, lambda deadline=deadline: self._due(after.id, deadline))  # type: ignore[misc]
        waits = after.state in (RequestState.WAITING, RequestState.CALLBACK_SCHEDULED)
        (self._waiting.add if waits else self._waiting.discard)(after.id)
        if after.state is RequestState.CONNECTED and before.state is not RequestState.CONNECTED:
            self._in(self._asking[after.id].talk, lambda: self._talk_over(after.id))

    def _due(self, request_id: str, deadline: object) -> None:
        request = self._requests.get(request_id)
        found = next((one for one in request.deadlines if one == deadline), None) if request else None
        if found is not None:
            self._happens(request_id, events.DeadlinePassed(found.kind, found.subject))

    def _learn(self, offer: Offer) -> None:
        """An offer's end goes into the interpreter's history, if their phone rang."""
        call = self._calls.get(offer.id)
        known = (OfferState.ACCEPTED, OfferState.DECLINED, OfferState.EXPIRED, OfferState.WITHDRAWN)
        if call is None or offer.state not in known:
            return
        past = PastOffer(
            offer.interpreter_id,
            START + timedelta(seconds=call.started),
            offer.state is OfferState.ACCEPTED,
            self._clock - call.started,
            withdrawn=offer.state is OfferState.WITHDRAWN,
        )
        before = self._answers.get(offer.interpreter_id, Answers())
        self._answers[offer.interpreter_id] = before.after(past, HALF_LIFE, self._pool.usual)
        for hour in range(HOURS):
            self._chances.pop((offer.interpreter_id, hour), None)

    def _finished(self, request: Request) -> None:
        asking = self._asking[request.id]
        connected = (request.connected_at - request.created_at).total_seconds() if request.connected_at else None
        talk = 0.0
        if request.connected_at is not None and request.ended_at is not None:
            talk = (request.ended_at - request.connected_at).total_seconds()
            seat = next(offer for offer in reversed(request.offers) if offer.state is OfferState.FINISHED)
            self.talked[seat.interpreter_id] += talk
        self.told.append(Told(asking, connected, request.state, self._rings.pop(request.id, 0), talk))
        del self._requests[request.id]
        self._waiting.discard(request.id)

    def _talk_over(self, request_id: str) -> None:
        request = self._requests.get(request_id)
        leg = request.leg_of(LegRole.REQUESTER) if request else None
        if leg is not None:
            self._ends(leg.id, "completed")

    # -- effects -------------------------------------------------------------------------------------------------------

    def _perform(self, request_id: str, effect: effects.Effect) -> None:
        match effect:
            case effects.FindInterpreters(seat=seat):
                self._in(_STEP_SECONDS, lambda: self._search(request_id, seat))
            case effects.PlaceCall():
                self._queue.append((turn(self._requests[request_id], effect), next(self._order), request_id, effect))
                self._at(max(self._clock, self._carrier_free), self._carrier_turn)
            case effects.HangUp(leg_id):
                self._in(0.3, lambda: self._ends(leg_id, "canceled"))
            case effects.MoveCall(leg_id):
                self._in(0.4, lambda: self._asks_what_next(request_id, leg_id))
            case effects.FreeInterpreter(interpreter_id):
                until = self.now + timedelta(seconds=self._policy.wrap_up_seconds)
                self._people[interpreter_id] = replace(self._people[interpreter_id], wrap_up_until=until)
                self._in(self._policy.wrap_up_seconds, lambda: self._free(interpreter_id))
            case effects.CheckCalls():
                for leg in self._requests[request_id].legs:
                    call = self._calls.get(leg.id)
                    if leg.state is not LegState.ENDED and call is not None and not call.up:
                        self._happens(request_id, events.CallEnded(leg.id, "completed"))
            case _:
                pass  # texts, alerts and recordings change nothing that is measured here

    def _search(self, request_id: str, seat: int) -> None:
        """What `searching.look` does, on the in-memory roster."""
        request = self._requests.get(request_id)
        if request is None or request.over or request.language is None or request.open_seat != seat:
            return
        spoken = dict.fromkeys(itertools.chain(*(self._speakers[code] for code in wanted(request, seat).any_of)))
        facts = {one: Facts(answers=self._chance(one), offers_week=self.offers.get(one, 0)) for one in spoken}
        people = [self._people[one] for one in spoken]
        choice = choose(request, people, self.now, self._policy, facts, seat)
        ranked, policy = choice.candidates, self._policy
        if self._contender.longest_idle:
            ranked = tuple(sorted(ranked, key=lambda one: self._people[one.interpreter_id].last_offered_at or START))
        if self._contender.oracle:
            ranked = tuple(sorted(ranked, key=lambda one: self._will_take(request, one.interpreter_id)))
            if ranked and self._will_take(request, ranked[0].interpreter_id)[0]:
                policy = replace(policy, strategy=AllAtOnce())  # nobody will: whoever is asked again may
        best = ranked[:_CANDIDATES]
        found = events.CandidatesFound(
            tuple(one.interpreter_id for one in best),
            tuple(one.reason for one in best),
            tuple(one.chance for one in best),
            tuple(self._group(request, one, place) for place, one in enumerate(best)),
            tuple(one.through for one in best),
            seat,
            self._ahead(request),
            choice.because,
        )
        self._happens(request_id, found, policy)

    def _group(self, request: Request, candidate: Candidate, place: int) -> int:
        """The tier, as `searching.look` has it; the baseline and the oracle keep the order they were given."""
        if self._contender.longest_idle or self._contender.oracle:
            return place
        one = self._people[candidate.interpreter_id]
        missed = any(o.interpreter_id == one.id and o.state is OfferState.EXPIRED for o in request.offers)
        lately = one.last_offered_at is not None and self.now - one.last_offered_at < self._contender.rest
        return 100 * missed + 10 * one.tier + lately

    def _chance(self, interpreter_id: str) -> float:
        """Reckoned once for each hour, and again when something was learned."""
        key = interpreter_id, hour_of(self.now)
        if key not in self._chances:
            self._chances[key] = self._pool.accepts(self._answers.get(interpreter_id, Answers()), self.now)
        return self._chances[key]

    def _ahead(self, request: Request) -> int:
        """How many calls of others the carrier starts before this request's next one."""
        others = [turn for turn, _, one, _ in self._queue if one != request.id]
        if not self._contender.urgent_first:
            return len(others)
        next_leg = f"{request.id}-{len(request.legs) + 1}"
        leg = Leg(next_leg, LegRole.INTERPRETER, LegState.DIALLING)
        mine = turn(request.with_leg(leg), effects.PlaceCall(next_leg, effects.To.INTERPRETER))
        return sum(other <= mine for other in others)

    def _will_take(self, request: Request, interpreter_id: str) -> tuple[bool, float]:
        attempt = self._attempts[request.id, interpreter_id]
        answer = self._town.answered(request.id, interpreter_id, attempt, self.now)
        return answer.how != "accepts", answer.seconds

    # -- the carrier ---------------------------------------------------------------------------------------------------

    def _carrier_turn(self) -> None:
        """Start one call, if it is time and any is wanted."""
        if self._clock < self._carrier_free - 1e-9:
            return
        self._queue = [item for item in self._queue if self._wanted(item[2], item[3])]
        if not self._queue:
            return
        chosen = min(self._queue, key=lambda item: item[:2] if self._contender.urgent_first else item[1:2])
        self._queue.remove(chosen)
        self._carrier_free = self._clock + self._gap
        if self._queue:
            self._at(self._carrier_free, self._carrier_turn)
        self._start(chosen[2], chosen[3])

    def _wanted(self, request_id: str, effect: effects.PlaceCall) -> bool:
        request = self._requests.get(request_id)
        leg = request.leg(effect.leg_id) if request else None
        return leg is not None and leg.state is LegState.DIALLING and leg.call_sid is None

    def _start(self, request_id: str, effect: effects.PlaceCall) -> None:
        leg_id = effect.leg_id
        self.starts.append(self._clock)
        call = self._calls[leg_id] = _Call(request_id, leg_id, started=self._clock)
        self._happens(request_id, events.CallPlaced(leg_id, f"CA{leg_id}"))
        if effect.to is not effects.To.INTERPRETER:
            seconds = self._asking[request_id].picks_up
            self._while_up(call, seconds, lambda: self._picks_up_to_join(request_id, leg_id))
            return
        self._rings[request_id] += 1
        self.offers[effect.person_id] += 1
        attempt = self._attempts[request_id, effect.person_id]
        self._attempts[request_id, effect.person_id] += 1
        answer = self._town.answered(request_id, effect.person_id, attempt, self.now)
        if answer.how in ("accepts", "declines") and answer.seconds < effect.ring_seconds + 10:
            self._while_up(call, answer.seconds * 0.6, lambda: self._happens(request_id, events.LegAnswered(leg_id)))
            yes = answer.how == "accepts"
            self._while_up(call, answer.seconds, lambda: self._says(request_id, leg_id, yes))
        elif answer.how == "mailbox":
            machine = events.LegAnswered(leg_id, machine=True)
            self._while_up(call, min(answer.seconds, effect.ring_seconds), lambda: self._happens(request_id, machine))
        else:
            self._while_up(call, effect.ring_seconds, lambda: self._ends(leg_id, "no-answer"))

    def _while_up(self, call: _Call, seconds: float, act: Callable[[], None]) -> None:
        self._in(seconds, lambda: act() if call.up else None)

    def _says(self, request_id: str, leg_id: str, yes: bool) -> None:
        self._happens(request_id, events.OfferAnswered(leg_id, yes))
        self._asks_what_next(request_id, leg_id)

    def _picks_up_to_join(self, request_id: str, leg_id: str) -> None:
        self._happens(request_id, events.LegAnswered(leg_id))
        self._asks_what_next(request_id, leg_id)

    def _asks_what_next(self, request_id: str, leg_id: str) -> None:
        """The phone fetches its next prompt: it joins the conference, says goodbye, or goes on waiting."""
        request, call = self._requests.get(request_id), self._calls.get(leg_id)
        if request is None or call is None or not call.up:
            return
        prompt = next_prompt(request, leg_id, 0, self._policy)
        if isinstance(prompt, Join):
            self._while_up(call, 1.0, lambda: self._happens(request_id, events.LegJoined(leg_id)))
        elif isinstance(prompt, Farewell):
            self._while_up(call, 2.0, lambda: self._ends(leg_id, "completed"))

    def _ends(self, leg_id: str, how: str) -> None:
        call = self._calls.get(leg_id)
        if call is not None and call.up:
            call.up = False
            self._happens(call.request_id, events.CallEnded(leg_id, how))


def policy() -> Policy:
    """The product's defaults, without a duty desk: nobody measures it here."""
    return Policy(agency="Town", desk=False)
