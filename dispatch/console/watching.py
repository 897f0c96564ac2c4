"""The board kept in memory for all who watch it: brought up to date from the log, line by line, not read anew.

Every part carries the number of the change that it is from, so that each watcher is sent what they have not seen.
What no log line tells (wrap-up that ended, an edit from the command line) is found by a slow round over everything, a
share at a time: an event never waits for thousands of rows.
"""

import json
import math
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dispatch import board, explaining
from dispatch.clock import Clock
from dispatch.dispatching import Dispatching
from dispatch.offer import Offer
from dispatch.people import Requester
from dispatch.request import Request
from dispatch.store import LogEntry, RosterLine, Store, Transaction

_AT_ONCE = 500
"""Log lines; a board that has fallen behind by more is read anew."""
_LATE = 50
"""Log lines looked at again: where transactions overlap, a line may be seen later than one with a higher number."""
_ROUND_SECONDS = 10.0
"""Wrap-up, pauses and gists end by the clock alone, and a roster may be changed from the command line: everything is
looked at once in that time."""
_SHARE = 0.05
"""The least part of a round that is worth its queries."""
_LOOK_SECONDS = 0.04
"""Whoever looks sooner than that after somebody else sees what they saw."""

Json = dict[str, Any]


@dataclass
class Part:
    """Something shown, as JSON, and the number of the change that made it so."""

    told: str
    change: int


@dataclass
class Seen:
    """How far one watcher is."""

    change: int = -1
    roster: int = -1


@dataclass
class _Known:
    """What the board is made from."""

    seq: int = -1
    lines: frozenset[int] = frozenset()
    """The newest log lines that were heeded."""
    at: datetime | None = None
    """When the round was last gone on with."""
    round: float = 0.0
    """The part of the open requests, and of the roster, that this round has passed."""
    audited: int = -1
    """The newest line of the audit log that was heeded."""
    opened: dict[str, Request] = field(default_factory=dict)
    recent: list[Request] = field(default_factory=list)
    asked: dict[str, Requester] = field(default_factory=dict)
    people: dict[str, RosterLine] = field(default_factory=dict)
    held: dict[str, Offer] = field(default_factory=dict)
    gists: dict[str, Json | None] = field(default_factory=dict)
    takers: dict[str, str] = field(default_factory=dict)


