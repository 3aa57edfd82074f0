"""How does what a page shows become HTML? By templates that escape everything, with what every page has."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agents.ports import Store
from nofumble.cli.inbox import facts_of
from nofumble.clock import DemoClock
from nofumble.web.context import Context
from nofumble.web.problems import TITLES, Problem
from nofumble.web.roles import Permission
from nofumble.web.views.reader import Reader, plain, role_in_words
from nofumble.web.views.tour import STEPS, Step
from nofumble.web.work import names_of

UNAUTHORIZED = 401
TEMPLATES = Path(__file__).with_name("templates")


DEMO = "/demo"
"""The one page that only a demo has."""


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the menu: where it leads, what it is called, and who may see it."""

    path: str
    words: str
    permission: Permission


NAVIGATION: tuple[tuple[str, tuple[Link, ...]], ...] = (
    (
        "",
        (
            Link("/inbox", "Inbox", "work.read"),
            Link("/accounts", "Customers", "account.read"),
            Link("/may-i", "May I?", "preflight.ask"),
            Link("/send", "Tell what happened", "event.send"),
        ),
    ),
    (
        "How we stand",
        (
            Link("/overview", "Overview", "report.read"),
            Link("/loops", "Loops", "report.read"),
            Link("/capacity", "Capacity", "work.read"),
            Link("/workflows", "Workflows", "workflow.read"),
            Link("/backtests", "Backtests", "backtest.run"),
        ),
    ),
    (
        "Behind it",
        (
            Link("/quarantine", "Quarantine", "quarantine.read"),
            Link("/audit", "Audit", "audit.read"),
            Link("/users", "Users", "user.manage"),
            Link("/tokens", "API tokens", "self"),
            Link("/erasures", "Erasures", "person.erase"),
            Link(DEMO, "The demo", "self"),
        ),
    ),
)
"""The menu; what somebody may not see is not in it."""


@dataclass(frozen=True, slots=True)
class Me:
    """Who is signed in, as the frame of a page shows her."""

    context: Context
    name: str
    roles: str
    csrf: str
    nav: tuple[tuple[str, tuple[Link, ...]], ...]
    demo: bool

    def may(self, permission: Permission) -> bool:
        """Tell whether she may do something: to draw a button, or not."""
        return self.context.may(permission)

    @property
    def tour(self) -> tuple[Step, ...]:
        """The walk through the made-up company, without what she may not look at; none where it is not made up."""
        return tuple(one for one in STEPS if self.demo and self.may(one.permission))


def draw(context: Context, template: str, *, here: str = "", status: int = 200, **said: Any) -> HTMLResponse:
    """Return a page; `here` is the entry of the menu that it belongs to, `said` what its template asks for."""
    common = {"me": me_of(context), "reader": said.pop("reader", None) or reader_of(context), "here": here}
    return HTMLResponse(environment().get_template(template).render(common | said), status)


def draw_problem(problem: Problem) -> Response:
    """Return the page of a refusal; who is not signed in is shown where one does."""
    if problem.status == UNAUTHORIZED:
        return RedirectResponse("/sign-in", 303)
    title = TITLES.get(problem.status, "refused")
    said = {"status": problem.status, "title": title, "rule": problem.rule, "remedy": problem.remedy}
    text = environment().get_template("problem.html").render(said | {"me": None, "here": ""})
    return HTMLResponse(text, problem.status, headers=problem.headers)


def reader_of(context: Context, contacts: Mapping[str, str] | None = None) -> Reader:
    """Return who reads; who is not signed in reads as somebody whom nobody knows."""
    if context.known is None:
        return Reader("", context.directory, context.now, {}, sees_no_addresses=True, acts_for=frozenset())
    person, view = context.person, context.session.view
    acts_for: frozenset[str] | None = frozenset()
    if "work.act" in view.may:
        acts_for = None if "work.reassign" in view.may else frozenset(names_of(context.directory, person))
    return Reader(person, context.directory, context.now, contacts or {}, "contact" in view.hides, acts_for)


def me_of(context: Context) -> Me | None:
    """Return who is signed in; None when nobody is."""
    if context.known is None:
        return None
    is_demo = isinstance(context.shared.clock, DemoClock)
    nav = (
        (section, tuple(one for one in links if context.may(one.permission) and (is_demo or one.path != DEMO)))
        for section, links in NAVIGATION
    )
    return Me(
        context,
        reader_of(context).name(context.person),
        ", ".join(role_in_words(role) for role in sorted(context.session.roles)),
        context.session.csrf,
        tuple((section, links) for section, links in nav if links),
        is_demo,
    )


def name_of(store: Store, account_id: str) -> str:
    """Return the name of an account, or its id where it has none."""
    return str(facts_of(store.account(account_id)).get("name") or account_id)


@cache
def environment() -> Environment:
    """Return the templates: escaped by default, and strict about names that nobody gave."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["plain"] = plain
    made.filters["role"] = role_in_words
    return made
