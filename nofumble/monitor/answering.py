"""Who answers probes and Prometheus? A small HTTP server beside the work, when a port is set.

It reads what others have written down and asks nobody, so that it answers at once whatever the work is at.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import structlog

from agents.ports import Store
from config.settings import Settings
from nofumble.errors import WrongUse
from nofumble.monitor.metrics import exposition
from nofumble.monitor.sampling import Pulse, Watching

REQUEST_MAX_S = 5
"""How long one who has connected may take to say what he wants."""

TEXT = "text/plain; charset=utf-8"
log = structlog.get_logger()


@contextmanager
def answering(settings: Settings, pulse: Pulse, open_store: Callable[[], Store], *, has_relay: bool) -> Iterator[None]:
    """Answer on the port of the settings, if there is one, while the body runs.

    Raises:
        WrongUse: the port is taken, or the address is not one of this machine.
    """
    if settings.metrics_port is None:
        yield
        return
    watching = Watching(pulse, open_store)
    try:
        server = _Server((settings.metrics_host, settings.metrics_port), watching, has_relay=has_relay)
    except OSError as error:
        where = f"NOFUMBLE_METRICS_HOST={settings.metrics_host} and NOFUMBLE_METRICS_PORT={settings.metrics_port}"
        raise WrongUse(f"{where} cannot be had ({error.strerror}): take another port") from error
    thread = Thread(target=server.serve_forever, name="nofumble-answers", daemon=True)
    watching.start()
    thread.start()
    log.info("monitor.started", host=settings.metrics_host, port=settings.metrics_port)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        watching.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], watching: Watching, *, has_relay: bool) -> None:
        self.watching, self.has_relay = watching, has_relay
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of somebody who went away in the middle."""
        log.debug("monitor.asker_left", asker=str(client_address), request=repr(request))


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version, sys_version = "nofumble", ""
    timeout = REQUEST_MAX_S

    def do_GET(self) -> None:
        """Answer one of three pages."""
        watching = self.server.watching
        match self.path.partition("?")[0]:
            case "/healthz":
                self._say_whether(watching.why_not_alive(), "alive")
            case "/readyz":
                self._say_whether(watching.why_not_ready(), "ready")
            case "/metrics":
                accept = self.headers.get("Accept", "")
                self._answer(200, *exposition(watching, accept, has_relay=self.server.has_relay))
            case _:
                self._answer(404, b"there are /healthz, /readyz and /metrics\n", TEXT)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the signature is http.server's
        """Keep probes out of the log."""

    def _say_whether(self, why_not: str | None, what: str) -> None:
        said = what if why_not is None else f"not {what}: {why_not}"
        self._answer(200 if why_not is None else 503, f"{said}\n".encode(), TEXT)

    def _answer(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
