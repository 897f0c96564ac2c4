"""Sessions in writing, from the first text to the last: who gets which words, the clock, both ends, the desk."""

from datetime import timedelta

import pytest

from dispatch import board, phrases, timeline
from dispatch.effects import FindInterpreters, PlaceCall, ReadText, SendText, To
from dispatch.events import LanguageHeard
from dispatch.intake import Intake
from dispatch.outcomes import Result
from dispatch.people import PhoneNumber, Requester, Role, Terms
from dispatch.policy import Policy
from dispatch.request import Guess, Request, RequestState
from dispatch.store import Store
from dispatch.values import replace
from tests.dispatch.people import interpreter, officer
from tests.dispatch.requests import NOON, POLICY
from tests.dispatch.test_searching import At

TEXTER = PhoneNumber("+16175550150")
DESK = PhoneNumber("+16175550199")
FIRST = "Mwen bezwen èd, mari m ap frape pòt la"

on_sqlite = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
"""What differs between the databases is in the tests without it."""


class Texts:
    """A store, its intake, and a worker who performs what is handed over at once; calls are only noted."""

    def __init__(self, store: Store, policy: Policy = POLICY) -> None:
        self.store, self.clock, self.policy = store, At(NOON), policy
        self.waiting: list[str] = []
        self.intake = Intake(store, self.clock, policy, self.waiting.extend)
        self.got: list[tuple[str, str]] = []
        self.rung: list[PlaceCall] = []
        self._sids = 0
        with store.transaction() as tx:
            tx.add_requester(officer())
            for number in (1, 2, 3, 4):
                tx.put_interpreter(interpreter(number, "hat", "spa"))
            tx.put_interpreter(replace(interpreter(5, "hat"), terms=Terms(channels=("voice",))))

    def text(self, sender: PhoneNumber, body: str) -> list[tuple[str, str]]:
        """Somebody texts; returns who was texted what because of it."""
        self._sids += 1
        self.intake.text(f"SM{self._sids}", sender, body, from_desk=sender == DESK)
        return self.work()

    def passes(self, **time: float) -> list[tuple[str, str]]:
        """Time passes and deadlines come; returns who was texted what."""
        self.clock.at += timedelta(**time)
        self.intake.deadlines()
        return self.work()

    def work(self) -> list[tuple[str, str]]:
        """Perform everything that was handed over."""
        self.got = []
        while self.waiting:
            with self.store.reading() as tx:
                stored = tx.effect(self.waiting.pop(0))
            if stored is None:
                continue
            with self.store.transaction() as tx:
                tx.finish_effect(stored.id, self.clock.now())
            match stored.effect:
                case SendText(to, person, key, _, params):
                    who = "desk" if to is To.DESK else "them" if to is To.REQUESTER else person
                    self.got.append((who, params.get("words", key)))
                case FindInterpreters(seats, seat):
                    self.intake.find_interpreters(stored.request_id or "", seats, seat)
                case ReadText():
                    heard = LanguageHeard("accept", (Guess("hat", 0.97),), "their writing")
                    self.intake.report(stored.request_id or "", heard)
                case PlaceCall():
                    self.rung.append(stored.effect)
        return self.got

    @property
    def request(self) -> Request:
        """The newest request."""
        with self.store.reading() as tx:
            found = tx.open_requests() or tx.recent_requests(1)
        return found[-1]


def texting(store: Store, policy: Policy = POLICY) -> Texts:
    """A texter who cannot talk, and three interpreters asked by text."""
    texts = Texts(store, policy)
    texts.text(TEXTER, FIRST)
    # What rings by now is let go: they cannot talk.
    assert ("them", "onsite_text_only") in texts.text(TEXTER, "TEXT")
    return texts


def session(store: Store, policy: Policy = POLICY) -> Texts:
    """The texter and interpreter 1 write; 1 has written once."""
    texts = texting(store, policy)
    took = next(who for who in ("i1", "i2", "i3", "i4") if who in {o.interpreter_id for o in texts.request.open_offers})
    assert took == "i1"
    texts.text(interpreter(1).number, "YES")
    texts.clock.at += timedelta(seconds=20)
    texts.text(interpreter(1).number, "Bonjou, m ap ede w")
    return texts


# -- finding somebody --------------------------------------------------------------------------------------------------


