"""What every page of the console works with: who is there, what they sent, and how an answer is drawn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request as HTTPRequest
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dispatch import languages, varieties
from dispatch.accounts import Account, ConsoleSession, May
from dispatch.agency_in_force import SettingsInForce
from dispatch.clock import Clock
from dispatch.console.watching import Watching
from dispatch.dispatching import Dispatching
from dispatch.people import Skill
from dispatch.reports import spell_seconds
from dispatch.settings import Settings
from dispatch.store import Store

_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"  # noqa: E501
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
}
NAVIGATION: tuple[tuple[str, str, May, str], ...] = (
    ("/console/", "Board", May.WATCH, "work"),
    ("/console/roster", "Roster", May.SEE_ROSTER, "work"),
    ("/console/shifts", "Shifts", May.SEE_ROSTER, "work"),
    ("/console/coverage", "Coverage", May.REPORTS, "work"),
    ("/console/arrivals", "Arrivals", May.REPORTS, "work"),
    ("/console/reports", "Reports", May.REPORTS, "work"),
    ("/console/tasks", "Quality", May.TASKS, "work"),
    ("/console/first-run", "Getting ready", May.SETTINGS, "more"),
    ("/console/prompts", "Prompts", May.PROMPTS, "more"),
    ("/console/audit", "Audit", May.AUDIT, "more"),
    ("/console/accounts", "Accounts", May.ACCOUNTS, "more"),
    ("/console/settings", "Settings", May.SETTINGS, "more"),
    ("/console/integrations", "Integrations", May.INTEGRATIONS, "more"),
)
"""The console's pages in their order: address, name, who may, and whether it is work of every shift ("work") or is kept
under "More" ("more")."""


@dataclass(frozen=True)
class Visitor:
    """Who is there."""

    name: str
    """What the audit log calls them."""
    may: frozenset[May]
    form_token: str
    """Every form they send has to carry it."""
    account: Account | None = None
    session: ConsoleSession | None = None


@dataclass(frozen=True)
class Visit:
    """One visitor asking for one thing."""

    request: HTTPRequest
    visitor: Visitor
    now: datetime
    form: FormData = field(default_factory=FormData)

    def text(self, name: str) -> str:
        """A field of the form, without blanks around it; "" when it was not sent."""
        sent = self.form.get(name)
        return sent.strip() if isinstance(sent, str) else ""

    def file(self, name: str) -> UploadFile | None:
        """A file of the form."""
        sent = self.form.get(name)
        return sent if isinstance(sent, UploadFile) and sent.filename else None

    def asked(self, name: str) -> str:
        """A value from the address."""
        return self.request.query_params.get(name, "").strip()

    @property
    def by_script(self) -> bool:
        """Whether the page's own script asks, which wants a part of a page."""
        return self.request.headers.get("x-requested-with") == "console"


Handler = Callable[[Visit], Response]


class Pages:
    """Draws templates."""

    def __init__(self, agency: Callable[[], str], more: Sequence[BaseLoader] = ()) -> None:
        """`agency` gives its name now; `more`: where else templates are, which can extend the console's own."""
        self._agency = agency
        loader = ChoiceLoader([PackageLoader("dispatch.console"), *more])
        self._templates = Environment(loader=loader, autoescape=select_autoescape(), undefined=StrictUndefined)
        self._templates.filters["seconds"] = spell_seconds
        self._templates.filters["spoken"] = spoken
        self._templates.filters["tag"] = languages.tag
        self._templates.globals |= {"time": shown_time, "token": hidden_token}

    def draw(self, name: str, visit: Visit, /, status: int = 200, **values: Any) -> Response:
        """A page, or a part of one, for that visitor."""
        may = visit.visitor.may
        here = visit.request.url.path
        pages = {
            kind: [
                (address, label, _is_at(here, address))
                for address, label, needed, group in NAVIGATION
                if needed in may and group == kind
            ]
            for kind in ("work", "more")
        }
        drawn = self._templates.get_template(name).render(
            agency=self._agency(),
            visitor=visit.visitor,
            may=may,
            May=May,
            pages=pages,
            here=here,
            **values,
        )
        return HTMLResponse(drawn, status_code=status, headers=HEADERS)

    def say(self, visit: Visit, title: str, words: str, status: int) -> Response:
        """A page that only says something."""
        return self.draw("message.html", visit, status=status, title=title, words=words)


@dataclass(frozen=True)
class Console:
    """What the pages are made from."""

    store: Store
    settings: Settings
    """As the environment says; for the agency's own see `in_force`."""
    clock: Clock
    intake: Dispatching
    queue_answers: Callable[[], bool]
    """Whether work can be handed to the workers."""
    pages: Pages
    in_force: SettingsInForce
    """The settings with what was said of the agency on the console."""
    watching: Watching


def _is_at(here: str, address: str) -> bool:
    """Whether a page belongs to that entry; a request's page is reached from the board."""
    if address == "/console/":
        return here == address or here.startswith("/console/requests")
    return here == address or here.startswith(address + "/")


def spoken(skill: Skill) -> str:
    """A language, its varieties, and how well it is spoken, like "Spanish 5" or "Zapotec (Juchitán) 4"."""
    return f"{varieties.spoken_as(skill.language, skill.varieties)} {skill.proficiency}"


def shown_time(at: datetime, day: bool = False) -> Markup:
    """A moment, in UTC; the page's script puts it into the reader's own time. With `day` the date too."""
    plain = f"{at:%Y-%m-%d %H:%M} UTC" if day else f"{at:%H:%M:%S} UTC"
    return Markup('<time datetime="{}" data-local="{}">{}</time>').format(
        at.isoformat(), "day" if day else "time", plain
    )


def hidden_token(visitor: Visitor) -> Markup:
    """What every form carries."""
    return Markup('<input type="hidden" name="form_token" value="{}">').format(visitor.form_token)


def back_to(address: str) -> Response:
    """After something was done: go there, so that reloading does not do it again."""
    return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})


def as_file(content: str | bytes, name: str, kind: str, extra: Mapping[str, str] | None = None) -> Response:
    """A download."""
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"', **(extra or {})}
    return Response(content, media_type=kind, headers=headers)
