"""Before any test: are the packages ours? And how much time a property test may take."""

import os
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import Phase, settings

pytest_plugins = ["tests.broker", "tests.database"]

CHECKOUT = Path(__file__).resolve().parent.parent

# A slow machine is no failing test: no deadline per example. Under CI=true a failure prints how to reproduce it.
# No phase that explains: it runs the history that was found some thousand times more, under a tracer, for minutes.
PHASES = [phase for phase in Phase if phase is not Phase.explain]
settings.register_profile("default", deadline=None, phases=PHASES)
settings.register_profile("ci", deadline=None, phases=PHASES, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "default")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run ask why-not of all accounts and workflows of the made-up quarter, which takes minutes."""
    parser.addoption("--whole-quarter", action="store_true", help="ask why-not of every account and workflow")


def pytest_configure() -> None:
    """Stop with one sentence when one of our packages would come from somewhere else.

    A run in the background is started with some signals ignored, and would pass that on to the processes that tests
    signal.
    """
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)
    place = sys.path[0] if sys.path else ""
    try:
        from nofumble.guard import foreign_package
    except ImportError as error:
        raise pytest.UsageError(
            f"the package nofumble of {CHECKOUT} is not the one that Python finds ({error}; first searched: {place}): "
            "run the tests by `make test`"
        ) from error
    problem = foreign_package(CHECKOUT)
    if problem is not None:
        raise pytest.UsageError(problem)