@on_sqlite
def test_a_texter_learns_in_their_language_that_they_may_write_instead(store: Store) -> None:
    texts = Texts(store)
    got = texts.text(TEXTER, FIRST)
    assert [key for who, key in got if who == "them"] == ["text_understood", "text_or_write"]


@on_sqlite
def test_who_cannot_talk_is_found_somebody_who_writes_and_no_phone_rings_for_it(store: Store) -> None:
    texts = texting(store)
    rung = len(texts.rung)
    asked = [offer.interpreter_id for offer in texts.request.open_offers]
    assert asked == ["i1", "i2", "i3"]  # three at once; 5 works by voice only
    with store.reading() as tx:
        (shown,) = board.read(tx, texts.clock.now(), POLICY)["open"]
    assert shown["words"] == "asking interpreters by text"
    assert [one["words"] for one in shown["offers"] if one["open"]] == ["asked by text"] * 3
    got = texts.text(interpreter(2).number, "NO")
    assert ("i4", "interpreter_offer_writing") in got
    assert "i5" not in {
        offer.interpreter_id for offer in texts.request.offers if offer.id.startswith(f"{texts.request.id}-w")
    }
    assert len(texts.rung) == rung


@on_sqlite
def test_phones_that_rang_for_them_stop_when_they_ask_to_write(store: Store) -> None:
    texts = Texts(store)
    texts.text(TEXTER, FIRST)
    rung = {offer.id for offer in texts.request.open_offers}
    assert rung
    texts.text(TEXTER, "text")
    assert not rung & {offer.id for offer in texts.request.open_offers}
    assert all(leg.state.value == "ended" for leg in texts.request.legs)


def test_the_first_yes_has_it_the_others_are_told_and_nobodys_number_is_needed(store: Store) -> None:
    texts = texting(store)
    got = texts.text(interpreter(3).number, "yes")
    assert ("i3", "interpreter_writing") in got
    assert ("them", "text_writing_ready") in got
    assert ("desk", "desk_writing") in got
    assert {("i1", "interpreter_writing_over"), ("i2", "interpreter_writing_over")} <= set(got)
    assert got[-1] == ("i3", FIRST) or ("i3", FIRST) in got  # what was written before they came
    assert texts.request.state is RequestState.CONNECTING
    late = texts.text(interpreter(1).number, "yes")
    assert late == [("i1", "interpreter_no_offer")]


@on_sqlite
def test_silence_to_the_question_asks_the_next_and_is_no_refusal_on_the_phone(store: Store) -> None:
    texts = texting(store)
    texts.passes(seconds=POLICY.writing_offer_seconds)
    assert {o.interpreter_id for o in texts.request.open_offers} >= {"i4"}
    with store.reading() as tx:
        assert tx.answers(["i1", "i2", "i3"]) == {}


@on_sqlite
def test_who_takes_it_and_writes_nothing_is_replaced(store: Store) -> None:
    texts = texting(store)
    texts.text(interpreter(1).number, "YES")
    got = texts.passes(seconds=POLICY.writing_first_seconds)
    assert ("i1", "interpreter_writing_over") in got
    assert "i1" in texts.request.need.kept_out
    assert texts.request.state is RequestState.OFFERING
    with store.reading() as tx:
        assert any("has written nothing" in alert.reason for alert in tx.open_alerts())


@on_sqlite
def test_an_officer_asks_for_writing_and_it_goes_to_and_fro_with_them(store: Store) -> None:
    texts = Texts(store)
    got = texts.text(officer().number, "spanish by text only")
    assert ("them", "officer_onsite_text_only") in got
    got = texts.text(interpreter(1).number, "yes")
    assert ("them", "officer_writing_ready") in got
    assert not [who for who, _ in got if who == "desk"]
    assert texts.text(interpreter(1).number, "¿Cómo se llama usted?") == [("them", "¿Cómo se llama usted?")]
    assert texts.text(officer().number, "His name is Luis") == [("i1", "His name is Luis")]
    texts.text(officer().number, "DROP")
    assert texts.request.state is RequestState.COMPLETED


# -- writing -----------------------------------------------------------------------------------------------------------


@on_sqlite
def test_the_clock_stops_at_the_interpreters_first_words_to_them(store: Store) -> None:
    texts = texting(store)
    texts.text(interpreter(1).number, "YES")
    texts.clock.at += timedelta(seconds=15)
    texts.text(interpreter(1).number, "DESK one moment")
    assert texts.request.connected_at is None
    texts.clock.at += timedelta(seconds=5)
    texts.text(interpreter(1).number, "Bonjou")
    assert texts.request.connected_at == NOON + timedelta(seconds=20)
    assert texts.request.state is RequestState.CONNECTED


