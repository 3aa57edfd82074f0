"""Serves the API and the pages."""

from typing import Annotated

import typer

from nofumble.cli.options import current_settings
from nofumble.cli.output import say
from nofumble.cli.session import say_on_terminal
from nofumble.logging_setup import configure_logging


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: nofumble serve --port 8080")(serve)


def serve(
    host: Annotated[str | None, typer.Option("--host", help="In place of NOFUMBLE_WEB_HOST.")] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65_535, help="In place of NOFUMBLE_WEB_PORT.")
    ] = None,
) -> None:
    """Serve the API and the pages, until Ctrl-C or SIGTERM.

    The first start prints a link that opens once, for the first admin. Behind a proxy, set NOFUMBLE_WEB_URL to the
    address that people use; with https, cookies are only sent by TLS.
    """
    from nofumble.opening import open_ready
    from nofumble.web.serving import serve_until_stopped

    given = {name: value for name, value in (("web_host", host), ("web_port", port)) if value is not None}
    settings = current_settings().model_copy(update=given)
    configure_logging(level=settings.log_level, format_=settings.log_format)
    with open_ready(settings, progress=say_on_terminal) as database:
        serve_until_stopped(settings, database, say)
