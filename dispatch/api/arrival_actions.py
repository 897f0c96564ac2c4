"""What is done about an expected arrival by the API: changed, called off, interpreters invited, officers briefed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from dispatch import arrival_view, brief_pdf
from dispatch.api import requests
from dispatch.api.arrival_shapes import (
    BriefOut,
    BriefQuery,
    ChangedArrival,
    ExpectedOut,
    InvitationOut,
    InvitationsOut,
    InviteIn,
    KnowOut,
    PhraseOut,
    PhrasesOut,
    SpanOut,
    SuggestionOut,
    SuggestionsOut,
)
from dispatch.api.arrivals import PlannedOut, book, known, planned, shares
from dispatch.api.operations import Call, File, Operation
from dispatch.api.problems import ApiProblem, FieldProblem
from dispatch.api.shapes import (
    language_out,
    read_number,
)
from dispatch.arrival import Arrival, ArrivalState, Shape
from dispatch.arrival_book import zone_of
from dispatch.brief import PHRASES, Brief
from dispatch.errors import Conflict
from dispatch.integrations import Scope
from dispatch.inviting import Suggestion, as_hours, plan, suggest
from dispatch.shifts import Window, instant, zone_named
from dispatch.store import Transaction
from dispatch.supply_facts import gather


def change(call: Call) -> PlannedOut:
    """Write it anew, unless somebody else has since."""
    sent: ChangedArrival = call.body
    with call.store.reading() as tx:
        before = _expected(tx, call)
    try:
        after = book(call).change(_changed(before, sent, call.parts.settings.region), call.by)
    except Conflict as error:
        raise ApiProblem("changed", "Somebody else has changed this arrival since the version you read.") from error
    with call.store.reading() as tx:
        return planned(tx, after, call)


def call_off(call: Call) -> PlannedOut:
    """They do not come."""
    return _decided(call, book(call).call_off)


def expect_again(call: Call) -> PlannedOut:
    """They come after all."""
    return _decided(call, book(call).expect_again)


def _decided(call: Call, decide: Callable[[str, str], object]) -> PlannedOut:
    """An arrival that is known, after the book has written what was decided of it."""
    with call.store.reading() as tx:
        known(tx, call)
    decide(call.path["arrival_id"], call.by)
    with call.store.reading() as tx:
        return planned(tx, known(tx, call), call)


def suggestions(call: Call) -> SuggestionsOut:
    """Whom to invite."""
    with call.store.reading() as tx:
        found = _suggested(tx, known(tx, call), call)
    return SuggestionsOut(
        suggestions=[
            SuggestionOut(
                interpreter=requests.who(one.interpreter, call),
                languages=[told for code in one.languages if (told := language_out(code)) is not None],
                why=one.why,
                hours=[SpanOut(starts=turn.starts, ends=turn.ends) for turn in one.turns],
                against=one.against,
            )
            for one in found
        ]
    )


def invite(call: Call) -> InvitationsOut:
    """Ask those who were chosen, by text."""
    sent: InviteIn = call.body
    with call.store.reading() as tx:
        arrival = _expected(tx, call)
        people = {one.code: one for one in tx.roster()}
        usual = {one.interpreter.code: one.turns for one in _suggested(tx, arrival, call)}
    strangers = [place for place, one in enumerate(sent.interpreters) if one.code not in people]
    if strangers:
        wrong = [FieldProblem(field=f"interpreters.{n}.code", problem="is nobody's on the roster") for n in strangers]
        raise ApiProblem("invalid", "Not all of them are on the roster; nobody was invited.", {"errors": wrong})
    asked = {}
    for chosen in sent.interpreters:
        turns: Sequence[Window] = [Window(one.starts, one.ends) for one in chosen.hours]
        one = people[chosen.code]
        asked[one.id] = as_hours(turns or usual.get(one.code, ()), zone_of(one, call.parts.settings.time_zone))
    book(call).invite(arrival.id, asked, call.by)
    return invitations(call)


def invitations(call: Call) -> InvitationsOut:
    """Everybody who was invited, and what they said."""
    with call.store.reading() as tx:
        found = tx.invitations_to(known(tx, call).id)
        people = tx.interpreters_by_id([one.interpreter_id for one in found])
        guests = [
            arrival_view.guest(one, people.get(one.interpreter_id), tx.calendar(one.interpreter_id), call.now)
            for one in found
        ]
    return InvitationsOut(
        invitations=[
            InvitationOut(
                id=one.invitation.id,
                code=one.invitation.code,
                interpreter=requests.who(one.person, call),
                state=one.invitation.state.value,
                words=one.told,
                hours=[
                    SpanOut(starts=instant(part.starts, part.zone), ends=instant(part.ends, part.zone))
                    for part in one.invitation.hours
                ],
                asked_at=one.invitation.asked_at,
                answered_at=one.invitation.answered_at,
            )
            for one in guests
        ]
    )


def withdraw(call: Call) -> InvitationsOut:
    """Take one invitation back."""
    with call.store.reading() as tx:
        arrival, one = known(tx, call), tx.invitation(call.path["invitation_id"])
    if one is None or one.purpose != arrival.id:
        raise ApiProblem("not-found", "There is no such invitation to this arrival.")
    book(call).withdraw(one.id, call.by)
    return invitations(call)


def brief(call: Call) -> BriefOut:
    """The page for officers."""
    made = _made(call)
    same = ("title", "when", "where", "people", "draft", "liaison", "liaison_phone", "note", "number", "example")
    plain: dict[str, Any] = {name: getattr(made, name) for name in same}
    return BriefOut(
        **plain,
        languages=[
            ExpectedOut(
                language=language_out(one.code),
                people=one.people,
                variety=one.variety,
                say=one.say,
                ask=one.better,
            )
            for one in made.expected
        ],
        languages_more=made.more,
        language_not_known=made.not_known,
        phrases=[
            PhrasesOut(
                language=language_out(spoken.code),
                stands_for=list(spoken.stands_for),
                phrases=[
                    PhraseOut(means=means, text=one.text, say=one.say)
                    for means, one in zip(PHRASES.values(), spoken.phrases, strict=True)
                ],
            )
            for spoken in made.spoken
        ],
        without=list(made.without),
        notes=[KnowOut(title=one.title, text=one.text, source=one.source) for one in made.notes],
    )


def brief_file(call: Call) -> File:
    """The same as it is printed."""
    return File(brief_pdf.draw(_made(call), call.parts.settings.region), f"brief-{call.path['arrival_id']}.pdf")


# -- how it is done ----------------------------------------------------------------------------------------------------


def _expected(tx: Transaction, call: Call) -> Arrival:
    """The arrival that was named, where something can still be done about it."""
    found = known(tx, call)
    if found.ends <= call.now:
        raise ApiProblem("not-possible", "This arrival is over.")
    if found.state is ArrivalState.CALLED_OFF:
        raise ApiProblem("not-possible", "This arrival is called off; where they come after all, say so by /expect.")
    return found


def _made(call: Call) -> Brief:
    """The brief, with the liaison's whole number where that was asked for."""
    asked: BriefQuery = call.query
    if asked.reveal and not call.may(Scope.REVEAL):
        raise ApiProblem("not-allowed", "This token does not have the scope 'reveal'.")
    with call.store.reading() as tx:
        known(tx, call)
    return book(call).brief(call.path["arrival_id"], call.by, asked.reveal)