def test_words_go_from_the_texter_to_the_interpreter_to_the_desk_and_back(store: Store) -> None:
    texts = session(store)
    assert texts.text(TEXTER, "Li gen yon kouto") == [("i1", "Li gen yon kouto")]
    assert texts.text(interpreter(1).number, "DESK: he has a knife") == [("desk", "he has a knife")]
    assert texts.text(DESK, "Where is she now?") == [("i1", "Where is she now?")]
    assert texts.text(interpreter(1).number, "Ki kote ou ye kounye a?") == [("them", "Ki kote ou ye kounye a?")]
    with store.reading() as tx:
        assert [(note.account, note.words) for note in tx.notes_of(texts.request.id)] == [
            ("interpreter 1", "he has a knife")
        ]


@pytest.mark.parametrize("said", ["yes", "no", "1", "OK", "never mind", "spanish", "note the door is open", "5", "ON"])
@on_sqlite
def test_what_is_a_command_elsewhere_is_only_said_here(store: Store, said: str) -> None:
    texts = session(store)
    assert texts.text(TEXTER, said) == [("i1", said)]
    assert texts.text(interpreter(1).number, said) == [("them", said)]
    assert texts.request.state is RequestState.CONNECTED


@on_sqlite
def test_knowing_somebody_is_said_and_knowing_the_interpreter_replaces_them(store: Store) -> None:
    texts = session(store)
    assert texts.text(TEXTER, "I know him") == [("i1", "I know him")]
    got = texts.text(TEXTER, "I know the interpreter")
    assert ("i1", "interpreter_writing_over") in got
    assert texts.request.state is RequestState.OFFERING
    with store.reading() as tx:
        assert "i1" in tx.apart_from(texts.request.requester_id)
    texts.text(interpreter(2).number, "yes")
    assert texts.text(interpreter(2).number, "Bonjou") == [("them", "Bonjou")]
    assert texts.text(TEXTER, "Mèsi") == [("i2", "Mèsi")]


@on_sqlite
def test_two_sessions_are_told_apart_by_the_code_the_desk_writes(store: Store) -> None:
    texts = session(store)
    first = texts.request
    other = PhoneNumber("+16175550160")
    texts.text(other, FIRST)
    texts.text(other, "TEXT")
    texts.text(interpreter(2).number, "yes")
    second = texts.request
    assert second.id != first.id
    assert texts.text(DESK, "Who is there?") == [("desk", "desk_which_session")]
    assert texts.text(DESK, f"{second.id[:4]} Who is there?") == [("i2", "Who is there?")]
    assert texts.text(DESK, f"[{first.id[:4].upper()}] And with you?") == [("i1", "And with you?")]


@on_sqlite
def test_a_long_text_is_passed_on_whole_in_parts(store: Store) -> None:
    texts = session(store)
    long = "a" * 1400 + "b" * 150
    assert texts.text(TEXTER, long) == [("i1", "a" * 1400), ("i1", "b" * 150)]


@on_sqlite
def test_without_a_desk_the_dispatcher_is_told_that_there_is_something_to_read(store: Store) -> None:
    texts = session(store, replace(POLICY, desk=False))
    texts.text(interpreter(1).number, "desk, she is at the station")
    with store.reading() as tx:
        assert any("see the notes" in alert.reason for alert in tx.open_alerts())


@on_sqlite
def test_the_same_text_delivered_twice_goes_on_once(store: Store) -> None:
    texts = session(store)
    for _ in range(2):
        texts.intake.text("SMtwice", TEXTER, "Wi")
    assert texts.work() == [("i1", "Wi")]


# -- the end -----------------------------------------------------------------------------------------------------------


@on_sqlite
def test_the_interpreters_done_ends_it_for_everybody(store: Store) -> None:
    texts = session(store)
    got = texts.text(interpreter(1).number, "DONE")
    assert set(got) == {("i1", "interpreter_thanks_done"), ("them", "text_dropped"), ("desk", "desk_writing_over")}
    assert (texts.request.state, texts.request.result) == (RequestState.COMPLETED, Result.CONNECTED)
    with store.reading() as tx:
        assert not tx.interpreter("i1").engaged


