"""How long things are kept: as short as they are of use. Durations in days; each default says what it is needed for.

Not among them, because they stay: the audit log, which criminal-justice rules want for a year at least (CJIS Security
Policy, AU-11) and whose chain would break; requests with their times, languages, outcomes and offers, which reports are
made of. Of those requests the person's own words and places go with `request_details`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Keep:
    """Days that each kind of thing is kept."""

    inbox: int = 7
    """Ids of what the carrier has told us, by which a repeat is known. The carrier tries again for minutes, its own
    console for days."""
    outbox: int = 7
    """Effects that are done; what they said was removed at once. Word that a text failed comes within three days."""
    request_details: int = 30
    """Places, hints and dispatchers' notes of a request that has ended: complaints and questions come within weeks."""
    decisions: int = 90
    """Why each interpreter was or was not rung: the usual time to complain about being passed over is a quarter."""
    event_log: int = 180
    """What happened to each request, step by step, without words or numbers: half a year of questions and outages."""
    numbers: int = 180
    """Telephone numbers of community members, counted from the end of their last request. By it they are known again
    and greeted in their language; with the event log goes the last that could be looked up for them. The numbers of
    officers and interpreters are the roster's. A number stays with an open task or appointment, and where it keeps a
    promise: an interpreter kept apart from them, no more questions asked."""
    alerts: int = 30
    """Alerts that somebody has cleared."""
    appointments: int = 365
    """Past appointments: who was booked with whom, and when; invoices and contracts are looked through once a year. The
    place and the note are gone when the appointment is over; one that was never brought to its end takes them along."""
    answers: int = 365
    """How an interpreter answers, counted from their last offer: after six half-lives little is left."""