def _suggested(tx: Transaction, arrival: Arrival, call: Call) -> list[Suggestion]:
    town = gather(tx, call.now, call.parts.intake.policy, zone_named(call.parts.settings.time_zone))
    return suggest(arrival, plan(arrival, town), town, arrival_view.standing(tx.invitations_to(arrival.id)))


def _changed(before: Arrival, sent: ChangedArrival, region: str) -> Arrival:
    same = ("version", "name", "people", "area", "place", "contacts_per_day", "liaison", "note")
    new: dict[str, Any] = {name: told for name in same if (told := getattr(sent, name)) is not None}
    starts = sent.starts or before.starts
    length = timedelta(hours=sent.hours) if sent.hours else before.ends - before.starts
    if sent.languages is not None:
        new["languages"] = shares(sent.languages)
    if sent.shape is not None:
        new["shape"] = Shape(sent.shape)
    if sent.liaison_phone is not None:
        new["liaison_phone"] = read_number(sent.liaison_phone, region).e164 if sent.liaison_phone else ""
    return replace(before, starts=starts, ends=starts + length, **new)


_ONE = "/arrivals/{arrival_id}"
OPERATIONS = (
    Operation(
        "change_arrival",
        "PATCH",
        _ONE,
        Scope.ROSTER,
        change,
        PlannedOut,
        "Change an arrival",
        "Fields that are left out stay. 409 when somebody changed it since the version you read.",
        body=ChangedArrival,
        examples={"more people": {"version": 0, "people": 60}},
    ),
    Operation(
        "call_off_arrival",
        "POST",
        f"{_ONE}/call-off",
        Scope.ROSTER,
        call_off,
        PlannedOut,
        "Call an arrival off",
        "Interpreters who said yes are told, and free again. Doing so twice is harmless.",
    ),
    Operation(
        "expect_arrival_again",
        "POST",
        f"{_ONE}/expect",
        Scope.ROSTER,
        expect_again,
        PlannedOut,
        "Say that an arrival called off is expected after all",
        "Nothing else makes it so. Nobody is invited by this: who was told that it is off has to be asked anew. Doing "
        "so twice is harmless.",
    ),
    Operation(
        "suggest_interpreters",
        "GET",
        f"{_ONE}/suggestions",
        Scope.REPORTS,
        suggestions,
        SuggestionsOut,
        "See whom to invite",
        "Best first, with the reasons and the hours to ask them for; who was invited is left out.",
    ),
    Operation(
        "invite_interpreters",
        "POST",
        f"{_ONE}/invitations",
        Scope.ROSTER,
        invite,
        InvitationsOut,
        "Invite interpreters",
        "By text, outside their quiet hours. Who was invited before is not again (unless that invitation was taken "
        "back), so sending it twice is harmless.",
        body=InviteIn,
        examples={
            "for hours, and as suggested": {
                "interpreters": [
                    {
                        "code": "101",
                        "hours": [{"starts": "2026-12-04T12:00:00-05:00", "ends": "2026-12-04T18:00:00-05:00"}],
                    },
                    {"code": "103"},
                ]
            }
        },
    ),
    Operation(
        "list_invitations",
        "GET",
        f"{_ONE}/invitations",
        Scope.REPORTS,
        invitations,
        InvitationsOut,
        "List invitations to an arrival",
        "With what was answered.",
    ),
    Operation(
        "withdraw_invitation",
        "POST",
        f"{_ONE}/invitations/{{invitation_id}}/withdraw",
        Scope.ROSTER,
        withdraw,
        InvitationsOut,
        "Take an invitation back",
        "Who was asked or said yes is told. Doing so twice is harmless.",
    ),
    Operation(
        "read_brief",
        "GET",
        f"{_ONE}/brief",
        Scope.REPORTS,
        brief,
        BriefOut,
        "Read the brief for officers",
        "How to get an interpreter, what to say until one is there. `reveal` shows the liaison's whole number to "
        "tokens with that scope; each look is audited.",
        query=BriefQuery,
    ),
    Operation(
        "read_brief_pdf",
        "GET",
        f"{_ONE}/brief.pdf",
        Scope.REPORTS,
        brief_file,
        None,
        "Read the brief for officers as PDF",
        "One page, to be printed. `reveal` as with `/brief`.",
        query=BriefQuery,
        sends="application/pdf",
    ),
)
