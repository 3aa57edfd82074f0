"""Everything on this machine: the database, the agents, the pages, and a made-up company if there is none."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Annotated

import typer

from nofumble.cli.options import current_settings
from nofumble.cli.output import say
from nofumble.logging_setup import configure_logging


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: nofumble up")(up)


def up(
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65_535, help="In place of NOFUMBLE_WEB_PORT.")
    ] = None,
) -> None:
    """Run everything on this machine, until Ctrl-C: embedded database, agents, API and pages.

    An empty store is filled with a made-up company, whose clock an admin may move. The first start prints a link that
    opens once, for the first admin. Ctrl-C leaves nothing running.
    """
    from nofumble.at_work import agents_beside
    from nofumble.clock import SystemClock
    from nofumble.demo.company import open_company
    from nofumble.opening import open_ready
    from nofumble.signals import ended_by_signals
    from nofumble.store.web_store import WebStore
    from nofumble.web.serving import serve_until_stopped
    from nofumble.wiring import load_directory

    settings = current_settings()
    settings = settings if port is None else settings.model_copy(update={"web_port": port})
    configure_logging(level=settings.log_level, format_=settings.log_format)
    with ended_by_signals(), open_ready(settings, progress=say) as database:
        organisation, store = load_directory(settings.organisation), WebStore(database)
        clock = open_company(store, organisation, settings.home, SystemClock(), say)

        def beside(end: Callable[[], None]) -> AbstractContextManager[None]:
            return agents_beside(store, organisation, clock, end)

        serve_until_stopped(settings, database, say, clock=clock, beside=beside)