@on_sqlite
def test_the_texters_drop_ends_it_for_everybody(store: Store) -> None:
    texts = session(store)
    got = texts.text(TEXTER, "drop")
    assert set(got) == {("them", "text_dropped"), ("i1", "interpreter_writing_over"), ("desk", "desk_writing_over")}
    assert (texts.request.state, texts.request.result) == (RequestState.COMPLETED, Result.CONNECTED)
    assert texts.text(interpreter(1).number, "Èske ou la?")[0][0] == "i1"  # nobody is written to any more


@on_sqlite
def test_half_an_hour_without_a_word_ends_it(store: Store) -> None:
    texts = session(store)
    texts.passes(minutes=20)
    texts.text(TEXTER, "mwen la")
    texts.passes(minutes=20)
    assert texts.request.state is RequestState.CONNECTED
    got = texts.passes(minutes=10)
    assert {("them", "text_dropped"), ("i1", "interpreter_writing_over")} <= set(got)
    assert texts.request.outcome == "nobody wrote for 30 minutes"
    assert texts.request.result == Result.CONNECTED


@on_sqlite
def test_dropped_before_anybody_wrote_is_not_a_session(store: Store) -> None:
    texts = texting(store)
    got = texts.text(TEXTER, "DROP")
    assert [key for who, key in got if who == "them"] == ["text_dropped"]
    assert texts.request.state is RequestState.CANCELLED
    assert texts.request.connected_at is None


# -- what is kept ------------------------------------------------------------------------------------------------------


@on_sqlite
def test_the_history_says_who_wrote_and_never_what(store: Store) -> None:
    texts = session(store)
    texts.text(TEXTER, "Li gen yon kouto")
    with store.reading() as tx:
        entries = tx.log_of(texts.request.id)
        shown = board.read(tx, texts.clock.now(), POLICY)
    told = timeline.tell(entries, {}, {})
    assert "A text of the requester went on to the interpreter" in [one.what for one in told]
    assert "They want to write instead of talking" in [one.what for one in told]
    assert "kouto" not in str(entries)
    assert "kouto" not in str(shown)
    assert shown["open"][0]["words"] == "writing with an interpreter"


def test_what_waits_to_be_read_is_gone_when_it_was_passed_on_or_is_not_needed(store: Store, store_url: str) -> None:
    from tests.dispatch.test_retention import counts

    texts = texting(store)
    assert counts(store_url, "unread_texts") == [1]
    texts.text(interpreter(1).number, "YES")
    assert counts(store_url, "unread_texts") == [0]
    again = PhoneNumber("+16175550161")
    texts.text(again, FIRST)
    assert counts(store_url, "unread_texts") == [1]
    texts.text(again, "DROP")
    assert counts(store_url, "unread_texts") == [0]


@on_sqlite
def test_a_call_after_all_lets_those_go_who_were_asked_by_text(store: Store) -> None:
    texts = Texts(store)
    texts.text(officer().number, "spanish by text only")
    got = texts.text(officer().number, "spanish")
    assert ("i1", "interpreter_writing_over") in got
    assert texts.rung
    assert all(not offer.id.startswith(f"{texts.request.id}-w") for offer in texts.request.open_offers)


@on_sqlite
def test_a_withheld_or_unknown_texter_is_a_community_member(store: Store) -> None:
    texts = session(store)
    with store.reading() as tx:
        who = tx.requester(texts.request.requester_id)
    assert isinstance(who, Requester)
    assert who.role is Role.COMMUNITY


@on_sqlite
def test_a_first_text_as_long_as_the_carrier_takes_reaches_the_interpreter_in_pieces_that_fit(store: Store) -> None:
    texts = Texts(store)
    first = "Mwen bezwen èd. " * 100
    texts.text(TEXTER, first)
    texts.text(TEXTER, "TEXT")
    texts.text(interpreter(1).number, "YES")
    passed = [words for who, words in texts.got if who == "i1" and "bezwen" in words]
    assert "".join(passed) == first
    assert all(len(phrases.sentence("interpreter_they_write", "eng", words=words).text) <= 1600 for words in passed)


@on_sqlite
def test_an_interpreter_who_once_rang_the_hotline_back_is_no_requester_for_that(store: Store) -> None:
    texts = Texts(store)
    texts.intake.call("CA1", interpreter(1).number)
    texts.intake.call_over("CA1", "completed")
    assert texts.text(interpreter(1).number, "thank you, I am on my way home") == [("i1", "interpreter_menu")]
    with store.reading() as tx:
        assert tx.open_requests() == []