class Watching:
    """Shared by everybody who watches; safe between threads."""

    def __init__(self, store: Store, clock: Clock, intake: Dispatching) -> None:
        self._store, self._clock, self._intake = store, clock, intake
        self._turn = threading.Lock()
        self._known = _Known()
        self._change = 0
        self._cards: dict[str, Part] = {}
        self._rows: dict[str, Part] = {}
        self._gone: list[tuple[int, str]] = []
        self._parts: dict[str, Part] = {}
        self._free: set[str] = set()
        self._looked = 0.0
        self._moved = False

    def look(self, at_once: bool = False) -> int:
        """The number of the newest change, whatever there is of it read.

        `at_once` for somebody whose page is still empty: what is kept is brought up to date from the log alone; what
        the clock alone has changed is seen at the next look.
        """
        with self._turn:
            if time.monotonic() - self._looked > _LOOK_SECONDS:
                self._up_to_date(at_once)
                self._looked = time.monotonic()
            return self._change

    def news(self, seen: Seen, queue: bool) -> str:
        """What a watcher has not seen of the requests, as JSON; `seen` is moved on. The roster comes by `roster`."""
        with self._turn:
            whole = seen.change < 0
            cards = [part.told for part in self._cards.values() if part.change > seen.change]
            told = [f'"{name}": {part.told}' for name, part in self._parts.items() if part.change > seen.change]
            head = {
                "now": self._clock.now().isoformat(),
                "seq": self._known.seq,
                "whole": whole,
                "queue": queue,
                "free": len(self._free),
            }
            seen.change = self._change
        return json.dumps(head)[:-1] + "".join(f", {one}" for one in (*told, f'"open": [{", ".join(cards)}]')) + "}"

    def roster(self, seen: Seen) -> str | None:
        """Roster rows that a watcher has not seen, as JSON; None where there are none."""
        with self._turn:
            whole = seen.roster < 0
            rows = [part.told for part in self._rows.values() if part.change > seen.roster]
            gone = [one for change, one in self._gone if change > seen.roster]
            seen.roster = self._change
        if not rows and not gone and not whole:
            return None
        return f'{{"whole": {json.dumps(whole)}, "gone": {json.dumps(gone)}, "rows": [{", ".join(rows)}]}}'

    # -- keeping up ----------------------------------------------------------------------------------------------------

    def _up_to_date(self, at_once: bool) -> None:
        now, known = self._clock.now(), self._known
        share = 1.0 if known.at is None else (now - known.at).total_seconds() / _ROUND_SECONDS
        if share < _SHARE or (at_once and known.at is not None):
            share = 0.0
        with self._store.reading() as tx:
            recent = tx.log_after(max(known.seq - _LATE, 0), _AT_ONCE) if share < 1 else []
            lines = [line for line in recent if line.seq not in known.lines]
            if not share and not lines:
                return
            self._change, self._moved = self._change + 1, False
            if share >= 1 or len(recent) == _AT_ONCE:
                changed = set(known.opened)
                self._read_requests(tx, now)
                known.at, known.seq, changed = now, tx.last_seq(), changed | set(known.opened)
                recent = tx.log_after(max(known.seq - _LATE, 0), _AT_ONCE)
                self._read_roster(tx, None, now)
            else:
                changed = {line.request_id for line in lines if line.request_id}
                if share:
                    changed |= self._gone_round(tx, share, now)
                self._reread(tx, changed, now)
                known.seq = recent[-1].seq if recent else known.seq
                self._read_roster(tx, lines, now)
            known.lines = frozenset(line.seq for line in recent)
            self._say("alerts", board.alerts(tx, now))
        self._draw(changed)
        # Nobody is told of a look that found nothing.
        self._change -= not self._moved

    def _gone_round(self, tx: Transaction, share: float, now: datetime) -> set[str]:
        """The next share of the round: its interpreters are drawn, its requests' ids are given.

        Who has come or gone is found where a round begins, what has changed of the others as it passes them.
        """
        known, begun = self._known, self._known.round
        come: set[str] = set()
        new_requests: set[str] = set()
        if begun == 0.0:
            there = set(tx.roster_ids())
            come, left = there - set(known.people), set(known.people) - there
            known.people = {one: line for one, line in known.people.items() if one not in left}
            new_requests = set(tx.open_ids()) - set(known.opened)
            known.recent = tx.recent_requests(board.RECENT)
            known.asked |= tx.requesters(sorted({one.requester_id for one in known.recent}))
        known.at, known.round = now, min(begun + share, 1.0)
        passed, people = (_part(sorted(of), begun, known.round) for of in (known.opened, known.people))
        known.round = known.round if known.round < 1.0 else 0.0
        known.asked |= tx.requesters(sorted({known.opened[one].requester_id for one in passed}))

        wanted = come.union(people)
        lines = {line.id: line for line in tx.roster_lines(sorted(wanted))}
        for one in wanted - set(lines):
            known.people.pop(one, None)
        known.people |= lines
        self._draw_roster(lines, now)
        return new_requests.union(passed)

    def _read_roster(self, tx: Transaction, lines: list[LogEntry] | None, now: datetime) -> None:
        """Those whom the news is about, and whom somebody edited; without `lines`, everybody."""
        known = self._known
        moved, audited = self._held(), tx.newest_audit()
        edited = tx.roster_edited(known.audited) if audited > known.audited else frozenset()
        known.audited = audited
        if lines is None or edited is None:
            before, known.people = known.people, {line.id: line for line in tx.roster_lines()}
            # Thousands of rows are drawn again only where something of theirs can have changed.
            fresh = {
                one: line
                for one, line in known.people.items()
                if one in moved or line.busy_until or line.wrap_up_until or before.get(one) != line
            }
        else:
            moved |= {line.detail["interpreter_id"] for line in lines if line.kind == "AvailabilityChanged"}
            moved |= {one.id for one in known.people.values() if one.code in edited} if edited else set()
            fresh = {line.id: line for line in tx.roster_lines(sorted(moved))} if moved else {}
            fresh |= {line.id: line for line in tx.roster_lines_coded(sorted(edited))} if edited else {}
            for one in moved - set(fresh):
                known.people.pop(one, None)
            known.people |= fresh
        self._draw_roster(fresh, now)

    def _read_requests(self, tx: Transaction, now: datetime) -> None:
        known = self._known
        known.opened = {one.id: one for one in tx.open_requests()}
        known.recent = tx.recent_requests(board.RECENT)
        asked = {one.requester_id for one in (*known.opened.values(), *known.recent)}
        known.asked = tx.requesters(sorted(asked))
        known.takers = tx.takers(list(known.opened))
        known.gists = self._gists(tx, known.opened, now)

    def _reread(self, tx: Transaction, changed: set[str], now: datetime) -> None:
        known = self._known
        found = tx.requests_of(sorted(changed))
        for one in found:
            if one.over:
                known.opened.pop(one.id, None)
            else:
                known.opened[one.id] = one
        if any(one.over for one in found):
            known.recent = tx.recent_requests(board.RECENT)
        strangers = {one.requester_id for one in (*found, *known.recent)} - set(known.asked)
        known.asked |= tx.requesters(sorted(strangers)) if strangers else {}
        known.takers |= tx.takers(sorted(changed)) if changed else {}
        known.gists |= self._gists(tx, changed, now)

    def _gists(self, tx: Transaction, ids: Iterable[str], now: datetime) -> dict[str, Json | None]:
        wanted = sorted(ids)
        found = tx.gists(wanted, now) if wanted else {}
        return {one: board.gist_words(found.get(one)) for one in wanted}

    def _held(self) -> set[str]:
        """Interpreters who are held by another offer than before, or none."""
        known = self._known
        held = board.holding(known.opened.values())
        before, known.held = known.held, held
        return {one for one in before.keys() | held.keys() if before.get(one) != held.get(one)}

    # -- drawing -------------------------------------------------------------------------------------------------------

    def _draw(self, changed: Iterable[str]) -> None:
        known, policy = self._known, self._intake.policy
        for one in changed:
            request = known.opened.get(one)
            if request is None:
                self._moved |= self._cards.pop(one, None) is not None
                continue
            card = board.card(request, known.people, known.asked, policy)
            card["gist"] = known.gists.get(one)
            card["taken_by"] = known.takers.get(one, "") if card["state"] == "confirming" else ""
            self._put(self._cards, one, card)
        opened = sorted(known.opened.values(), key=board.urgent_first)
        self._say("order", [one.id for one in opened])
        self._say("places", explaining.places(opened, policy))
        self._say("recent", [board.card(one, known.people, known.asked, policy) for one in known.recent])

    def _draw_roster(self, lines: dict[str, RosterLine], now: datetime) -> None:
        known = self._known
        for line in lines.values():
            row = board.roster_row(line, known.held.get(line.id), now)
            (self._free.add if row["status"] == "on" else self._free.discard)(line.id)
            self._put(self._rows, line.id, row)
        for one in [one for one in self._rows if one not in known.people]:
            del self._rows[one]
            self._free.discard(one)
            self._moved = True
            self._gone = [*self._gone[-_AT_ONCE:], (self._change, one)]

    def _say(self, name: str, value: object) -> None:
        self._put(self._parts, name, value)

    def _put(self, parts: dict[str, Part], name: str, value: object) -> None:
        told = json.dumps(value, ensure_ascii=False)
        if name not in parts or parts[name].told != told:
            parts[name] = Part(told, self._change)
            self._moved = True


def _part(ids: Sequence[str], begun: float, until: float) -> Sequence[str]:
    """Those between two shares of them; who lies on a border is in both."""
    return ids[int(begun * len(ids)) : math.ceil(until * len(ids))]
